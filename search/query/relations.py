"""What passes between people: "argues with", "comforts", "吵架" become cues; with the names around them they say who does it to whom.

The verb is understood, and its words are still looked up: where the script says so in words, that counts as well, but nothing is said of
words that are nowhere (:attr:`search.query.model.Word.is_cue`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from search.analysis import analyse_query, is_ideographic, is_stop_word
from search.lexicon import INTERACTION_WORDS, MUTUAL, stems_of
from search.query.builder import ClauseBuilder
from search.query.model import HARD, SOFT, Cue, Relation, Word
from search.query.typed import QueryWord
from search.types import Chip

MAX_VERB_WORDS = 4
MAX_BETWEEN = 5
"""Most words between two names for what stands there to be a relation."""

_TOGETHER = frozenset("and & 和 跟 与 同 及".split())
_JOINING = _TOGETHER | frozenset("对 向 给".split())
_PASSIVE = re.compile(r"\w(?:ed|n)\b.*\bby\s*$")


def read_interactions(builder: ClauseBuilder) -> None:
    """Verbs of what one person does to another, in any form, with their prepositions."""
    typed = builder.typed
    for start, end, words in typed.runs(MAX_VERB_WORDS):
        kind = INTERACTION_WORDS.get(words if is_ideographic(words) else stems_of(words))
        if kind is None:
            continue
        run = typed.words[start:end]
        excludes, only = any(word.excludes for word in run), any(word.only for word in run)
        strength = HARD if only and not excludes else SOFT
        cue = Cue("interaction", typed.original(start, end), kind, frozenset({kind}), strength, excludes)
        builder.interactions.append((start, end, cue))
        typed.claim(start, end)
        for word in run:
            if not is_stop_word(word.folded):
                _look_up(builder, typed.text[word.start : word.end], word.folded, excludes)
    builder.interactions.sort(key=lambda found: found[0])


def _look_up(builder: ClauseBuilder, typed: str, folded: str, excludes: bool) -> None:
    """The verb's own words are evidence as well."""
    tokens = [(token.text, token.is_single) for token in analyse_query(folded)]
    if excludes:
        builder.exclude(typed, [token for token, _ in tokens])
    else:
        builder.words += [Word(typed, token, (), single, is_cue=True) for token, single in tokens]


def read_relation(builder: ClauseBuilder) -> None:
    """Who does it to whom: "X verb (with) Y", "X is threatened by Y", "X and Y argue", "小梅和阿强吵架"; then the cues of what was read."""
    people = [(start, end, cue) for start, end, cue in builder.name_places if not cue.excludes]
    for (_, first_end, first), (start, end, second) in pairwise(people):
        if builder.relation is None and start - first_end <= MAX_BETWEEN:
            _relate(builder, (first_end, first), (start, end, second))
    for _, _, cue in builder.interactions:
        builder.add_cue(cue)


def _relate(builder: ClauseBuilder, first: tuple[int, Cue], second: tuple[int, int, Cue]) -> None:
    (first_end, one), (start, end, other) = first, second
    typed, between = builder.typed, builder.typed.words[first_end:start]
    is_joined = len(between) == 1 and between[0].folded in _JOINING
    inside = [found for found in builder.interactions if first_end <= found[0] and found[1] <= start]
    beside = [found for found in builder.interactions if end <= found[0] <= end + 2] if is_joined else []
    found = next((found for found in (*inside, *beside) if not found[2].excludes), None)
    if found is None:
        _relate_plainly(builder, between, one, other)
        return
    cue, verb = found[2], [word for word in typed.words[found[0] : found[1]] if not is_stop_word(word.folded)]
    if inside and _PASSIVE.search(typed.text[typed.words[first_end].start : typed.words[start].start]):
        one, other = other, one
    is_mutual = cue.value in MUTUAL or (not inside and between[0].folded in _TOGETHER)
    words = " ".join(typed.text[word.start : word.end] for word in verb)
    builder.relation = Relation(one.value, words, other.value, cue.value, is_mutual, one.accepts, other.accepts)
    builder.interactions.remove(found)
    builder.cues.append(cue)
    builder.chips.append(
        Chip("relation", cue.words, f"{one.value} {'↔' if is_mutual else '→'} {cue.value} {'↔' if is_mutual else '→'} {other.value}")
    )


def _relate_plainly(builder: ClauseBuilder, between: Sequence[QueryWord], one: Cue, other: Cue) -> None:
    """Any other verb between two names that stand next to each other."""
    verb = [word for word in between if not (word.claimed or is_stop_word(word.folded) or word.folded in _JOINING)]
    if verb and len(between) < MAX_BETWEEN:
        words = " ".join(builder.typed.text[word.start : word.end] for word in verb)
        builder.relation = Relation(one.value, words, other.value, "", False, one.accepts, other.accepts)
