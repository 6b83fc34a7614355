"""Candidates for one clause: what the channels (words, vectors, cues, exact wording) find before anything is judged.

Each channel looks at the whole scope and, where names are asked for, again among the records with those names, so that a rare
pair of people is not lost behind better-worded records without them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

import numpy as np

from search.analysis import analyse_query, stem
from search.lexicon import SYNONYMS
from search.ports import Alternative, Indexer, Phrase, Scope, TextQuery, WordGroup
from search.query.model import HARD, SOFT, STRONG, Clause, Cue, Word

NUM_LEXICAL = 200
NUM_VECTOR = 150
NUM_BY_CUES = 150
NUM_EXACT = 50
SYNONYM_WEIGHT = 0.7
TYPO_WEIGHT = 0.65
MAX_TYPO_ALTERNATIVES = 5


def _synonyms() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for group in SYNONYMS:
        stems = [stem(word.strip()) for word in group.split(",")]
        for token in stems:
            found[token] = tuple(dict.fromkeys([*found.get(token, ()), *(other for other in stems if other != token)]))
    return found


SYNONYMS_OF = _synonyms()


@dataclass(frozen=True)
class ExpandedWord:
    """A content word with all that may stand for it. ``rarity`` (idf) is its weight; ``is_absent``: no record has it in any spelling."""

    word: Word
    group: WordGroup
    rarity: float
    is_absent: bool
    is_misspelt: bool


@dataclass
class Candidates:
    """Rank (from 1) of each record per channel; ``cosines`` of those that vectors found."""

    words: tuple[ExpandedWord, ...] = ()
    lexical: dict[str, int] = field(default_factory=dict)
    vector: dict[str, int] = field(default_factory=dict)
    cosines: dict[str, float] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    is_capped: bool = False

    @property
    def ids(self) -> list[str]:
        return sorted(self.lexical.keys() | self.vector.keys() | self.others)


def expand(indexer: Indexer, words: tuple[Word, ...]) -> tuple[ExpandedWord, ...]:
    """Each word's alternatives: itself, its synonyms and, if no record has it, what it may be a slip of."""
    total = indexer.num_records()
    expanded = []
    for word in words:
        synonyms = [Alternative(token, SYNONYM_WEIGHT) for token in SYNONYMS_OF.get(word.token, ())]
        frequency = total if word.is_prefix else indexer.frequency(word.token)
        slips: list[str] = []
        if not frequency and not synonyms and _may_be_a_slip(word):
            slips = indexer.near_tokens(word.token, 1 if len(word.token) < 8 else 2, MAX_TYPO_ALTERNATIVES)
            frequency = max((indexer.frequency(token) for token in slips), default=0)
        elif not frequency:
            frequency = max((indexer.frequency(other.token) for other in synonyms), default=0)
        own = Alternative(word.token, 1.0, word.is_prefix)
        group = WordGroup((own, *synonyms, *(Alternative(token, TYPO_WEIGHT) for token in slips)), word.fields)
        rarity = math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
        # a word that nothing has would outweigh every other; half of the largest weight keeps the rest in play
        rarity = rarity if frequency else 0.5 * math.log(2 * total + 2)
        expanded.append(ExpandedWord(word, group, max(0.1, rarity), not frequency, bool(slips)))
    return tuple(expanded)


def _may_be_a_slip(word: Word) -> bool:
    """Short words and proper names have too many neighbours that mean something else ("Rome", "rope")."""
    return len(word.token) >= 5 and word.token.isascii() and not word.token.isdigit() and not word.is_name_like


def floor_for(base: float, words: tuple[ExpandedWord, ...]) -> float:
    """The cosine from which a record may be found by meaning alone.

    Calibrated on the labelled queries of tests/search: one or two words reach higher cosines by mere association ("giraffe": a tiger,
    .37) than a sentence does by meaning the same (.28 to .5), and a query none of whose words is in the archive needs more to be believed.
    """
    extra = 0.0 if len(words) >= 4 else 0.08 if len(words) == 3 else 0.12
    return base + extra + (0.04 if all(word.is_absent for word in words) else 0.0)


def hard_scope(scope: Scope, clause: Clause) -> Scope:
    """The scope narrowed by what excludes: "only", ``in:``, "without"."""
    required = [(_scene_facet(part), part.accepts) for part in clause.cues if part.strength == HARD and not part.excludes]
    excluded = [(_scene_facet(part), part.accepts) for part in clause.cues if part.excludes and part.accepts]
    return replace(
        scope,
        required=(*scope.required, *required),
        excluded=(*scope.excluded, *excluded),
        excluded_tokens=(*scope.excluded_tokens, *clause.excluded_tokens),
    )


def _scene_facet(part: Cue) -> str:
    return "scene_character" if part.facet == "character" else part.facet


def gather(indexer: Indexer, clause: Clause, scope: Scope, vector: np.ndarray | None, *, use_words: bool = True) -> Candidates:
    """Ask every channel.

    Args:
        indexer: the engine.
        clause: what is looked for.
        scope: where; already narrowed by :func:`hard_scope`.
        vector: the clause's sentence as a unit vector; ``None`` to leave that channel out.
        use_words: false leaves the word channels out (to measure vectors alone).
    """
    found = Candidates(words=expand(indexer, clause.words))
    query = text_query(clause, found.words)
    strong = [part for part in clause.cues if part.strength == STRONG and not part.excludes]
    narrowed = replace(scope, required=(*scope.required, *((_about(part), part.accepts) for part in strong)))
    if use_words:
        _gather_words(indexer, clause, found, query, scope, narrowed, bool(strong))
    if vector is not None and clause.sentence and (clause.words or not clause.phrases):
        near = indexer.find_nearest(vector, scope, NUM_VECTOR)
        if strong:
            near += indexer.find_nearest(vector, narrowed, NUM_VECTOR)
        found.cosines = dict(near)
        ordered = sorted(found.cosines, key=lambda key: (-round(found.cosines[key], 5), key))
        found.vector = {key: rank for rank, key in enumerate(ordered, 1)}
    return found


def _gather_words(
    indexer: Indexer, clause: Clause, found: Candidates, query: TextQuery, scope: Scope, narrowed: Scope, has_strong: bool
) -> None:
    if query.groups or query.phrases:
        for rank, (key, _) in enumerate(indexer.find_words(query, scope, NUM_LEXICAL), 1):
            found.lexical[key] = rank
        found.is_capped = len(found.lexical) >= NUM_LEXICAL
    if has_strong:
        for rank, (key, _) in enumerate(indexer.find_words(replace(query, minimum=0), narrowed, NUM_LEXICAL), 1):
            found.lexical[key] = min(rank, found.lexical.get(key, rank))
    soft = [part for part in clause.cues if part.strength == SOFT and not part.excludes]
    if soft:
        base = narrowed if has_strong else scope
        loose = replace(query, minimum=0)
        wanted = [(part.facet, part.accepts) for part in soft]
        together = indexer.find_words(loose, replace(base, required=(*base.required, *wanted)), NUM_BY_CUES)
        found.others.update(key for key, _ in together)
        found.is_capped |= len(together) >= NUM_BY_CUES and not clause.words
        if len(soft) > 1 and not clause.words and not clause.phrases:
            for pair in wanted:
                alone = indexer.find_words(loose, replace(base, required=(*base.required, pair)), NUM_BY_CUES)
                found.others.update(key for key, _ in alone)
    if not (query.groups or query.phrases or has_strong or soft):  # "only Grug", in:"Title", a filter of the page
        alone = indexer.find_words(query, scope, NUM_LEXICAL)
        found.others.update(key for key, _ in alone)
        found.is_capped |= len(alone) >= NUM_LEXICAL
    exact = tuple(token.text for token in analyse_query(clause.text))
    if len(exact) > 1 and not clause.phrases:
        found.others.update(key for key, _ in indexer.find_words(TextQuery(phrases=(Phrase(exact),)), scope, NUM_EXACT))


def text_query(clause: Clause, words: tuple[ExpandedWord, ...]) -> TextQuery:
    """The clause's words and phrases as the engine takes them; what was understood as cues boosts."""
    boosts = [WordGroup((Alternative(stem(word), 0.5),)) for word in clause.cue_words if word.isascii()]
    boosts += [WordGroup((Alternative(token.text),), ("character",)) for part in clause.names for token in analyse_query(part.words)]
    phrases = tuple(Phrase(phrase.tokens, phrase.fields) for phrase in clause.phrases)
    return TextQuery(tuple(word.group for word in words), phrases, 1, tuple(dict.fromkeys(boosts)))


def _about(part: Cue) -> str:
    return "about_character" if part.facet == "character" else part.facet
