"""What is a word of a language at all: so that a correct word is never taken for another one's misspelling.

Problem: an archive has a few thousand words, a language a hundred thousand. A word that no record has is far more often a good word that
nobody said than a slip ("birthday", "gift"); only what the language does not have either may be a slip of something the archive has.

English is here: the word lists of SCOWL up to size 70, American and British, in three steps of commonness (``english.txt.gz``, blocks
with an empty line between; ``english.LICENSE``). In other languages nothing is known to be misspelt, and nothing is mended but where
most of a sentence is English. Words are folded as in :mod:`search.analysis`. Distances are optimal string alignment (a transposition
counts one).

Contents: :func:`is_word`, :func:`spelled_like`, :func:`beginning_with`, :class:`NearWord`.
"""

from __future__ import annotations

import gzip
from bisect import bisect_left
from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import NamedTuple

from rapidfuzz import process
from rapidfuzz.distance import OSA

from omniscript_mam.script.folding import fold

MAX_NEAR = 60
"""Near words that are looked at; there are seldom as many."""

MIN_PART = 4
"""Letters of each part of a compound."""


class NearWord(NamedTuple):
    """A word of the language near a typed one. ``step``: 1 common, 2 usual, 3 rare."""

    word: str
    distance: int
    step: int


@dataclass(frozen=True)
class Vocabulary:
    """The words of one language → their step of commonness."""

    steps: dict[str, int]

    @cached_property
    def by_length(self) -> dict[int, list[str]]:
        """Number of letters → words."""
        by_length: defaultdict[int, list[str]] = defaultdict(list)
        for word in self.steps:
            by_length[len(word)].append(word)
        return dict(by_length)

    @cached_property
    def in_order(self) -> list[str]:
        """All words by the alphabet."""
        return sorted(self.steps)


@lru_cache(maxsize=1)
def _english() -> Vocabulary:
    """Read once a process, at the first word that an archive lacks; 20 MB."""
    text = gzip.decompress(files(__name__).joinpath("english.txt.gz").read_bytes()).decode()
    steps: dict[str, int] = {}
    for step, block in enumerate(text.split("\n\n"), 1):
        for word in block.split():
            steps.setdefault((word if word.isascii() else fold(word)).replace("'", ""), step)
    return Vocabulary(steps)


def is_word(word: str) -> bool:
    """Whether a folded word is one of the language, or somebody's or something's ("the boat's" is folded to "boats").

    What is no run of Latin letters counts as a word: nothing is known of it.
    """
    if not (word.isascii() and word.isalpha()):
        return True
    known = _english().steps
    return word in known or (word.endswith("s") and word[:-1] in known) or _is_compound(word, known)


def _is_compound(word: str, known: dict[str, int]) -> bool:
    """Two words of the language in one, as English makes them every day ("namespace", "roommate"): both long and not rare."""
    cuts = range(MIN_PART, len(word) - MIN_PART + 1)
    return any(known.get(word[:cut], 3) < 3 and known.get(word[cut:], 3) < 3 for cut in cuts)


@lru_cache(maxsize=2_000)
def spelled_like(word: str, max_distance: int) -> tuple[NearWord, ...]:
    """Words of the language near a folded word, nearest first, then the commonest.

    Args:
        word: what was typed.
        max_distance: the largest distance, 1 or 2.
    """
    english = _english()
    near: list[NearWord] = []
    for length in range(len(word) - max_distance, len(word) + max_distance + 1):
        spelled = process.extract(word, english.by_length.get(length, ()), scorer=OSA.distance, score_cutoff=max_distance, limit=None)
        near += [NearWord(other, int(distance), english.steps[other]) for other, distance, _ in spelled if distance > 0]
    return tuple(sorted(near, key=lambda other: (other.distance, other.step, other.word))[:MAX_NEAR])


def beginning_with(prefix: str, limit: int) -> list[str]:
    """Words of the language that begin with some letters, the commonest first, then the shortest."""
    english = _english()
    first, words = bisect_left(english.in_order, prefix), english.in_order
    last = bisect_left(words, prefix + "\U0010ffff", first)
    return sorted(words[first:last], key=lambda word: (english.steps[word], len(word), word))[:limit]
