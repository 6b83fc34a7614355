"""What is asked of stores and what they answer. Plain data.

Scores are BM25 (words) or cosines in [−1, 1] (vectors); counts are of records or, where said, of scenes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

MAX_EDIT_DISTANCE = 2
"""How far from an absent token a token may be spelled to be called near."""


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
    """Where to look.

    Attributes:
        kinds: ``event``, ``scene`` or both.
        collections: only records of these collections ("" is none): what a person may see. ``None`` for all.
        asset_ids: only records of these assets; ``None`` for all.
        scenes: only records of these scenes (ids of the scenes' records); ``None`` for all.
        required: the record has one of the values, for each (facet, values).
        excluded: it has none of the values, for each (facet, values).
        excluded_tokens: none of its own fields has one of these tokens.
        excluded_phrases: it has none of these phrases.
    """

    kinds: frozenset[str] = frozenset({"event", "scene"})
    collections: frozenset[str] | None = None
    asset_ids: frozenset[str] | None = None
    required: tuple[tuple[str, frozenset[str]], ...] = ()
    excluded: tuple[tuple[str, frozenset[str]], ...] = ()
    excluded_tokens: tuple[str, ...] = ()
    excluded_phrases: tuple[Phrase, ...] = ()
    scenes: frozenset[str] | None = None


@dataclass(frozen=True)
class WordChannel:
    """One search by words: the best ``limit`` records in scope."""

    query: TextQuery
    scope: Scope
    limit: int


@dataclass(frozen=True, eq=False)
class VectorChannel:
    """One search by meaning: the ``limit`` records in scope whose vectors are nearest.

    ``vector`` is float32 of shape (num_dims,), of length one. ``per_scene``: of each scene only its nearest record counts, so that
    ``limit`` is a number of scenes.
    """

    vector: np.ndarray
    scope: Scope
    limit: int
    per_scene: bool = False


@dataclass(frozen=True)
class Lookup:
    """Every search of one query, of all its clauses: each store answers its part in one call."""

    words: tuple[WordChannel, ...] = ()
    vectors: tuple[VectorChannel, ...] = ()


class Match(NamedTuple):
    """A record that a channel found, with its BM25 score or its cosine, and the id of its scene's record."""

    record_id: str
    score: float
    scene: str = ""


class Holding(NamedTuple):
    """What a store holds of an asset."""

    revision: int
    num_records: int


class NearToken(NamedTuple):
    """An indexed token near an absent one: edit distance (a transposition counts one) and number of records that have it."""

    token: str
    distance: int
    frequency: int


@dataclass(frozen=True)
class TermStatistics:
    """What the records in view say of some tokens.

    Attributes:
        num_records: records in view.
        frequencies: token → number of records that have it, for every token asked for.
        near: absent token → the nearest tokens that are there, nearest and most frequent first.
        num_scenes, scene_frequencies: the same numbers of scenes' records alone: how rare a word is among scenes.
    """

    num_records: int
    frequencies: dict[str, int] = field(default_factory=dict)
    near: dict[str, tuple[NearToken, ...]] = field(default_factory=dict)
    num_scenes: int = 0
    scene_frequencies: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Counts:
    """How many scenes match, in all and per facet value. A store may estimate (cardinality sketches)."""

    num_scenes: int
    facets: dict[str, dict[str, int]] = field(default_factory=dict)
