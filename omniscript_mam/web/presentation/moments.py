"""Plot segments and high points as the page shows them."""

from __future__ import annotations

from dataclasses import dataclass

from omniscript_mam.script import Script

from .clock import Clock, elapsed, seconds_text
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

    name: str
    tone: str


@dataclass(frozen=True)
class PlotEntry:
    """One segment of the plan."""

    number: int
    span: Span
    summary: Value
    people: list[Person]


@dataclass(frozen=True)
class HighPointEntry:
    """One high point. ``score_width`` is its score as a width in per cent."""

    type: str
    span: Span
    description: Value
    score: str
    score_width: str
    reasons: list[tuple[str, str]]


def plot(script: Script, clock: Clock) -> list[PlotEntry]:
    """The plan's segments with who is active in them."""
    colours = tones(script)
    return [
        PlotEntry(
            number,
            span(segment.start_s, segment.end_s, clock),
            value_of(segment, "summary"),
            [Person(script.character_name(found), colours.get(found, "tone-none")) for found in segment.active_characters],
        )
        for number, segment in enumerate(script.plot, start=1)
    ]


def high_points(script: Script, clock: Clock) -> list[HighPointEntry]:
    """High points with the reasons that are stated, by channel."""
    found = []
    for point in script.high_points:
        reasons = [(channel.capitalize(), text) for channel, text in point.reasoning.model_dump().items() if text]
        where = span(point.start_s, point.end_s, clock)
        found.append(
            HighPointEntry(point.type, where, value_of(point, "description"), f"{point.score:g}", f"{10 * point.score:g}%", reasons)
        )
    return found


def span(start_s: float, end_s: float, clock: Clock) -> Span:
    """A stretch of film in words."""
    return Span(seconds_text(start_s), elapsed(start_s), clock.label(start_s), elapsed(end_s), clock.label(end_s))
