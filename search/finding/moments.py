"""From judged records to moments: what is relevant at all, what was given up to find it, records joined into moments, steps into sequences.

A clause's records pass a floor that adapts to the best of them: wording must be there to at least half (by rarity), or the meaning
be nearer than the embedding model's floor. If nothing passes, the demands are given up one after the other, and each step is told to
the person: people asked for, then the wording, then all words together. If still nothing passes there is nothing, and that is the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from search.finding.scoring import MIN_COVERAGE, MIN_SHARE_OF_BEST, ScoredRecord
from search.query.model import HARD, SOFT, STRONG, Clause, Cue, ParsedQuery

SECOND_MATCH_BONUS = 0.04
"""For each further record of a moment that matches, up to three: a scene that keeps to the subject."""

MIN_PARTIAL_COVERAGE = 0.3
SURE_COVERAGE = 0.75
"""Wording from which a moment without the people asked for is still worth showing."""

MAX_EVENTS = 20


@dataclass(frozen=True, eq=False)
class Moment:
    """Judged records of one moment, best first, with the moment's own score and time range in seconds."""

    asset_id: str
    scene_id: str
    scored_records: tuple[ScoredRecord, ...]
    score: float
    start_s: float
    end_s: float

    @property
    def best(self) -> ScoredRecord:
        """The record that speaks for the moment."""
        return self.scored_records[0]

    @property
    def is_exact(self) -> bool:
        """Whether the words as typed, or every quoted phrase, stand in one of its records."""
        return any(scored.is_exact or scored.is_quoted for scored in self.scored_records)

    def led_by(self, scored: ScoredRecord) -> Moment:
        """The same moment, spoken for by another of its records."""
        return replace(self, scored_records=(scored, *self.scored_records), start_s=scored.record.start_s, end_s=scored.record.end_s)

    @property
    def event_ids(self) -> tuple[str, ...]:
        """Ids of its matching events, best first, at most :data:`MAX_EVENTS`."""
        return tuple(scored.record.event_id for scored in self.scored_records if scored.record.event_id)[:MAX_EVENTS]


def select(clause: Clause, scored_records: Sequence[ScoredRecord], floor: float) -> tuple[list[ScoredRecord], list[str]]:
    """The relevant records, best first, and what was given up to find any.

    Args:
        clause: what was asked.
        scored_records: of its candidates, in any order.
        floor: the embedding model's cosine under which texts are unrelated.
    """
    strong = tuple(cue for cue in clause.cues if cue.strength in (STRONG, HARD) and not cue.excludes)
    soft = tuple(cue for cue in clause.cues if cue not in strong and not cue.excludes)
    if clause.phrases:
        scored_records = [scored for scored in scored_records if scored.has_phrases]
    with_people = [scored for scored in scored_records if scored.is_exact or scored.has_all(strong)]
    chosen = _with_content(clause, with_people, floor, soft, bool(strong))
    relaxed: list[str] = []
    if not chosen and strong and (clause.words or clause.phrases or soft):
        chosen, relaxed = _without_people(clause, strong, _with_content(clause, scored_records, floor, soft, bool(strong)), scored_records)
    if not chosen and clause.words and not clause.phrases:
        chosen = [scored for scored in scored_records if scored.coverage >= MIN_PARTIAL_COVERAGE and scored.has_all(strong)]
        relaxed = ["Nothing has all of these words; these have some."] if chosen else []
    return sorted(chosen, key=_order), relaxed


def _with_content(
    clause: Clause, scored_records: Sequence[ScoredRecord], floor: float, soft: tuple[Cue, ...], has_strong: bool
) -> list[ScoredRecord]:
    """Those that say what was asked: in its words, or near enough in meaning, or, where no words are left, in their facets."""
    if not clause.words:
        if clause.phrases or has_strong or not soft:
            return list(scored_records)
        return [scored for scored in scored_records if scored.is_exact or any(scored.presence.get(cue, 0.0) > 0.0 for cue in soft)]
    most = max((scored.coverage for scored in scored_records), default=0.0)
    nearest = max((scored.cosine for scored in scored_records), default=0.0)
    min_coverage, min_cosine = max(MIN_COVERAGE, MIN_SHARE_OF_BEST * most), max(floor, MIN_SHARE_OF_BEST * nearest)
    understood = tuple(cue for cue in soft if cue.facet == "interaction")  # its words are words as well: either will do
    return [
        scored
        for scored in scored_records
        if scored.is_exact or scored.coverage >= min_coverage or scored.cosine >= min_cosine or any(map(scored.bears_out, understood))
    ]


def _without_people(
    clause: Clause, strong: tuple[Cue, ...], with_content: list[ScoredRecord], scored_records: Sequence[ScoredRecord]
) -> tuple[list[ScoredRecord], list[str]]:
    """Give up the people (and what else was asked for by name), or else the wording. What excludes is never given up."""
    wanted = tuple(cue for cue in strong if cue.strength == STRONG)
    hard = tuple(cue for cue in strong if cue.strength == HARD)
    named = _listed([cue.value for cue in wanted])
    said = " ".join(word.words for word in clause.words if not word.is_cue) or " ".join(phrase.words for phrase in clause.phrases)
    without = [
        scored
        for scored in with_content
        if scored.has_all(hard) and (scored.has_phrases if clause.phrases else scored.coverage >= SURE_COVERAGE)
    ]
    if without and wanted:
        return without, [f"No moment has all of this with {named}; these are without."]
    with_people = [scored for scored in scored_records if scored.has_all(strong)]
    soft = tuple(cue for cue in clause.cues if cue.strength == SOFT and not cue.excludes)
    between = [scored for scored in with_people if scored.has_all(soft)] if soft and clause.relation else []
    if between:  # who, with whom, when and where are all there: what passes between people is seldom said in its own word
        return between, []
    if with_people and wanted:
        return with_people, [_only_people(clause, said, named)]
    return [], []


def _only_people(clause: Clause, said: str, named: str) -> str:
    if said:
        return f"Nothing about “{said}” was found; these are moments with {named}."
    passing = [cue.value for cue in clause.cues if cue.facet == "interaction" and not cue.excludes]
    return (
        f"No script says “{_listed(passing)}” of them; these are moments with {named}." if passing else f"These are moments with {named}."
    )


def _listed(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{', '.join(values[:-1])} and {values[-1]}" if values else ""


def join(scored_records: Sequence[ScoredRecord], level: str) -> list[Moment]:
    """Records → moments, best first: those of one scene are one moment; at level ``line`` each event is."""
    groups: dict[tuple[str, str, str], list[ScoredRecord]] = {}
    for scored in scored_records:
        record = scored.record
        if level == "line" and (record.kind == "scene" or not record.text.get("dialogue")):
            continue
        key = (record.asset_id, record.scene_id, record.event_id if level == "line" else "")
        groups.setdefault(key, []).append(scored)
    return sorted((_moment(group) for group in groups.values()), key=moment_order)


def _moment(group: list[ScoredRecord]) -> Moment:
    """Events come before their scene, whose record only repeats them, unless the scene alone has it all."""
    events = sorted((scored for scored in group if scored.record.kind == "event"), key=_order)
    scenes = [scored for scored in group if scored.record.kind == "scene"]
    ordered = [*events, *scenes]
    score = max(scored.score for scored in group) + SECOND_MATCH_BONUS * min(3, len(events) - 1 if events else 0)
    if scenes and events and scenes[0].coverage > events[0].coverage + 0.25 and not events[0].is_exact:
        ordered = [events[0], scenes[0], *events[1:]]
    best = ordered[0].record
    return Moment(best.asset_id, best.scene_id, tuple(ordered), round(score, 6), best.start_s, best.end_s)


def follow(parsed: ParsedQuery, steps: Sequence[list[ScoredRecord]]) -> list[Moment]:
    """Moments in which every clause has an event: in order, or at the same time, with no gap longer than asked for.

    The moment runs from the first step's start to the last step's end, or is the step that the others only place
    (:attr:`search.query.ParsedQuery.focus`).
    """
    chains: list[tuple[ScoredRecord, ...]] = [(scored,) for scored in steps[0] if scored.record.kind == "event"]
    for step in steps[1:]:
        by_asset: dict[str, list[ScoredRecord]] = {}
        for scored in step:
            if scored.record.kind == "event":
                by_asset.setdefault(scored.record.asset_id, []).append(scored)
        chains = [
            (*chain, scored)
            for chain in chains
            for scored in by_asset.get(chain[-1].record.asset_id, ())
            if scored.record.id not in {other.record.id for other in chain} and _fits(parsed, chain[-1], scored)
        ]
    best: dict[tuple[str, ...], Moment] = {}
    for chain in chains:
        moment = _chain_moment(parsed, chain)
        # one start, many possible ends: the nearest and best end speaks for it
        key = (moment.asset_id, chain[parsed.focus or 0].record.id)
        if key not in best or moment_order(moment) < moment_order(best[key]):
            best[key] = moment
    return sorted(best.values(), key=moment_order)


def _fits(parsed: ParsedQuery, before: ScoredRecord, after: ScoredRecord) -> bool:
    first, second = before.record, after.record
    if parsed.is_ordered:
        return second.start_s >= first.start_s and second.start_s - first.end_s <= parsed.max_gap_s
    return first.scene_id == second.scene_id and second.start_s - first.end_s <= parsed.max_gap_s >= first.start_s - second.end_s


def _chain_moment(parsed: ParsedQuery, chain: tuple[ScoredRecord, ...]) -> Moment:
    shown = chain if parsed.focus is None else chain[parsed.focus : parsed.focus + 1]
    start_s = min(scored.record.start_s for scored in shown)
    end_s = max(scored.record.end_s for scored in shown)
    gap_s = sum(max(0.0, after.record.start_s - before.record.end_s) for before, after in pairwise(chain))
    score = sum(scored.score for scored in chain) / len(chain) - 0.3 * min(1.0, gap_s / parsed.max_gap_s)
    return Moment(chain[0].record.asset_id, chain[0].record.scene_id, chain, round(score, 6), start_s, end_s)


def _order(scored: ScoredRecord) -> tuple[float, str, float, str]:
    return -scored.score, scored.record.asset_id, scored.record.start_s, scored.record.id


def moment_order(moment: Moment) -> tuple[float, str, float, str]:
    """Best first, then by asset and time."""
    return -moment.score, moment.asset_id, moment.start_s, moment.best.record.id
