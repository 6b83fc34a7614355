"""The embedded vector store: our own file of vectors, filtered by what tantivy knows of their records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import tantivy

from search.ports import Match, Scope, VectorChannel
from search.stores.embedded.damage import honest
from search.stores.embedded.index import EmbeddedStore
from search.stores.embedded.inside import SCENES, nearest_inside
from search.stores.embedded.opened import OpenIndex
from search.stores.embedded.queries import scope_query
from search.stores.embedded.schema import NO_ROW, add_parts, add_row
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
            parts: dict[str, list[tuple[Record, int]]] = {}
            for record in records:
                if (row := rows.get(record.embedding_text)) is not None:
                    parts.setdefault(record.scene_id, []).append((record, row))
            for document, record in zip(changes.documents(asset_id, revision, records), records, strict=True):
                add_row(document, rows.get(record.embedding_text, NO_ROW))
                if record.kind == "scene" and record.scene_id in parts:
                    add_parts(document, parts[record.scene_id])

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
        """See :class:`search.ports.VectorStore`; exact over the quantised vectors, each row multiplied once for all channels."""
        opened = self.index.opened()
        if opened.vectors is None or not channels:
            return [[] for _ in channels]
        answers: dict[int, list[Match]] = {}
        inside = [number for number, channel in enumerate(channels) if channel.per_scene and channel.scope.scenes is not None]
        for scope in dict.fromkeys(replace(channels[number].scope, kinds=SCENES) for number in inside):
            numbers = [number for number in inside if replace(channels[number].scope, kinds=SCENES) == scope]
            answers |= zip(numbers, nearest_inside(opened, scope, [channels[number] for number in numbers]), strict=True)
        answers |= _nearest_anywhere(opened, {n: channel for n, channel in enumerate(channels) if n not in answers})
        return [answers[number] for number in range(len(channels))]


def _nearest_anywhere(opened: OpenIndex, channels: dict[int, VectorChannel]) -> dict[int, list[Match]]:
    """Channels by number: small scopes row by row, large ones by one pass over every row for all of them together."""
    answers: dict[int, list[Match]] = {}
    large: dict[int, VectorChannel] = {}
    sizes: dict[Scope, int] = {}
    assert opened.vectors is not None
    for number, channel in channels.items():
        in_scope = scope_query(opened.schema, channel.scope)
        if channel.scope not in sizes:
            sizes[channel.scope] = opened.searcher.search(in_scope, 1).count
        if sizes[channel.scope] <= MAX_ROWS_BY_SCOPE:
            addresses, rows = opened.rows_of(in_scope, sizes[channel.scope])
            scores = opened.vectors.scores(channel.vector, rows)
            answers[number] = opened.nearest(addresses, scores, channel.limit, per_scene=channel.per_scene)
        else:
            large[number] = channel
    if large:
        unique = {channel.vector.tobytes(): channel.vector for channel in large.values()}
        scores_of = dict(zip(unique, opened.vectors.scores(np.stack(list(unique.values()))), strict=True))
        answers |= {number: _best_of_all(opened, channel, scores_of[channel.vector.tobytes()]) for number, channel in large.items()}
    return answers


def _best_of_all(opened: OpenIndex, channel: VectorChannel, scores: np.ndarray) -> list[Match]:
    num_rows = min(4 * channel.limit, len(scores))
    while True:
        # the best rows, alive and in scope or not; more of them until enough are
        best = np.argpartition(-scores, num_rows - 1)[:num_rows]
        live = tantivy.Query.term_set_query(opened.schema, "row", [int(row) for row in best])
        addresses, rows = opened.rows_of(scope_query(opened.schema, channel.scope, live), 4 * num_rows)
        matches = opened.nearest(addresses, scores[rows], channel.limit, per_scene=channel.per_scene)
        if len(matches) >= channel.limit or num_rows == len(scores):
            return matches
        num_rows = min(8 * num_rows, len(scores))
