"""The embedded engine: tantivy for words and facets, our exact store for vectors; no server.

One writer (a file lock), readers in every process. A write appends its vectors, then commits the documents that refer to them: what a
commit has acknowledged is found after a kill -9, what it has not is not there at all. Readers look at two small files before each search
and move on when a commit or a rebuild has changed them.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tantivy
from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.errors import IndexDamagedError, IndexMismatchError
from search.ports import Counts, Scope, TextQuery
from search.stores.embedded.documents import (
    NO_ROW,
    asset_document,
    build_schema,
    engine_name,
    read_record,
    record_document,
    scope_query,
    text_query,
)
from search.stores.embedded.folder import Generation, IndexFolder, read_generation
from search.stores.embedded.vector_file import VectorStore
from search.types import Record

WRITER_MEMORY_BYTES = 64_000_000
MAX_ROWS_BY_SCOPE = 20_000
"""Scopes up to this many records are scored row by row; larger ones by a pass over every row."""

MAX_VALUES = 20_000
MAX_CACHED_RECORDS = 5_000


class EmbeddedIndexer:
    """See the module. ``model_id`` and ``num_dims`` describe the vectors (empty and 0 for none)."""

    engine_name = engine_name()

    def __init__(self, directory: Path, model_id: str, num_dims: int, *, lock_timeout_s: float = 60.0) -> None:
        """Open the index in a directory, making it when it is not there.

        Raises:
            IndexMismatchError: something else made it.
            IndexDamagedError: it cannot be read.
        """
        self._prepare(IndexFolder(directory, lock_timeout_s), Generation(self.engine_name, model_id, num_dims))
        if self.folder.current() is None:
            with self.folder.writing():
                if self.folder.current() is None:
                    self.folder.use(self.folder.new(self.wanted))
        found = read_generation(self._current_folder())
        if found != self.wanted:
            raise IndexMismatchError(f"The index in {directory} was made by {found}; this installation needs {self.wanted}.")
        self._open()

    def _prepare(self, folder: IndexFolder, wanted: Generation) -> None:
        self.folder, self.wanted = folder, wanted
        self._lock = threading.RLock()
        self._opened: _OpenIndex | None = None

    @property
    def generation(self) -> Generation:
        """What made the index that is in use now: a rebuild in another process may have changed it."""
        return self._open().generation

    @property
    def version(self) -> str:
        return self._open().version

    # --- writing

    def replace(self, asset_id: str, revision: int, records: Sequence[Record], vectors: Mapping[str, np.ndarray]) -> None:
        with self._writing() as (opened, writer):
            needed = {record.embedding_text for record in records if record.embedding_text in vectors}
            rows = opened.vectors.add({text: vectors[text] for text in needed}) if opened.vectors else {}
            writer.delete_documents_by_term("f_asset", asset_id)
            for record in records:
                writer.add_document(record_document(record, rows.get(record.embedding_text, NO_ROW)))
            writer.add_document(asset_document(asset_id, revision, len(records)))

    def remove(self, asset_id: str) -> bool:
        with self.folder.writing():
            if asset_id not in self.contents():
                return False
            with self._writing() as (_, writer):
                writer.delete_documents_by_term("f_asset", asset_id)
            return True

    def clear(self) -> None:
        with self.folder.writing():
            with self._writing() as (_, writer):
                writer.delete_all_documents()
            if (vectors := self._open().vectors) is not None:
                vectors.erase()

    @contextmanager
    def _writing(self) -> Iterator[tuple[_OpenIndex, Any]]:
        """Hold the lock, change, commit. Merges are waited for: a writer lives for one commit, and merging must not be cut short."""
        with self.folder.writing():
            opened = self._open()
            if opened.generation != self.wanted:
                raise IndexMismatchError(
                    f"The index in {self.folder.directory} was rebuilt by {opened.generation}; this process works with {self.wanted}.",
                    remedy="Restart this process.",
                )
            writer = opened.index.writer(heap_size=WRITER_MEMORY_BYTES, num_threads=1)
            try:
                yield opened, writer
                writer.commit()
            except BaseException:
                writer.rollback()
                raise
            finally:
                writer.wait_merging_threads()

    # --- reading

    def contents(self) -> dict[str, tuple[int, int]]:
        searcher, schema = self._open().searcher, self._open().schema
        found = searcher.search(tantivy.Query.term_query(schema, "kind", "asset"), max(1, searcher.num_docs))
        notes = sorted(json.loads(searcher.doc(address).get_first("body")) for _, address in found.hits)
        return {asset_id: (revision, num_records) for asset_id, revision, num_records in notes}

    def known_vectors(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        vectors = self._open().vectors
        return vectors.vectors(texts) if vectors is not None else {}

    def find_words(self, query: TextQuery, scope: Scope, limit: int) -> list[tuple[str, float]]:
        opened = self._open()
        parts = text_query(opened.schema, query)
        order = {} if parts else {"order_by_field": "id", "order": tantivy.Order.Asc}
        found = opened.searcher.search(scope_query(opened.schema, scope, *parts), limit, count=False, **order)
        scored = [(opened.read(address), float(score) if parts else 0.0) for score, address in found.hits]
        return sorted(scored, key=lambda item: (-round(item[1], 4), item[0]))

    def find_nearest(self, vector: np.ndarray, scope: Scope, limit: int) -> list[tuple[str, float]]:
        opened = self._open()
        if opened.vectors is None:
            return []
        in_scope = scope_query(opened.schema, scope)
        num_in_scope = opened.searcher.search(in_scope, 1).count
        if num_in_scope <= MAX_ROWS_BY_SCOPE:
            return opened.nearest_of(in_scope, num_in_scope, vector, limit)
        scores = opened.vectors.scores(vector)
        num_rows = min(4 * limit, len(scores))
        while True:
            # the best rows, alive and in scope or not; more of them until enough are
            rows = np.argpartition(-scores, num_rows - 1)[:num_rows]
            live = tantivy.Query.term_set_query(opened.schema, "row", [int(row) for row in rows])
            found = opened.nearest_of(scope_query(opened.schema, scope, live), 4 * num_rows, vector, limit)
            if len(found) >= limit or num_rows == len(scores):
                return found
            num_rows = min(8 * num_rows, len(scores))

    def count(self, query: TextQuery, scope: Scope, facets: Sequence[str]) -> Counts:
        opened = self._open()
        wanted = scope_query(opened.schema, scope, *text_query(opened.schema, query))
        scenes = {"n": {"cardinality": {"field": "scene"}}}
        parts = {f: {"terms": {"field": f"f_{f}", "size": MAX_VALUES}, "aggs": scenes} for f in facets}
        found = opened.searcher.aggregate(wanted, {**parts, **scenes})
        counted = {f: {str(b["key"]): round(b["n"]["value"]) for b in found[f]["buckets"]} for f in facets}
        return Counts(round(found["n"]["value"]), counted)

    def records(self, ids: Sequence[str]) -> dict[str, Record]:
        opened = self._open()
        missing = sorted(set(ids) - opened.cached.keys())
        if missing:
            found = opened.searcher.search(tantivy.Query.term_set_query(opened.schema, "id", missing), len(missing), count=False)
            for _, address in found.hits:
                opened.read(address)
        return {key: opened.record(key) for key in ids if key in opened.cached}

    def values(self, facet: str) -> dict[str, int]:
        opened = self._open()
        merged: dict[str, int] = {}
        for kind in ("scene", "event"):
            only = tantivy.Query.term_query(opened.schema, "kind", kind)
            found = opened.searcher.aggregate(only, {"v": {"terms": {"field": f"f_{facet}", "size": MAX_VALUES}}})
            merged |= {str(bucket["key"]): int(bucket["doc_count"]) for bucket in found["v"]["buckets"]}
        return dict(sorted(merged.items(), key=lambda item: (-item[1], item[0])))

    def num_records(self) -> int:
        opened = self._open()
        return int(opened.searcher.search(scope_query(opened.schema, Scope()), 1).count)

    def frequency(self, token: str) -> int:
        opened = self._open()
        either = [(tantivy.Occur.Should, tantivy.Query.term_query(opened.schema, bag, token)) for bag in ("own", "context")]
        return int(opened.searcher.search(tantivy.Query.boolean_query(either), 1).count)

    def near_tokens(self, token: str, max_distance: int, limit: int) -> list[str]:
        vocabulary = self._open().vocabulary()
        near = process.extract(token, vocabulary.keys(), scorer=OSA.distance, score_cutoff=max_distance, limit=None)
        ordered = sorted((distance, -vocabulary[known], known) for known, distance, _ in near if distance > 0)
        return [known for _, _, known in ordered if self.frequency(known)][:limit]

    def close(self) -> None:
        with self._lock:
            self._opened = None

    # --- what is open

    def _current_folder(self) -> Path:
        folder = self.folder.current()
        if folder is None:
            raise IndexDamagedError(f"The index in {self.folder.directory} was deleted while in use.", remedy="Restart this process.")
        return folder

    def _open(self) -> _OpenIndex:
        """The index as it is now: opened again after a rebuild, a new searcher after a commit."""
        with self._lock:
            folder = self._current_folder()
            if self._opened is None or self._opened.folder != folder:
                self._opened = _OpenIndex.of(folder)
            elif self._opened.state != _state(folder):
                self._opened = self._opened.reloaded()
            return self._opened


def _state(folder: Path) -> tuple[int, int]:
    found = (folder / "text" / "meta.json").stat()
    return found.st_ino, found.st_mtime_ns


class _OpenIndex:
    """A generation's folder, opened, as of one commit. Never changed but for its caches."""

    def __init__(self, folder: Path, generation: Generation, index: Any, vectors: VectorStore | None, state: tuple[int, int]) -> None:
        self.folder, self.generation, self.index, self.vectors, self.state = folder, generation, index, vectors, state
        self.schema = index.schema
        self.searcher = index.searcher()
        self.version = f"{folder.name}:{state[0]}:{state[1]}"
        self.cached: dict[str, bytes | Record] = {}
        self._vocabulary: dict[str, int] | None = None

    @classmethod
    def of(cls, folder: Path) -> _OpenIndex:
        generation = read_generation(folder)
        text = folder / "text"
        try:
            # state first: a commit in between is then seen as a change, and read again
            index = tantivy.Index.open(str(text)) if (text / "meta.json").exists() else tantivy.Index(build_schema(), path=str(text))
            state = _state(folder)
            index.config_reader(reload_policy="manual")  # we look ourselves; a watching thread would not survive a fork
            index.reload()
        except (ValueError, OSError) as error:
            raise IndexDamagedError(f"The text index in {text} cannot be read: {error}.") from error
        vectors = VectorStore(folder / "vectors.dat", generation.num_dims) if generation.num_dims else None
        return cls(folder, generation, index, vectors, state)

    def reloaded(self) -> _OpenIndex:
        state = _state(self.folder)
        self.index.reload()
        return _OpenIndex(self.folder, self.generation, self.index, self.vectors, state)

    def read(self, address: Any) -> str:
        """Read a document's body into the cache; returns the record's id."""
        document = self.searcher.doc(address)
        key = str(document.get_first("id"))
        if key not in self.cached:
            if len(self.cached) >= MAX_CACHED_RECORDS:
                self.cached = {}
            self.cached[key] = document.get_first("body")
        return key

    def record(self, key: str) -> Record:
        found = self.cached[key]
        if not isinstance(found, Record):
            found = self.cached[key] = read_record(found)
        return found

    def nearest_of(self, query: Any, max_num: int, vector: np.ndarray, limit: int) -> list[tuple[str, float]]:
        """The records that a tantivy query finds, nearest first."""
        assert self.vectors is not None
        addresses = [address for _, address in self.searcher.search(query, max(1, max_num), count=False).hits]
        rows = np.array(self.searcher.fast_field_values("row", addresses), np.int64)
        having = np.flatnonzero(rows < NO_ROW)
        scores = self.vectors.scores(vector, rows[having])
        best = np.argsort(-scores, kind="stable")[:limit]
        found = [(self.read(addresses[having[place]]), float(scores[place])) for place in best]
        return sorted(found, key=lambda item: (-round(item[1], 5), item[0]))

    def vocabulary(self) -> dict[str, int]:
        """Every token of the own and context text, with its number of records."""
        if self._vocabulary is None:
            known: dict[str, int] = {}
            for bag in ("own", "context"):
                for token, count in self.searcher.terms_with_prefix(bag, ""):
                    known[token] = max(count, known.get(token, 0))
            self._vocabulary = known
        return self._vocabulary
