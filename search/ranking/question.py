"""What a question looks for in scenes, as the numpy pass takes it. Plain data."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from search.passages import field_number, token_hash
from search.ports import Alternative
from search.types import TEXT_FIELDS

CONTENT, CUE, STOP, NAME = range(4)
"""What a word is: says what happens; was understood as time, mood, place or kind; says nothing by itself; belongs to a name."""


@dataclass(frozen=True)
class WordWanted:
    """A word of the question: its alternatives, the fields it is looked for in (none: all), its rarity (idf) and what it is."""

    alternatives: tuple[Alternative, ...]
    rarity: float
    role: int = CONTENT
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class NameWanted:
    """Somebody asked for: the names that are meant, and how rare their bearer is (idf)."""

    accepts: frozenset[str]
    rarity: float
    words: tuple[str, ...] = ()
    """Tokens of the name as typed, each of which may stand for it in a line."""


@dataclass(frozen=True)
class Question:
    """Words and names, each in the order of the question. ``runs``: token runs of which each must stand in one field of one line."""

    words: tuple[WordWanted, ...]
    names: tuple[NameWanted, ...] = ()
    runs: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()

    def table(self) -> MatchTable:
        """The words' and names' hashes, ready to be looked up."""
        by_hash: dict[int, list[tuple[int, float]]] = {}
        for number, word in enumerate(self.words):
            for alternative in word.alternatives:
                by_hash.setdefault(token_hash(alternative.token), []).append((number, alternative.weight))
        for number, name in enumerate(self.names, len(self.words)):
            for token in dict.fromkeys(name.words):
                by_hash.setdefault(token_hash(token), []).append((number, 1.0 / max(1, len(set(name.words)))))
        hashes = np.array(sorted(by_hash), np.uint32)
        depth = max((len(meant) for meant in by_hash.values()), default=0)
        groups = np.full((depth, len(hashes)), -1, np.int32)
        weights = np.zeros((depth, len(hashes)), np.float32)
        for place, known in enumerate(hashes.tolist()):
            for layer, (group, weight) in enumerate(by_hash[known]):
                groups[layer, place], weights[layer, place] = group, weight
        return MatchTable(hashes, groups, weights, self._allowed())

    def _allowed(self) -> np.ndarray:
        allowed = np.ones((len(self.words) + len(self.names), len(TEXT_FIELDS)), bool)
        for number, word in enumerate(self.words):
            if word.fields:
                allowed[number] = False
                allowed[number, [field_number(name) for name in word.fields]] = True
        return allowed


@dataclass(frozen=True, eq=False)
class MatchTable:
    """Token hash → words of the question.

    Attributes:
        hashes: uint32 (num_hashes,), ascending.
        groups: int32 (depth, num_hashes): numbers of the words that the token may stand for; −1 for none.
        weights: float32 (depth, num_hashes): how well it does.
        allowed: bool (num_words, num_fields): where a word is looked for.
    """

    hashes: np.ndarray
    groups: np.ndarray
    weights: np.ndarray
    allowed: np.ndarray = field(repr=False)
