"""The strip under the player: one block per scene, and lanes for high points and characters. Positions are per cent of the film."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from omniscript_mam.exporters.screenplay import slug_line
from omniscript_mam.script import Script, TimeRange

from .clock import Clock, seconds_text
from .values import place_tones, tones

NUM_LANES = 4
"""Characters with a lane of their own: those with the most events."""

MERGE_FRACTION = 1 / 500
"""Marks closer than this part of the film are drawn as one; they would touch on any screen."""

NUMBERED_PERCENT = 3.0
"""Narrower blocks have no room for their number."""


@dataclass(frozen=True)
class Mark:
    """A stretch on a lane, in per cent, ready for SVG attributes."""

    x: str
    width: str
    title: str = ""


@dataclass(frozen=True)
class Block(Mark):
    """One scene on the bar. ``start`` and ``end`` are seconds as text."""

    number: int = 0
    is_numbered: bool = False
    start: str = ""
    end: str = ""
    tone: str = "tone-none"
    id: str = ""


@dataclass(frozen=True)
class Lane:
    """Where somebody (or a high point) is."""

    name: str
    tone: str
    marks: list[Mark]


@dataclass(frozen=True)
class Timeline:
    """The whole strip."""

    blocks: list[Block]
    high_points: list[Mark]
    lanes: list[Lane]


def timeline(script: Script, duration_s: float, clock: Clock) -> Timeline:
    """Blocks and lanes of a script over a film of ``duration_s`` seconds."""
    places, colours = place_tones(script), tones(script)
    blocks = []
    for number, scene in enumerate(script.scenes, start=1):
        x, width = _span(scene.start_s, scene.end_s, duration_s)
        title = " ".join(part for part in (f"Scene {number}", slug_line(scene)) if part)
        blocks.append(
            Block(
                f"{x:.3f}%", f"{width:.3f}%", title, number, width >= NUMBERED_PERCENT,
                seconds_text(scene.start_s), seconds_text(scene.end_s),
                places.get(scene.location.casefold(), "tone-none"), scene.id,
            )
        )  # fmt: skip
    highs = [
        Mark(*_percent(point.start_s, point.end_s, duration_s), f"{point.type} ({point.score:g} of 10) at {clock.label(point.start_s)}")
        for point in script.high_points
    ]
    events = script.events()
    busiest = sorted(script.characters, key=lambda person: -sum(event.character_id == person.id for event in events))[:NUM_LANES]
    lanes = [
        Lane(person.name, colours[person.id], presence((event for event in events if event.character_id == person.id), duration_s))
        for person in busiest
    ]
    return Timeline(blocks, highs, [lane for lane in lanes if lane.marks])


def presence(ranges: Iterable[TimeRange], duration_s: float) -> list[Mark]:
    """Time ranges as marks; those that would touch are drawn as one."""
    merged: list[list[float]] = []
    for stretch in sorted(ranges, key=lambda each: each.start_s):
        if merged and stretch.start_s - merged[-1][1] <= MERGE_FRACTION * duration_s:
            merged[-1][1] = max(merged[-1][1], stretch.end_s)
        else:
            merged.append([stretch.start_s, stretch.end_s])
    return [Mark(*_percent(start_s, end_s, duration_s)) for start_s, end_s in merged]


def _percent(start_s: float, end_s: float, duration_s: float) -> tuple[str, str]:
    x, width = _span(start_s, end_s, duration_s)
    return f"{x:.3f}%", f"{max(width, 0.25):.3f}%"


def _span(start_s: float, end_s: float, duration_s: float) -> tuple[float, float]:
    whole = max(duration_s, end_s, 1e-3)
    return 100 * start_s / whole, 100 * max(0.0, end_s - start_s) / whole
