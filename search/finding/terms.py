"""What the index knows of a query's words, asked once for all of them, and what may stand for each."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from search.analysis import is_ideographic, is_stop_word, raw_words, stem
from search.lexicon import SYNONYMS
from search.ports import Alternative, NearToken, WordGroup, WordStore
from search.query.model import Gazetteer, Word
from search.query.spelling import Mending, candidates, is_of_our_language, max_distance, may_be_misspelt, mendings

SYNONYM_WEIGHT = 0.7
TYPO_WEIGHT = 0.65
MIN_SLIP_LETTERS = 5
"""Shorter words are not looked for in another spelling, only suggested so."""
NUM_NEAR = 5
"""Nearest tokens asked for with each absent one: the alternatives of a slip, of which two are suggested."""


def _synonyms() -> dict[str, tuple[str, ...]]:
    table: dict[str, tuple[str, ...]] = {}
    for group in SYNONYMS:
        stems = [stem(word.strip()) for word in group.split(",")]
        for token in stems:
            table[token] = tuple(dict.fromkeys([*table.get(token, ()), *(other for other in stems if other != token)]))
    return table


SYNONYMS_OF = _synonyms()


LEAST_IDF = 0.1
"""What is nearly everywhere still counts a little."""


def idf(total: int, frequency: int) -> float:
    """How rare a word is that ``frequency`` of ``total`` texts have, as BM25 has it."""
    return math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))


def idf_of_absent(total: int) -> float:
    """The same of a word that none has: it would outweigh every other; half of the largest weight keeps the rest in play."""
    return 0.5 * math.log(2 * total + 2)


@dataclass(frozen=True)
class ExpandedWord:
    """A content word with all that may stand for it.

    ``rarity`` (idf) is its weight; ``is_absent``: no record has it in any spelling. ``mendings``: what it was meant to be, likeliest first.
    """

    word: Word
    group: WordGroup
    rarity: float
    is_absent: bool
    mendings: tuple[Mending, ...] = ()


class QueryTerms:
    """Term statistics of one query: one call to the word store for the words as typed, another only for what those do not cover."""

    def __init__(self, store: WordStore, text: str, collections: frozenset[str] | None, gazetteer: Gazetteer | None = None) -> None:
        """Ask for every word of a query.

        Args:
            store: the word store.
            text: the query as typed, cut to its limits (:func:`search.query.clean`).
            collections: the records in view; ``None`` for all.
            gazetteer: names known in view; with it, misspelt words are mended.
        """
        self._store, self._collections, self._gazetteer = store, collections, gazetteer or Gazetteer()
        self._frequencies: dict[str, int] = {}
        self._near: dict[str, tuple[NearToken, ...]] = {}
        self._text = text
        self._num_records: int | None = None
        self._num_scenes = 0
        self._scene_frequencies: dict[str, int] = {}
        words = [word for word in raw_words(text) if _is_likely_content(word)]
        near = [token for word in words if self._may_be_misspelt(word) for token, _, _ in candidates(word, self._gazetteer).values()]
        self._ask([stem(word) for word in words], near)

    def has(self, word: str) -> bool:
        """Whether any record has a folded word."""
        return self.frequency(stem(word)) > 0

    def frequency(self, token: str) -> int:
        """Number of records with a token."""
        if token not in self._frequencies:
            self._ask([token])
        return self._frequencies[token]

    def rarity(self, token: str) -> float:
        """idf of a token among scenes, as BM25 has it."""
        return idf(self._num_scenes, min(self.scene_frequency(token), self._num_scenes))

    @property
    def num_scenes(self) -> int:
        """Number of scenes in view."""
        return self._num_scenes

    def scene_frequency(self, token: str) -> int:
        """Number of scenes with a token."""
        self.frequency(token)
        return self._scene_frequencies.get(token, 0)

    def mendings(self, word: Word) -> tuple[Mending, ...]:
        """What a word was meant to be that neither the index nor the language has; nothing for any other word."""
        if (
            word.is_prefix
            or "'" in (word.typed or word.words).replace("’", "'")
            or not self._may_be_misspelt(word.folded)
            or self.frequency(word.token)
        ):
            return ()
        if not is_of_our_language(self._text, self.has):
            return ()
        reach = max_distance(word.folded)
        slips = [other.token for other in self._near.get(word.token, ()) if other.distance <= reach]
        return tuple(mendings(word, self._gazetteer, slips, self.frequency)[:NUM_NEAR])

    def _may_be_misspelt(self, folded: str) -> bool:
        known = self._gazetteer
        return may_be_misspelt(folded) and folded not in known.names and folded not in known.parts_of_names

    def expand(self, clauses: Sequence[Sequence[Word]], others: Iterable[str] = ()) -> list[tuple[ExpandedWord, ...]]:
        """The alternatives of each word of each clause: itself, its synonyms and, if no record has it, what it may be a slip of.

        ``others`` are tokens that will be asked for later: their numbers come with the same call.
        """
        words = [word for clause in clauses for word in clause]
        tokens = [word.token for word in words if not word.is_prefix]
        absent = [token for token in tokens if not self._frequencies.get(token)]  # or not asked for yet
        synonyms = [synonym for token in absent for synonym in SYNONYMS_OF.get(token, ())]
        self._ask(tokens, [*synonyms, *others], is_number_needed=bool(words))
        return [tuple(self._expanded(word) for word in clause) for clause in clauses]

    def _expanded(self, word: Word) -> ExpandedWord:
        total = self._num_records or 0
        synonyms = [Alternative(token, SYNONYM_WEIGHT) for token in SYNONYMS_OF.get(word.token, ())]
        frequency = total if word.is_prefix else self._frequencies[word.token]
        mended = () if frequency else self.mendings(word)
        slips = [other.token for other in mended if len(word.token) >= MIN_SLIP_LETTERS and not is_stop_word(other.word)]
        if slips:
            frequency = max(other.frequency for other in mended)
        elif not frequency:
            frequency = max((self.frequency(other.token) for other in synonyms), default=0)
        own = Alternative(word.token, 1.0, word.is_prefix)
        group = WordGroup((own, *synonyms, *(Alternative(token, TYPO_WEIGHT) for token in dict.fromkeys(slips))), word.fields)
        rarity = idf(total, frequency) if frequency else idf_of_absent(total)
        return ExpandedWord(word, group, max(LEAST_IDF, rarity), not frequency, mended)

    def _ask(self, tokens: Iterable[str], synonyms: Iterable[str] = (), *, is_number_needed: bool = False) -> None:
        """One call for what is not known yet; none if all is. Slips are looked for of the query's own tokens."""
        own = [token for token in dict.fromkeys(tokens) if token not in self._frequencies]
        others = [token for token in dict.fromkeys(synonyms) if token not in self._frequencies and token not in own]
        if own or others or (is_number_needed and self._num_records is None):
            answer = self._store.terms([*own, *others], near_of=own, num_near=NUM_NEAR, collections=self._collections)
            self._num_records = answer.num_records
            self._num_scenes = answer.num_scenes
            self._frequencies |= answer.frequencies
            self._scene_frequencies |= answer.scene_frequencies
            self._near |= answer.near


def _is_likely_content(word: str) -> bool:
    """False for what is seldom left to be looked for as a word, and costs most to count.

    Stop words are, when a clause has nothing else; how ideographs are cut is known only when they are understood.
    """
    return not (is_stop_word(word) or is_ideographic(word))


def floor_for(base: float, words: tuple[ExpandedWord, ...]) -> float:
    """The cosine from which a record may be found by meaning alone.

    Calibrated on the labelled queries of tests/search: one or two words reach higher cosines by mere association ("giraffe": a tiger,
    .37) than a sentence does by meaning the same (.28 to .5), and a query none of whose words is in the archive needs more to be believed.

    Args:
        base: the embedding model's own floor.
        words: the content words of the clause.
    """
    extra = 0.0 if len(words) >= 4 else 0.08 if len(words) == 3 else 0.12
    return base + extra + (0.04 if all(word.is_absent for word in words) else 0.0)
