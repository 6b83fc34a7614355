"""Plot segments and high points as the page shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omniscript_mam.script import PlotSegment, Script
from omniscript_mam.selectors.planning import Continuity

from .clock import Clock, elapsed, seconds_text
from .passing import passing
from .segments import SegmentNote
from .values import Value, tones, value_of


@dataclass(frozen=True)
class Span:
    """A stretch of film: its start in seconds (text), and both ends as people read them."""

    start: str
    elapsed: str
    timecode: str
    end_elapsed: str
    end_timecode: str


@dataclass(frozen=True)
class Person:
    """A character as a chip."""

    id: str
    name: str
    tone: str


@dataclass(frozen=True)
class PlotEntry:
    """One segment of the plan: what happens, who is active, how those are tied, how it goes on from before, and who wrote it."""

    number: int
    span: Span
    summary: Value
    people: list[Person]
    relations: list[str]
    continuity: str
    written: SegmentNote | None


@dataclass(frozen=True)
class HighPointEntry:
    """One high point. ``score_width`` is its score as a width in per cent."""

    type: str
    span: Span
    description: Value
    score: str
    score_width: str
    reasons: list[tuple[str, str]]


def plot(script: Script, clock: Clock, notes: Sequence[SegmentNote] = (), continuity: Sequence[Continuity] = ()) -> list[PlotEntry]:
    """The plan's segments with who is active in them.

    Args:
        notes, continuity: who wrote which stretch and what the planner noted on it; an entry shows those that cover its middle.
    """
    colours = tones(script)
    entries = []
    for number, segment in enumerate(script.plot, start=1):
        middle_s = (segment.start_s + segment.end_s) / 2
        entries.append(
            PlotEntry(
                number,
                span(segment.start_s, segment.end_s, clock),
                value_of(segment, "summary"),
                [Person(each, script.character_name(each), colours.get(each, "tone-none")) for each in segment.active_characters],
                _relations(script, segment),
                next((each.note for each in continuity if each.start_s <= middle_s < each.end_s), ""),
                next((note for note in notes if note.start_s <= middle_s < note.end_s), None),
            )
        )
    return entries


def _relations(script: Script, segment: PlotSegment) -> list[str]:
    """How those who are active are tied, and what passes between them meanwhile."""
    active = set(segment.active_characters)
    meanwhile = [each for each in script.interactions() if segment.start_s <= each.start_s < segment.end_s]
    stated = [
        f"{script.character_name(each.source_id)} {each.relation} {script.character_name(each.target_id)}"
        for each in script.relationships
        if {each.source_id, each.target_id} <= active
    ]
    return stated + [each.sentence for each in passing(script, meanwhile)]


def high_points(script: Script, clock: Clock) -> list[HighPointEntry]:
    """High points with the reasons that are stated, by channel."""
    entries = []
    for point in script.high_points:
        reasons = [(channel.capitalize(), text) for channel, text in point.reasoning.model_dump().items() if text]
        where = span(point.start_s, point.end_s, clock)
        entries.append(
            HighPointEntry(point.type, where, value_of(point, "description"), f"{point.score:g}", f"{10 * point.score:g}%", reasons)
        )
    return entries


def span(start_s: float, end_s: float, clock: Clock) -> Span:
    """A stretch of film in words."""
    return Span(seconds_text(start_s), elapsed(start_s), clock.label(start_s), elapsed(end_s), clock.label(end_s))
