"""Building a new embedded index beside the one in use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from search.errors import SearchIndexError
from search.stores.embedded.folder import Generation, IndexFolder, read_generation
from search.stores.embedded.index import EmbeddedIndexer
from search.stores.embedded.vector_file import VectorStore


class RebuildingIndexer(EmbeddedIndexer):
    """An embedded indexer on a folder that is not in use yet; knows the old folder's vectors if they are of the same model."""

    def __init__(self, folder: IndexFolder, target: Path, wanted: Generation, old_vectors: VectorStore | None) -> None:
        self._target, self._old_vectors = target, old_vectors
        self._prepare(folder, wanted)

    def _current_folder(self) -> Path:
        return self._target

    def known_vectors(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        known = super().known_vectors(texts)
        if self._old_vectors is not None:
            known = {**self._old_vectors.vectors([text for text in texts if text not in known]), **known}
        return known

    @classmethod
    @contextmanager
    def beside(cls, directory: Path, model_id: str, num_dims: int, lock_timeout_s: float) -> Iterator[RebuildingIndexer]:
        """Hold the write lock, give an empty index, and put it in use when the block ends well."""
        folder = IndexFolder(directory, lock_timeout_s)
        wanted = Generation(cls.engine_name, model_id, num_dims)
        with folder.writing():
            indexer = cls(folder, folder.new(wanted), wanted, _old_vectors(folder, wanted))
            try:
                yield indexer
            except BaseException:
                if folder.current() is not None:
                    folder.sweep()
                raise
            folder.use(indexer._target)


def _old_vectors(folder: IndexFolder, wanted: Generation) -> VectorStore | None:
    """The vectors of the index in use, if they can serve; whatever is wrong with them, a rebuild does without."""
    try:
        current = folder.current()
        if current is None or not wanted.num_dims or read_generation(current).model_id != wanted.model_id:
            return None
        return VectorStore(current / "vectors.dat", wanted.num_dims)
    except SearchIndexError:
        return None
