"""What the memory stores have in common: assets in a dictionary that is replaced as a whole when a write ends."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from search.fields import BAGS, field_tokens
from search.ports import Holding, Phrase, Scope
from search.types import TEXT_FIELDS, Record


@dataclass(frozen=True)
class Entry:
    """A record with its tokens (per bag, and per field) and, in the vector store, its vector."""

    record: Record
    tokens: dict[str, list[str]]
    vector: np.ndarray | None = None

    @classmethod
    def of(cls, record: Record, vector: np.ndarray | None = None) -> Entry:
        """Analyse a record."""
        token_lists = {name: field_tokens(record, [name]) for name in TEXT_FIELDS}
        token_lists |= {bag: field_tokens(record, fields) for bag, (fields, _) in BAGS.items()}
        return cls(record, token_lists, vector)

    def is_in(self, scope: Scope) -> bool:
        """Whether a scope has this record."""
        record = self.record
        if record.kind not in scope.kinds or not self.is_visible(scope.collections):
            return False
        if scope.asset_ids is not None and record.asset_id not in scope.asset_ids:
            return False
        if scope.scenes is not None and record.scene_record_id not in scope.scenes:
            return False
        if any(token in self.tokens["own"] for token in scope.excluded_tokens):
            return False
        if any(self.has_phrase(phrase) for phrase in scope.excluded_phrases):
            return False
        has_required = all(values.intersection(record.facets.get(facet, ())) for facet, values in scope.required)
        return has_required and not any(values.intersection(record.facets.get(facet, ())) for facet, values in scope.excluded)

    def has_phrase(self, phrase: Phrase) -> bool:
        """Whether a line of one of the phrase's fields has its tokens one after the other."""
        wanted = list(phrase.tokens)
        lists = [self.tokens[name] for name in phrase.fields or ("own",)]
        return any(known[i : i + len(wanted)] == wanted for known in lists for i in range(len(known) - len(wanted) + 1))

    def is_visible(self, collections: frozenset[str] | None) -> bool:
        """Whether the record is of one of the collections (``None``: of any)."""
        return collections is None or self.record.collection in collections


class MemoryStore:
    """See the module. Thread-safe: readers take the dictionary as it is, a writer puts a new one in its place."""

    generation = "memory 3"

    def __init__(self) -> None:
        """An empty store."""
        self._assets: dict[str, tuple[int, list[Entry]]] = {}
        self._unfinished: dict[str, tuple[int, list[Entry]]] | None = None
        self._num_changes = 0
        self._lock = threading.RLock()

    @property
    def version(self) -> str:
        """See :class:`search.ports.Store`."""
        return str(self._num_changes)

    @contextmanager
    def writing(self) -> Iterator[dict[str, tuple[int, list[Entry]]]]:
        """See :class:`search.ports.Store`; gives the dictionary to change."""
        with self._lock:
            if self._unfinished is not None:
                yield self._unfinished
                return
            self._unfinished = dict(self._assets)
            try:
                yield self._unfinished
                self._assets = self._unfinished
                self._num_changes += 1
            finally:
                self._unfinished = None

    def remove(self, asset_id: str) -> bool:
        """See :class:`search.ports.Store`."""
        with self.writing() as assets:
            return assets.pop(asset_id, None) is not None

    def contents(self) -> dict[str, Holding]:
        """See :class:`search.ports.Store`."""
        return {key: Holding(revision, len(entries)) for key, (revision, entries) in sorted(self._assets.items())}

    def damage(self, *, only_changed: bool = False) -> tuple[str, ...]:
        """Memory is believed."""
        return ()

    def close(self) -> None:
        """Nothing to let go of."""

    def _put(self, asset_id: str, revision: int, entries: Sequence[Entry]) -> None:
        with self.writing() as assets:
            assets[asset_id] = (revision, list(entries))

    def _entries(self, collections: frozenset[str] | None = None) -> list[Entry]:
        return [entry for _, entries in self._assets.values() for entry in entries if entry.is_visible(collections)]
