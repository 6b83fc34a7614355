"""The embedded vector store: our own file of vectors, filtered by what tantivy knows of their records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import tantivy

from search.ports import Match, VectorChannel
from search.stores.embedded.damage import honest
from search.stores.embedded.index import EmbeddedStore
from search.stores.embedded.opened import OpenIndex
from search.stores.embedded.queries import scope_query
from search.stores.embedded.schema import NO_ROW, add_row
from search.types import Record

MAX_ROWS_BY_SCOPE = 20_000
"""Scopes up to this many records are scored row by row; larger ones by a pass over every row."""


class EmbeddedVectorStore(EmbeddedStore):
    """See :class:`search.ports.VectorStore`."""

    @property
    def model_id(self) -> str:
        """See :class:`search.ports.VectorStore`."""
        return self.index.opened().generation.model_id

    def replace(self, asset_id: str, revision: int, records: Sequence[Record], vectors: Mapping[str, np.ndarray]) -> None:
        """See :class:`search.ports.VectorStore`."""
        with self.index.writing() as changes:
            needed = {record.embedding_text for record in records if record.embedding_text in vectors}
            file = changes.opened.vectors
            # appended before the commit: a row that no document names is dead weight, a document without its row would be a lie
            rows = file.add({text: vectors[text] for text in needed}) if file is not None else {}
            for document, record in zip(changes.documents(asset_id, revision, records), records, strict=True):
                add_row(document, rows.get(record.embedding_text, NO_ROW))

    def remember(self, vectors: Mapping[str, np.ndarray]) -> None:
        """See :class:`search.ports.VectorStore`; a row that no document names is dead weight until one does."""
        with self.index.writing() as changes:
            if changes.opened.vectors is not None:
                changes.opened.vectors.add(vectors)

    @honest
    def known_vectors(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """See :class:`search.ports.VectorStore`."""
        file = self.index.opened().vectors
        known = file.vectors(texts) if file is not None else {}
        if self.index.old_vectors is not None:
            known = {**self.index.old_vectors.vectors([text for text in texts if text not in known]), **known}
        return known

    @honest
    def find(self, channels: Sequence[VectorChannel]) -> list[list[Match]]:
        """See :class:`search.ports.VectorStore`; exact over the quantised vectors."""
        opened = self.index.opened()
        return [_find(opened, channel) for channel in channels]


def _find(opened: OpenIndex, channel: VectorChannel) -> list[Match]:
    if opened.vectors is None:
        return []
    vector, scope, limit = channel.vector, channel.scope, channel.limit
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
        matches = opened.nearest_of(scope_query(opened.schema, scope, live), 4 * num_rows, vector, limit)
        if len(matches) >= limit or num_rows == len(scores):
            return matches
        num_rows = min(8 * num_rows, len(scores))
