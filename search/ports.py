"""What an engine has to do, whichever it is: the interface that the memory and the embedded indexer implement, and that
Elasticsearch + Milvus will.

An indexer stores records and finds candidates by words, by vector and by facets; it knows nothing of queries as people type them, of
fusion or of moments. All text reaches it as tokens of :mod:`search.analysis`, so that every engine finds the same words. Only
features that each of them has are asked for: terms, prefixes, phrases, boolean combination, facet filters, exact or approximate
nearest vectors with the same filters, term statistics.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from search.analysis import tokens
from search.types import Record

OWN_FIELDS = ("dialogue", "action", "expression", "audio_cue", "subtext", "on_screen_text", "character")
"""What the moment itself holds. Searched together, at full weight."""

CONTEXT_FIELDS = ("location", "environment", "mood", "time", "type", "title", "plot")
"""What it inherits from its scene and asset. Searched together, at :data:`CONTEXT_WEIGHT`."""

CONTEXT_WEIGHT = 0.4

STORED_FACETS = (
    "character", "time", "type", "location", "mood", "language", "kind", "asset",
    "near_character", "scene_character", "about_character", "alias", "title",
)  # fmt: skip
"""Facets of a record that can be filtered and counted."""

BREAK = "¶"
"""Token between two lines or fields: no phrase reaches over it."""


@dataclass(frozen=True)
class Alternative:
    """A token that satisfies a word of the query, at a weight in (0, 1]."""

    token: str
    weight: float = 1.0
    is_prefix: bool = False


@dataclass(frozen=True)
class WordGroup:
    """One word of the query: any alternative, in one of the fields (none given: anywhere)."""

    alternatives: tuple[Alternative, ...]
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Phrase:
    """Tokens one after the other in one line of one field (no fields given: any of the record's own)."""

    tokens: tuple[str, ...]
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class TextQuery:
    """Words and phrases. A record matches if it has every phrase and at least ``minimum`` of the groups; with neither, all match.

    ``boosts`` are words that add to the score of what matches, and are not needed.
    """

    groups: tuple[WordGroup, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    minimum: int = 1
    boosts: tuple[WordGroup, ...] = ()


@dataclass(frozen=True)
class Scope:
    """Where to look. ``required``: the record has one of the values, for each pair; ``excluded``: it has none of them."""

    kinds: frozenset[str] = frozenset({"event", "scene"})
    asset_ids: frozenset[str] | None = None
    required: tuple[tuple[str, frozenset[str]], ...] = ()
    excluded: tuple[tuple[str, frozenset[str]], ...] = ()
    excluded_tokens: tuple[str, ...] = ()


@dataclass(frozen=True)
class Counts:
    """How many scenes match, in all and per facet value. Engines may estimate (cardinality sketches)."""

    num_scenes: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)


class Indexer(Protocol):
    """Stores records, finds candidates. Thread-safe."""

    @property
    def engine_name(self) -> str:
        """Searcher and format version: half of the generation."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever what can be found changes; what derived look-ups are cached by."""
        ...

    def replace(self, asset_id: str, revision: int, records: Sequence[Record], vectors: Mapping[str, np.ndarray]) -> None:
        """Put these records in the place of all the asset's, in one step, durably; ``vectors`` maps embedding text → unit vector."""
        ...

    def remove(self, asset_id: str) -> bool:
        """Forget an asset; false if it was not there."""
        ...

    def clear(self) -> None:
        """Forget everything."""
        ...

    def contents(self) -> dict[str, tuple[int, int]]:
        """Asset id → (revision, number of records), asset ids in order."""
        ...

    def known_vectors(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """The vectors already stored for these embedding texts: what need not be computed again."""
        ...

    def find_words(self, query: TextQuery, scope: Scope, limit: int) -> list[tuple[str, float]]:
        """(record id, BM25 score), best first; ties by id."""
        ...

    def find_nearest(self, vector: np.ndarray, scope: Scope, limit: int) -> list[tuple[str, float]]:
        """(record id, cosine), best first; ties by id."""
        ...

    def count(self, query: TextQuery, scope: Scope, facets: Sequence[str]) -> Counts:
        """Count the scenes of all matching records."""
        ...

    def records(self, ids: Sequence[str]) -> dict[str, Record]:
        """Stored records by id; unknown ids are left out."""
        ...

    def values(self, facet: str) -> dict[str, int]:
        """Facet value → number of event records (scene records if no event has it), most frequent first."""
        ...

    def num_records(self) -> int:
        """Number of records."""
        ...

    def frequency(self, token: str) -> int:
        """Number of records with this token."""
        ...

    def near_tokens(self, token: str, max_distance: int, limit: int) -> list[str]:
        """Indexed tokens within this edit distance (transpositions count one), nearest and most frequent first."""
        ...

    def close(self) -> None:
        """Let go of files."""
        ...


def field_tokens(record: Record, fields: Sequence[str]) -> list[str]:
    """Tokens of some fields of a record, with :data:`BREAK` between lines and fields."""
    joined: list[str] = []
    for name in fields:
        for line in record.text.get(name, "").split("\n"):
            if line:
                joined += [*tokens(line), BREAK]
    return joined[:-1]
