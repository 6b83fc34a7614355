"""Every kind of store, alone and combined, and the archive to fill them with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from search import HashedEmbedder, Record, build_records
from search.analysis import stem
from search.ports import (
    Alternative,
    Match,
    RecordStore,
    Scope,
    SearchIndex,
    TextQuery,
    VectorChannel,
    VectorStore,
    WordChannel,
    WordGroup,
    WordStore,
)
from search.stores.embedded.folder import IndexFolder
from search.stores.embedded.index import EmbeddedIndex, generation_for
from search.stores.embedded.records import EmbeddedRecordStore
from search.stores.embedded.vectors import EmbeddedVectorStore
from search.stores.embedded.words import EmbeddedWordStore
from search.stores.memory import MemoryRecordStore, MemoryVectorStore, MemoryWordStore
from tests.search.archive import FILMS, script_of

EMBEDDER = HashedEmbedder()
KINDS = ("memory", "embedded")
PAIRS = tuple(product(KINDS, repeat=3))
"""Kinds of the word, the vector and the record store."""

COLLECTIONS = {asset_id: ("north", "south", "")[number % 3] for number, asset_id in enumerate(FILMS)}
"""Asset → collection, where a test asks for any."""


def embedded_index(folder: Path) -> EmbeddedIndex:
    return EmbeddedIndex(IndexFolder(folder, 60.0), generation_for(EMBEDDER.model_id, EMBEDDER.num_dims))


def word_store(kind: str, folder: Path) -> WordStore:
    return MemoryWordStore() if kind == "memory" else EmbeddedWordStore(embedded_index(folder))


def vector_store(kind: str, folder: Path) -> VectorStore:
    return MemoryVectorStore(EMBEDDER.model_id) if kind == "memory" else EmbeddedVectorStore(embedded_index(folder))


def record_store(kind: str, folder: Path) -> RecordStore:
    return MemoryRecordStore() if kind == "memory" else EmbeddedRecordStore(embedded_index(folder))


def search_index(kinds: Sequence[str], folder: Path) -> SearchIndex:
    """An index of stores of these kinds; those that are embedded share a folder."""
    words, vectors, records = kinds
    shared = embedded_index(folder) if "embedded" in kinds else None
    return SearchIndex(
        EmbeddedWordStore(shared) if words == "embedded" and shared else MemoryWordStore(),
        EmbeddedVectorStore(shared) if vectors == "embedded" and shared else MemoryVectorStore(EMBEDDER.model_id),
        EmbeddedRecordStore(shared) if records == "embedded" and shared else MemoryRecordStore(),
    )


def records_of(asset_id: str, revision: int = 1) -> list[Record]:
    return build_records(script_of(asset_id), asset_id, FILMS[asset_id][0], revision, collection=COLLECTIONS[asset_id])


def worded(records: Sequence[Record]) -> list[Record]:
    """Those that words find: events and scenes."""
    return [record for record in records if record.kind in ("event", "scene")]


def vectors_of(records: Sequence[Record]) -> dict[str, np.ndarray]:
    texts = [record.embedding_text for record in records]
    return dict(zip(texts, EMBEDDER.embed(texts), strict=True))


def words(text: str, fields: tuple[str, ...] = ()) -> TextQuery:
    groups = tuple(WordGroup((Alternative(stem(word)),), fields) for word in text.split())
    return TextQuery(groups, minimum=len(groups))


def find_words(store: WordStore, query: TextQuery, scope: Scope = Scope(), limit: int = 10) -> list[Match]:  # noqa: B008 - frozen
    return store.find([WordChannel(query, scope, limit)])[0]


def find_nearest(store: VectorStore, text: str, scope: Scope = Scope(), limit: int = 10) -> list[Match]:  # noqa: B008 - frozen
    return store.find([VectorChannel(EMBEDDER.embed([text])[0], scope, limit)])[0]


def ids(matches: Sequence[Match], kind: str = "") -> set[str]:
    return {match.record_id for match in matches if not kind or (":s" in match.record_id) == (kind == "scene")}


def of_another_asset(records: Sequence[Record], asset_id: str, collection: str) -> list[Record]:
    """The same records as if another asset of a collection had them."""
    return [
        replace(record, id=record.id.replace(record.asset_id, asset_id, 1), asset_id=asset_id, collection=collection) for record in records
    ]
