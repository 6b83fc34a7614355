"""The embedded record store: each record's JSON in its tantivy document."""

from __future__ import annotations

from collections.abc import Sequence

import tantivy

from search.ports import Scope
from search.stores.embedded.damage import honest
from search.stores.embedded.index import EmbeddedStore
from search.stores.embedded.queries import scope_query
from search.stores.embedded.schema import PART_KINDS, add_body
from search.types import Record


class EmbeddedRecordStore(EmbeddedStore):
    """See :class:`search.ports.RecordStore`."""

    def replace(self, asset_id: str, revision: int, records: Sequence[Record]) -> None:
        """See :class:`search.ports.RecordStore`."""
        with self.index.writing() as changes:
            for document, record in zip(changes.documents(asset_id, revision, records), records, strict=True):
                add_body(document, record)

    @honest
    def records(self, ids: Sequence[str], *, collections: frozenset[str] | None = None) -> dict[str, Record]:
        """See :class:`search.ports.RecordStore`; what a search of the same index has just read is remembered."""
        opened = self.index.opened()
        by_id = {key: record for key in ids if (record := opened.remembered(key)) is not None}
        missing = sorted(set(ids) - by_id.keys())
        if missing:
            wanted = tantivy.Query.term_set_query(opened.schema, "id", missing)
            hits = opened.searcher.search(wanted, len(missing), count=False).hits
            by_id |= {record.id: record for record in (opened.whole(address) for _, address in hits)}
        return {key: by_id[key] for key in ids if key in by_id and (collections is None or by_id[key].collection in collections)}

    @honest
    def of_asset(self, asset_id: str) -> list[Record]:
        """See :class:`search.ports.RecordStore`."""
        opened = self.index.opened()
        wanted = scope_query(opened.schema, Scope(kinds=frozenset(PART_KINDS), asset_ids=frozenset({asset_id})))
        hits = opened.searcher.search(wanted, max(1, opened.searcher.num_docs), count=False).hits
        return sorted((opened.whole(address) for _, address in hits), key=lambda record: record.id)
