"""The folder that the embedded stores share: tantivy for words, facets and bodies, our own file for vectors; no server.

One writer (a file lock), readers in every process. A write appends its vectors, then commits the documents that refer to them: what a
commit has acknowledged is found after a kill -9, what it has not is not there at all. Readers look at two small files before each search
and move on when a commit or a rebuild has changed them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tantivy

from search.errors import IndexDamagedError, IndexMismatchError
from search.ports import Holding
from search.stores.embedded.damage import damaged_files, file_stamp, honest
from search.stores.embedded.folder import Generation, IndexFolder, read_generation
from search.stores.embedded.opened import OpenIndex, commit_state
from search.stores.embedded.schema import NO_ROW, asset_document, library_name, scoped_document
from search.stores.embedded.vector_file import VectorFile
from search.types import Record

WRITER_MEMORY_BYTES = 64_000_000
"""Tantivy's buffer: what is larger than this is written as several segments (its least is 15 MB)."""


class Changes:
    """What one commit will change. Stores that share the folder add their parts to the same documents."""

    def __init__(self, opened: OpenIndex) -> None:
        """Nothing yet, on top of what is open."""
        self.opened = opened
        self.removed: dict[str, None] = {}
        self.written: dict[str, tuple[int, list[str], list[Any]]] = {}

    def documents(self, asset_id: str, revision: int, records: Sequence[Record]) -> list[Any]:
        """The documents that will stand in the place of all the asset's, one per record and in their order.

        Every store that replaces the same records in one commit gets the same documents.
        """
        ids = [record.id for record in records]
        written = self.written.get(asset_id)
        if written is None or written[:2] != (revision, ids):
            written = self.written[asset_id] = (revision, ids, [scoped_document(record) for record in records])
        return written[2]

    def remove(self, asset_id: str) -> bool:
        """Forget an asset; false if it is not there."""
        is_written = self.written.pop(asset_id, None) is not None
        is_held = asset_id in self.opened.contents()
        if is_held:
            self.removed[asset_id] = None
        return is_written or is_held

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to commit."""
        return not (self.removed or self.written)

    def write(self, writer: Any) -> None:
        """Tell tantivy."""
        for asset_id in (*self.removed, *self.written):
            writer.delete_documents_by_term("f_asset", asset_id)
        for asset_id, (revision, _, documents) in self.written.items():
            for document in documents:
                writer.add_document(document)
            writer.add_document(asset_document(asset_id, revision, len(documents)))


class EmbeddedIndex:
    """See the module. The stores (:mod:`.words`, :mod:`.vectors`, :mod:`.records`) are views of it."""

    def __init__(
        self, folder: IndexFolder, wanted: Generation, *, target: Path | None = None, old_vectors: VectorFile | None = None
    ) -> None:
        """Open the index in a directory.

        Args:
            folder: the directory.
            wanted: what must have made the index.
            target: a folder of the directory that is not in use yet, to be filled; default: the one in use, made when there is none.
            old_vectors: vectors of the index that this one will replace.

        Raises:
            IndexMismatchError: something else made it.
            IndexDamagedError: it cannot be read.
        """
        self.folder, self.wanted, self.old_vectors = folder, wanted, old_vectors
        self._target = target
        self._lock = threading.RLock()
        self._opened: OpenIndex | None = None
        self._changes: Changes | None = None
        self._sound: dict[Path, tuple[int, int]] = {}
        if target is None and folder.current() is None:
            with folder.writing():
                if folder.current() is None:
                    folder.use(folder.new(wanted))
        made_by = read_generation(self._current_folder())
        if made_by != wanted:
            raise IndexMismatchError(f"The index in {folder.directory} was made by {made_by}; this installation needs {wanted}.")
        self.opened()

    @honest
    def opened(self) -> OpenIndex:
        """The index as it is now: opened again after a rebuild, with a new searcher after a commit.

        Raises:
            IndexDamagedError: it was deleted, or cannot be read.
        """
        with self._lock:
            folder = self._current_folder()
            if self._opened is None or self._opened.folder != folder:
                self._opened = OpenIndex.of(folder)
            elif self._opened.state != commit_state(folder):
                self._opened = self._opened.reloaded()
            return self._opened

    @honest
    def contents(self) -> dict[str, Holding]:
        """Asset id → what is held of it, asset ids in order."""
        return self.opened().contents()

    def damage(self, *, only_changed: bool) -> tuple[str, ...]:
        """What on disk is not as it was written; with ``only_changed``, files that were sound at an earlier look are not read again."""
        folder = self._current_folder()
        if not only_changed:
            self._sound.clear()
        try:
            read_generation(folder)
            damaged = [f"{file} is damaged." for file in damaged_files(folder / "text", self._sound)]
            return tuple(damaged or self._vector_damage(folder / "vectors.dat"))
        except IndexDamagedError as error:
            return (str(error),)

    @honest
    def _vector_damage(self, vectors: Path) -> list[str]:
        if not self.wanted.num_dims or (vectors.exists() and self._sound.get(vectors) == file_stamp(vectors)):
            return []
        file, opened = VectorFile(vectors, self.wanted.num_dims), self.opened()
        beyond = {"range": {"field": "row", "ranges": [{"from": len(file.rows()), "to": NO_ROW}]}}
        counted = opened.searcher.aggregate(tantivy.Query.all_query(), {"beyond": beyond})["beyond"]["buckets"]
        num_missing = sum(bucket["doc_count"] for bucket in counted if bucket.get("to") == NO_ROW)
        if num_damaged := file.num_unsound() + num_missing:
            return [f"{num_damaged} vectors of {vectors} are damaged or missing."]
        self._sound[vectors] = file_stamp(vectors)
        return []

    @contextmanager
    def writing(self) -> Iterator[Changes]:
        """Hold the lock, collect changes, commit them at the end of the outermost block.

        Merges are waited for: a writer lives for one commit, and merging must not be cut short.

        Raises:
            IndexLockedError: somebody else kept the lock for longer than the timeout.
            IndexMismatchError: another process rebuilt the index with another model or release.
        """
        with self.folder.writing():
            if self._changes is not None:
                yield self._changes
                return
            opened = self.opened()
            if opened.generation != self.wanted:
                raise IndexMismatchError(
                    f"The index in {self.folder.directory} was rebuilt by {opened.generation}; this process works with {self.wanted}.",
                    remedy="Restart this process.",
                )
            self._changes = changes = Changes(opened)
            try:
                yield changes
                _commit(changes)
            finally:
                self._changes = None

    def close(self) -> None:
        """Let go of the files; a later call opens them again."""
        with self._lock:
            self._opened = None

    def _current_folder(self) -> Path:
        folder = self._target or self.folder.current()
        if folder is None:
            raise IndexDamagedError(f"The index in {self.folder.directory} was deleted while in use.", remedy="Restart this process.")
        return folder


@honest
def _commit(changes: Changes) -> None:
    if changes.is_empty:
        return
    writer = changes.opened.index.writer(heap_size=WRITER_MEMORY_BYTES, num_threads=1)
    try:
        changes.write(writer)
        writer.commit()
    except BaseException:
        writer.rollback()
        raise
    finally:
        writer.wait_merging_threads()


class EmbeddedStore:
    """What the embedded stores have in common: the index that they are views of."""

    def __init__(self, index: EmbeddedIndex) -> None:
        """A view of ``index``; stores that share one are written in one commit."""
        self.index = index

    @property
    def generation(self) -> str:
        """See :class:`search.ports.Store`."""
        return str(self.index.wanted)

    @property
    def version(self) -> str:
        """See :class:`search.ports.Store`."""
        return self.index.opened().version

    def writing(self) -> Any:
        """See :meth:`EmbeddedIndex.writing`."""
        return self.index.writing()

    def remove(self, asset_id: str) -> bool:
        """See :class:`search.ports.Store`."""
        with self.index.writing() as changes:
            return changes.remove(asset_id)

    def contents(self) -> dict[str, Holding]:
        """See :class:`search.ports.Store`."""
        return self.index.contents()

    def damage(self, *, only_changed: bool = False) -> tuple[str, ...]:
        """See :class:`search.ports.Store`."""
        return self.index.damage(only_changed=only_changed)

    def close(self) -> None:
        """See :class:`search.ports.Store`."""
        self.index.close()


def generation_for(model_id: str, num_dims: int) -> Generation:
    """What this release makes with vectors of a model (empty and 0 for none)."""
    return Generation(library_name(), model_id, num_dims)
