"""Whole records in a dictionary."""

from __future__ import annotations

from collections.abc import Sequence

from search.stores.memory.contents import Entry, MemoryStore
from search.types import Record


class MemoryRecordStore(MemoryStore):
    """See :class:`search.ports.RecordStore`."""

    def replace(self, asset_id: str, revision: int, records: Sequence[Record]) -> None:
        """See :class:`search.ports.RecordStore`."""
        self._put(asset_id, revision, [Entry(record, {}) for record in records])

    def records(self, ids: Sequence[str], *, collections: frozenset[str] | None = None) -> dict[str, Record]:
        """See :class:`search.ports.RecordStore`."""
        known = {entry.record.id: entry.record for entry in self._entries(collections)}
        return {key: known[key] for key in ids if key in known}

    def of_asset(self, asset_id: str) -> list[Record]:
        """See :class:`search.ports.RecordStore`."""
        _, entries = self._assets.get(asset_id, (0, []))
        return sorted((entry.record for entry in entries), key=lambda record: record.id)
