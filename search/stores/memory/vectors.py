"""Vectors in a dictionary, compared one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from search.ports import Match, VectorChannel
from search.stores.memory.contents import Entry, MemoryStore
from search.types import Record


class MemoryVectorStore(MemoryStore):
    """See :class:`search.ports.VectorStore`."""

    def __init__(self, model_id: str = "") -> None:
        """An empty store for vectors of an embedding model."""
        super().__init__()
        self.model_id = model_id
        self.generation = f"{MemoryStore.generation}, model {model_id or 'none'}"
        self._vectors: dict[str, np.ndarray] = {}

    def replace(self, asset_id: str, revision: int, records: Sequence[Record], vectors: Mapping[str, np.ndarray]) -> None:
        """See :class:`search.ports.VectorStore`."""
        with self.writing():
            self._vectors = {**self._vectors, **vectors}
            given = {text: vector for text, vector in vectors.items() if text}
            self._put(asset_id, revision, [Entry.of(record, given.get(record.embedding_text)) for record in records])

    def remember(self, vectors: Mapping[str, np.ndarray]) -> None:
        """See :class:`search.ports.VectorStore`."""
        self._vectors = {**self._vectors, **vectors}

    def known_vectors(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """See :class:`search.ports.VectorStore`."""
        return {text: self._vectors[text] for text in texts if text in self._vectors}

    def find(self, channels: Sequence[VectorChannel]) -> list[list[Match]]:
        """See :class:`search.ports.VectorStore`; exact."""
        entries = [entry for entry in self._entries() if entry.vector is not None]
        return [_find(entries, channel) for channel in channels]


def _find(entries: Sequence[Entry], channel: VectorChannel) -> list[Match]:
    matches = [
        Match(e.record.id, float(e.vector @ channel.vector), e.record.scene_record_id)
        for e in entries
        if e.vector is not None and e.is_in(channel.scope)
    ]
    matches.sort(key=lambda match: (-match.score, match.record_id))
    if channel.per_scene:
        firsts: dict[str, Match] = {}
        for match in matches:
            firsts.setdefault(match.scene, match)
        matches = list(firsts.values())
    return matches[: channel.limit]
