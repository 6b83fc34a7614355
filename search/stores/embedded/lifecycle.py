"""Opening, building beside, switching and erasing an embedded index."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from search.errors import SearchIndexError
from search.options import EmbeddedIndexOptions
from search.ports import SearchIndex
from search.stores.embedded.damage import honest
from search.stores.embedded.folder import Generation, IndexFolder, read_generation
from search.stores.embedded.index import EmbeddedIndex, generation_for
from search.stores.embedded.records import EmbeddedRecordStore
from search.stores.embedded.vector_file import VectorFile
from search.stores.embedded.vectors import EmbeddedVectorStore
from search.stores.embedded.words import EmbeddedWordStore


class EmbeddedLifecycle:
    """See :class:`search.ports.IndexLifecycle`."""

    def __init__(self, options: EmbeddedIndexOptions, model_id: str = "", num_dims: int = 0) -> None:
        """Touch nothing yet.

        Args:
            options: where the index is.
            model_id: the embedding model; empty for an index without vectors.
            num_dims: length of its vectors.
        """
        self.options = options
        self.wanted = generation_for(model_id, num_dims)

    def open(self) -> SearchIndex:
        """See :class:`search.ports.IndexLifecycle`."""
        return _stores_of(honest(EmbeddedIndex)(self._folder(), self.wanted))

    @contextmanager
    def building(self, settle: Callable[[SearchIndex], None]) -> Iterator[SearchIndex]:
        """See :class:`search.ports.IndexLifecycle`; the write lock is held for each write, and while it is settled and swapped in."""
        folder = self._folder()
        with folder.building():
            target = folder.new(self.wanted)
            try:
                stores = _stores_of(EmbeddedIndex(folder, self.wanted, target=target, old_vectors=_old_vectors(folder, self.wanted)))
                yield stores
                with folder.writing():
                    settle(stores)
                    folder.use(target)
            except BaseException:
                shutil.rmtree(target, ignore_errors=True)
                raise

    def erase(self) -> None:
        """See :class:`search.ports.IndexLifecycle`."""
        if self.options.folder.exists():
            shutil.rmtree(self.options.folder)

    def _folder(self) -> IndexFolder:
        return IndexFolder(self.options.folder, self.options.lock_timeout_s)


def _stores_of(index: EmbeddedIndex) -> SearchIndex:
    return SearchIndex(EmbeddedWordStore(index), EmbeddedVectorStore(index), EmbeddedRecordStore(index))


def _old_vectors(folder: IndexFolder, wanted: Generation) -> VectorFile | None:
    """The vectors of the index in use, if they can serve; whatever is wrong with them, a rebuild does without."""
    try:
        current = folder.current()
        if current is None or not wanted.num_dims or read_generation(current).model_id != wanted.model_id:
            return None
        return VectorFile(current / "vectors.dat", wanted.num_dims)
    except SearchIndexError:
        return None
