"""Judging candidates: how well a record answers a clause, and whether it answers it at all.

Score = reciprocal rank fusion of the channels (Cormack et al. 2009, k = 60, scaled so that rank 1 of a channel is its weight)
      + how much of the wording is there + cues (people, time, mood, place, each by the field's confidence) + exact wording.

The weights were set by hand; what they give on the labelled queries is printed by benchmarks/search.py and held by
tests/search/test_quality.py.
The last term exceeds everything else together: what has the very words a person typed is never ranked below what only resembles them.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from search.analysis import analyse_query
from search.fields import BREAK, CONTEXT_FIELDS, OWN_FIELDS, field_tokens
from search.finding.channels import Candidates
from search.finding.terms import ExpandedWord
from search.query.model import SOFT, Clause, Cue
from search.types import Record

RRF_K = 60
LEXICAL_WEIGHT = 0.6
VECTOR_WEIGHT = 0.6
COVERAGE_WEIGHT = 0.8
NAMES_WEIGHT = 0.6
SOFT_WEIGHT = 0.25
FIELD_WEIGHT = 0.15
RELATION_WEIGHT = 0.3
EXACT_WEIGHT = 4.0
WHOLE_FIELD_WEIGHT = 0.2
"""For a line that is the wording and nothing else."""

CONTEXT_SHARE = 0.7
"""A word token_fields in the scene's fields counts this much of one token_fields in the moment's own."""

MIN_COVERAGE = 0.5
"""Share of the wording, by rarity, under which a record does not answer."""

MIN_SHARE_OF_BEST = 0.6
"""A record must reach this share of the best one's wording, or of its cosine."""

UNSTATED_CONFIDENCE = 0.8
"""Of a value whose script states none."""

PRESENCE = {"character": 1.0, "near_character": 0.85, "scene_character": 0.6, "about_character": 0.45}
"""How much a name counts by how near to the event its bearer is."""


@dataclass(frozen=True)
class ScoredRecord:
    """How well one record answers one clause.

    Attributes:
        record: the record.
        score: what it is ranked by; only comparable within one query.
        coverage: share of the wording that is there, in [0, 1], by rarity.
        cosine: of its vector with the clause's; 0 if the vectors did not find it.
        is_exact: the clause as typed stands in one of its own fields, word for word.
        has_phrases: every quoted phrase is there.
        presence: per cue, in [−1, 1]: below zero the record says otherwise, zero says nothing.
        token_fields: matched token → the field it stands in ("context" for what the scene states).
        is_quoted: phrases were asked for, and it has them all.
    """

    record: Record
    score: float
    coverage: float
    cosine: float
    is_exact: bool
    has_phrases: bool
    presence: dict[Cue, float] = field(default_factory=dict)
    token_fields: dict[str, str] = field(default_factory=dict)
    is_quoted: bool = False

    def bears_out(self, cue: Cue) -> bool:
        """Whether the record has what a cue asks for, to whatever degree."""
        return self.presence.get(cue, 0.0) > 0.0

    def has_all(self, cues: tuple[Cue, ...]) -> bool:
        """Whether the record bears every cue out, to whatever degree."""
        return all(map(self.bears_out, cues))


class Scorer:
    """Scores the candidates of one clause."""

    def __init__(self, clause: Clause, candidates: Candidates) -> None:
        """Scores by what ``clause`` asks and how high the channels ranked its ``candidates``."""
        self.clause, self.candidates = clause, candidates
        self.exact_tokens = [token.text for token in analyse_query(clause.text)]
        self.whole = [known for known in (self.exact_tokens, *(list(phrase.tokens) for phrase in clause.phrases)) if known]
        self.cues = tuple(cue for cue in clause.cues if not cue.excludes)

    def score(self, record: Record) -> ScoredRecord:
        """How well one record answers the clause."""
        own = {name: field_tokens(record, [name]) for name in OWN_FIELDS if name in record.text}
        context = {token for token in field_tokens(record, CONTEXT_FIELDS)}
        coverage, token_fields = self._coverage(own, context, record)
        is_exact = len(self.exact_tokens) > 1 and any(_has_run(known, self.exact_tokens) for known in own.values())
        has_phrases = all(self._has_phrase(own, phrase.tokens, phrase.fields, record) for phrase in self.clause.phrases)
        presence = {cue: presence_of(record, cue) for cue in self.cues}
        cosine = self.candidates.cosines.get(record.id, 0.0)
        score = self._rank_score(record.id, coverage) + COVERAGE_WEIGHT * coverage
        score += self._cue_score(record, presence, own, token_fields)
        score += EXACT_WEIGHT * (0.5 * is_exact + (bool(self.clause.phrases) and has_phrases))
        score += WHOLE_FIELD_WEIGHT * any(known in self.whole for known in own.values())
        return ScoredRecord(
            record,
            round(score, 6),
            coverage,
            cosine,
            is_exact,
            has_phrases,
            presence,
            token_fields,
            has_phrases and bool(self.clause.phrases),
        )

    def _rank_score(self, key: str, coverage: float) -> float:
        """Fused ranks. A first place by words counts only as far as the words are there: first among the bad is not good."""
        score = 0.0
        lexical_weight = LEXICAL_WEIGHT * (coverage if self.clause.words else 1.0)
        for ranks, weight in ((self.candidates.lexical, lexical_weight), (self.candidates.vector, VECTOR_WEIGHT)):
            if key in ranks:
                score += weight * (RRF_K + 1) / (RRF_K + ranks[key])
        return score

    def _coverage(self, own: dict[str, list[str]], context: set[str], record: Record) -> tuple[float, dict[str, str]]:
        """Share of the words that are there, and token → field where each was found."""
        total = reached = 0.0
        token_fields: dict[str, str] = {}
        own_sets = {name: set(known) for name, known in own.items()}
        for word in self.candidates.words:
            total += word.rarity
            reached += word.rarity * _best(word, own_sets, context, record, token_fields)
        return (reached / total if total else 0.0), token_fields

    def _has_phrase(self, own: dict[str, list[str]], wanted: tuple[str, ...], fields: tuple[str, ...], record: Record) -> bool:
        places = [own.get(name) or field_tokens(record, [name]) for name in fields] if fields else list(own.values())
        return any(_has_run(known, list(wanted)) for known in places)

    def _cue_score(self, record: Record, presence: dict[Cue, float], own: dict[str, list[str]], token_fields: dict[str, str]) -> float:
        names = [value for cue, value in presence.items() if cue.facet == "character"]
        score = NAMES_WEIGHT * sum(names) / len(names) if names else 0.0
        for cue, value in presence.items():
            if cue.facet == "kind":
                score += FIELD_WEIGHT * (value > 0.0)
            elif cue.facet != "character":
                score += SOFT_WEIGHT * value * (1.0 if cue.strength == SOFT else 2.0)
        if self.clause.fields and any(place in self.clause.fields for place in token_fields.values()):
            score += 2 * FIELD_WEIGHT
        relation = self.clause.relation
        if relation and record.kind == "event":
            doer = record.text.get("character", "").split("\n")[0]
            score += RELATION_WEIGHT * (doer != "" and doer in relation.actor)
        return score


def _best(word: ExpandedWord, own: dict[str, set[str]], context: set[str], record: Record, token_fields: dict[str, str]) -> float:
    """The weight of the best alternative that the record has, 0 if none."""
    fields = word.group.fields
    for alternative in sorted(word.group.alternatives, key=lambda other: -other.weight):
        token = alternative.token
        for name, known in own.items():
            if (not fields or name in fields) and _has(known, token, alternative.is_prefix):
                token_fields[token] = name
                return alternative.weight
        if any(_has(set(field_tokens(record, [name])), token, alternative.is_prefix) for name in fields if name in CONTEXT_FIELDS):
            return alternative.weight
        if not fields and _has(context, token, alternative.is_prefix):
            token_fields[token] = "context"
            return alternative.weight * CONTEXT_SHARE
    return 0.0


def _has(known: set[str], token: str, is_prefix: bool) -> bool:
    return token in known or (is_prefix and any(other.startswith(token) for other in known))


def _has_run(known: list[str], wanted: list[str]) -> bool:
    """Whether the tokens stand one after the other (no run reaches over :data:`BREAK`, which no query has)."""
    if not wanted or BREAK in wanted:
        return False
    size = len(wanted)
    return any(known[at] == wanted[0] and known[at : at + size] == wanted for at in range(len(known) - size + 1))


def presence_of(record: Record, cue: Cue) -> float:
    """How far a record bears a cue out, in [−1, 1]."""
    if cue.facet == "character":
        confidence = record.confidence.get("character", 1.0)
        for facet, weight in PRESENCE.items():
            if cue.accepts.intersection(record.facets.get(facet, ())):
                scene_share = 0.7 if record.kind == "scene" and facet == "character" else 1.0
                return weight * scene_share * (0.5 + 0.5 * confidence)
        return 0.0
    values = record.facets.get(cue.facet, ())
    confidence = record.confidence.get(cue.facet, UNSTATED_CONFIDENCE)
    if cue.accepts.intersection(values):
        return 0.5 + 0.5 * confidence
    return -0.5 * confidence if values and cue.facet in ("time", "mood", "type", "location", "interaction") else 0.0
