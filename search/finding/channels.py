"""What is asked of the stores for one clause, and the candidates they answer with, before anything is scored.

Each channel (words, vectors, cues, exact wording) looks at the whole scope and, where names are asked for, again among the records with
those names, so that a rare pair of people is not lost behind better-worded records without them. All channels of all clauses go to
each store in one call (:class:`search.ports.Lookup`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from search.analysis import analyse_query, stem
from search.finding.terms import ExpandedWord
from search.ports import Alternative, Match, Phrase, Scope, TextQuery, VectorChannel, WordChannel, WordGroup
from search.query.model import HARD, SOFT, STRONG, Clause, Cue

NUM_LEXICAL = 200
NUM_VECTOR = 150
NUM_BY_CUES = 150
NUM_EXACT = 50


@dataclass(frozen=True)
class ClauseChannels:
    """Every channel of one clause. ``words`` are (role, channel); see :func:`channels_of` for the roles."""

    expanded: tuple[ExpandedWord, ...]
    query: TextQuery
    words: tuple[tuple[str, WordChannel], ...] = ()
    vectors: tuple[VectorChannel, ...] = ()


@dataclass
class Candidates:
    """Rank (from 1) of each record per channel; ``cosines`` of those that vectors found.

    ``is_capped``: a channel gave as many as it was asked for, so more may match.
    """

    words: tuple[ExpandedWord, ...] = ()
    lexical: dict[str, int] = field(default_factory=dict)
    vector: dict[str, int] = field(default_factory=dict)
    cosines: dict[str, float] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)
    is_capped: bool = False

    @property
    def ids(self) -> list[str]:
        """Every record that any channel gave, in order of id."""
        return sorted(self.lexical.keys() | self.vector.keys() | self.others)


def hard_scope(scope: Scope, clause: Clause) -> Scope:
    """The scope narrowed by what excludes: "only", ``in:``, "without"."""
    required = [(_scene_facet(cue), cue.accepts) for cue in clause.cues if cue.strength == HARD and not cue.excludes]
    excluded = [(_scene_facet(cue), cue.accepts) for cue in clause.cues if cue.excludes and cue.accepts]
    return replace(
        scope,
        required=(*scope.required, *required),
        excluded=(*scope.excluded, *excluded),
        excluded_tokens=(*scope.excluded_tokens, *clause.excluded_tokens),
        excluded_phrases=(*scope.excluded_phrases, *(Phrase(phrase.tokens, phrase.fields) for phrase in clause.excluded_phrases)),
        kinds=frozenset({"scene"}) if clause.whole_scenes else scope.kinds,
    )


def _scene_facet(cue: Cue) -> str:
    return "scene_character" if cue.facet == "character" else cue.facet


def _about(cue: Cue) -> str:
    return "about_character" if cue.facet == "character" else cue.facet


def text_query(clause: Clause, words: tuple[ExpandedWord, ...]) -> TextQuery:
    """The clause's words and phrases as a word store takes them; what was understood as a cue boosts."""
    boosts = [WordGroup((Alternative(stem(word), 0.5),)) for word in clause.cue_words if word.isascii()]
    boosts += [WordGroup((Alternative(token.text),), ("character",)) for cue in clause.names for token in analyse_query(cue.words)]
    phrases = tuple(Phrase(phrase.tokens, phrase.fields) for phrase in clause.phrases)
    return TextQuery(tuple(word.group for word in words), phrases, 1, tuple(dict.fromkeys(boosts)))


def channels_of(
    clause: Clause, expanded: tuple[ExpandedWord, ...], scope: Scope, vector: np.ndarray | None, *, use_words: bool = True
) -> ClauseChannels:
    """Every channel that a clause needs.

    The roles of word channels: ``words`` (the wording), ``names`` (the wording among records with the names asked for), ``cues`` (all
    soft cues together), ``cue`` (one of them), ``scope`` (everything, when there is nothing else to ask), ``exact`` (the text as typed).

    Args:
        clause: what is looked for.
        expanded: its words and what may stand for them.
        scope: where; already narrowed by :func:`hard_scope`.
        vector: the clause's sentence, float32 of shape (num_dims,), of length one; ``None`` to leave that channel out.
        use_words: false leaves the word channels out (to measure vectors alone).
    """
    query = text_query(clause, expanded)
    strong = [cue for cue in clause.cues if cue.strength == STRONG and not cue.excludes]
    narrowed = replace(scope, required=(*scope.required, *((_about(cue), cue.accepts) for cue in strong)))
    words = tuple(_word_channels(clause, query, scope, narrowed if strong else None)) if use_words else ()
    vectors: tuple[VectorChannel, ...] = ()
    if vector is not None and clause.sentence and (clause.words or not clause.phrases):
        vectors = tuple(VectorChannel(vector, where, NUM_VECTOR) for where in ((scope, narrowed) if strong else (scope,)))
    return ClauseChannels(expanded, query, words, vectors)


def _word_channels(clause: Clause, query: TextQuery, scope: Scope, narrowed: Scope | None) -> list[tuple[str, WordChannel]]:
    channels: list[tuple[str, WordChannel]] = []
    loose = replace(query, minimum=0)
    if query.groups or query.phrases:
        channels.append(("words", WordChannel(query, scope, NUM_LEXICAL)))
    if narrowed is not None:
        channels.append(("names", WordChannel(loose, narrowed, NUM_LEXICAL)))
    wanted = [(cue.facet, cue.accepts) for cue in clause.cues if cue.strength == SOFT and not cue.excludes]
    if wanted:
        base = narrowed or scope
        together = replace(base, required=(*base.required, *wanted))
        channels.append(("cues", WordChannel(loose, together, NUM_BY_CUES)))
        if len(wanted) > 1 and not clause.words and not clause.phrases:
            alone = [replace(base, required=(*base.required, pair)) for pair in wanted]
            channels += [("cue", WordChannel(loose, where, NUM_BY_CUES)) for where in alone]
    if not channels:  # "only Grug", in:"Title", a filter of the page
        channels.append(("scope", WordChannel(query, scope, NUM_LEXICAL)))
    exact = tuple(token.text for token in analyse_query(clause.text))
    if len(exact) > 1 and not clause.phrases:
        channels.append(("exact", WordChannel(TextQuery(phrases=(Phrase(exact),)), scope, NUM_EXACT)))
    return channels


def candidates_of(
    clause: Clause, channels: ClauseChannels, by_words: Sequence[Sequence[Match]], by_vectors: Sequence[Sequence[Match]]
) -> Candidates:
    """The candidates that the stores' answers give.

    Args:
        clause: what is looked for.
        channels: what was asked.
        by_words: matches of each of its word channels.
        by_vectors: matches of each of its vector channels.
    """
    candidates = Candidates(words=channels.expanded)
    for (role, channel), matches in zip(channels.words, by_words, strict=True):
        is_full = len(matches) >= channel.limit
        if role in ("words", "names"):
            for rank, match in enumerate(matches, 1):
                candidates.lexical[match.record_id] = min(rank, candidates.lexical.get(match.record_id, rank))
        else:
            candidates.others.update(match.record_id for match in matches)
        candidates.is_capped |= is_full and (role in ("words", "scope") or (role == "cues" and not clause.words))
    candidates.cosines = {match.record_id: match.score for matches in by_vectors for match in matches}
    ordered = sorted(candidates.cosines, key=lambda key: (-round(candidates.cosines[key], 5), key))
    candidates.vector = {key: rank for rank, key in enumerate(ordered, 1)}
    return candidates
