"""A generation's folder, opened, as of one commit."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tantivy

from search.errors import IndexDamagedError
from search.fields import BAGS
from search.ports import Holding, Match
from search.stores.embedded.folder import Generation, read_generation
from search.stores.embedded.schema import NO_ROW, build_schema, read_record
from search.stores.embedded.vector_file import VectorFile
from search.types import Record

MAX_CACHED_RECORDS = 5_000


def commit_state(folder: Path) -> tuple[int, int]:
    """What changes with every commit in a folder: inode and time of change of tantivy's list of segments."""
    listing = (folder / "text" / "meta.json").stat()
    return listing.st_ino, listing.st_mtime_ns


def _stand_in_for(text: Path) -> tempfile.TemporaryDirectory[str]:
    """A folder with links to the files of one that cannot be written: tantivy takes a lock there, even to read."""
    stand_in = tempfile.TemporaryDirectory(prefix="omniscript-index-")
    for file in text.iterdir():
        if not file.name.endswith(".lock"):
            (Path(stand_in.name) / file.name).symlink_to(file.resolve())
    return stand_in


class OpenIndex:
    """What one commit holds. Never changed but for its caches."""

    def __init__(
        self,
        folder: Path,
        generation: Generation,
        index: Any,
        vectors: VectorFile | None,
        state: tuple[int, int],
        stand_in: tempfile.TemporaryDirectory[str] | None = None,
    ) -> None:
        """See :meth:`of`; ``state`` is the commit's, as :func:`commit_state` gives it."""
        self._stand_in = stand_in  # goes with us
        self.folder, self.generation, self.index, self.vectors, self.state = folder, generation, index, vectors, state
        self.schema = index.schema
        self.searcher = index.searcher()
        self.version = f"{folder.name}:{state[0]}:{state[1]}"
        self.cached: dict[str, bytes | Record] = {}
        self.num_records: dict[tuple[frozenset[str] | None, frozenset[str]], int] = {}
        self._contents: dict[str, Holding] | None = None
        self._vocabulary: dict[str, int] | None = None

    @classmethod
    def of(cls, folder: Path) -> OpenIndex:
        """Open a folder.

        Raises:
            IndexDamagedError: it cannot be read.
            IndexMismatchError: its vectors are of another length or file format.
        """
        generation = read_generation(folder)
        text, stand_in = folder / "text", None
        try:
            if not os.access(text, os.W_OK):
                stand_in = _stand_in_for(text)
                text = Path(stand_in.name)
            # state first: a commit in between is then seen as a change, and read again
            index = tantivy.Index.open(str(text)) if (text / "meta.json").exists() else tantivy.Index(build_schema(), path=str(text))
            state = commit_state(folder)
            index.config_reader(reload_policy="manual")  # we look ourselves; a watching thread would not survive a fork
            index.reload()
        except (ValueError, OSError) as error:
            raise IndexDamagedError(f"The text index in {text} cannot be read: {error}.") from error
        vectors = VectorFile(folder / "vectors.dat", generation.num_dims) if generation.num_dims else None
        return cls(folder, generation, index, vectors, state, stand_in)

    def reloaded(self) -> OpenIndex:
        """The same folder as of its latest commit."""
        if self._stand_in is not None:
            return OpenIndex.of(self.folder)
        state = commit_state(self.folder)
        self.index.reload()
        return OpenIndex(self.folder, self.generation, self.index, self.vectors, state)

    def contents(self) -> dict[str, Holding]:
        """Asset id → what is held of it, asset ids in order."""
        if self._contents is None:
            notes_query = tantivy.Query.term_query(self.schema, "kind", "asset")
            hits = self.searcher.search(notes_query, max(1, self.searcher.num_docs), count=False).hits
            notes = sorted(json.loads(self.searcher.doc(address).get_first("body")) for _, address in hits)
            self._contents = {asset_id: Holding(revision, num_records) for asset_id, revision, num_records in notes}
        return dict(self._contents)

    def read(self, address: Any) -> str:
        """Read a document, its body into the cache; returns the record's id."""
        return self._keep(self.searcher.doc(address))

    def _keep(self, document: Any) -> str:
        key = str(document.get_first("id"))
        if key not in self.cached and (body := document.get_first("body")) is not None:
            if len(self.cached) >= MAX_CACHED_RECORDS:
                self.cached = {}
            self.cached[key] = body
        return key

    def match(self, address: Any, score: float) -> Match:
        """A document as a match, its body read into the cache."""
        document = self.searcher.doc(address)
        return Match(self._keep(document), score, str(document.get_first("scene")))

    def parts(self, address: Any) -> tuple[str, bytes] | None:
        """Id and packed parts of a scene's document; ``None`` if none of its records has a vector."""
        document = self.searcher.doc(address)
        packed = document.get_first("parts")
        return (self._keep(document), bytes(packed)) if packed is not None else None

    def remembered(self, key: str) -> Record | None:
        """A record whose body is in the cache; ``None`` if it is not, or not any more."""
        cached = self.cached
        body = cached.get(key)
        if body is not None and not isinstance(body, Record):
            body = cached[key] = read_record(body)
        return body

    def whole(self, address: Any) -> Record:
        """The record of a document."""
        key = self.read(address)
        return self.remembered(key) or read_record(self.searcher.doc(address).get_first("body"))

    def rows_of(self, query: Any, max_num: int) -> tuple[list[Any], np.ndarray]:
        """Addresses and vector rows of the records with a vector that a tantivy query finds (at most ``max_num``)."""
        addresses = [address for _, address in self.searcher.search(query, max(1, max_num), count=False).hits]
        rows = np.array(self.searcher.fast_field_values("row", addresses), np.int64)
        having = np.flatnonzero(rows < NO_ROW)
        return [addresses[place] for place in having], rows[having]

    def nearest(self, addresses: Sequence[Any], scores: np.ndarray, limit: int, *, per_scene: bool) -> list[Match]:
        """The nearest of some records, or of each of their scenes the nearest.

        Args:
            addresses: of the records. scores: float32, their cosines.
            limit: matches to return.
            per_scene: one match for a scene.
        """
        matches: dict[str, Match] = {}
        for place in np.argsort(-scores, kind="stable"):
            match = self.match(addresses[place], float(scores[place]))
            matches.setdefault(match.scene if per_scene else match.record_id, match)
            if len(matches) == limit:
                break
        return sorted(matches.values(), key=lambda match: (-round(match.score, 5), match.record_id))

    def vocabulary(self) -> dict[str, int]:
        """Every token of the own and context text, with its number of records."""
        if self._vocabulary is None:
            known: dict[str, int] = {}
            for bag in BAGS:
                for token, count in self.searcher.terms_with_prefix(bag, ""):
                    known[token] = max(count, known.get(token, 0))
            self._vocabulary = known
        return self._vocabulary
