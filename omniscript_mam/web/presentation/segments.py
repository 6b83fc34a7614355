"""Segments of a job: who wrote each, what went wrong, and the events that are being written this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from omniscript_mam.repairs import RepairLine, borne_out, repair_lines
from omniscript_mam.script import EVENT_FIELDS
from omniscript_mam.selectors.jobs import SegmentRow, Spending

from .clock import elapsed
from .timeline import Mark

MAX_LIVE = 6
"""Newest events shown of each segment that is being written."""

STATE_WORDS = {
    "queued": "waiting", "running": "being written", "done": "written", "failed": "failed", "cancelled": "cancelled",
    "degraded": "written by a stand-in",
}  # fmt: skip


@dataclass(frozen=True)
class SegmentCell(Mark):
    """One segment on the strip. ``state`` is a job's state, or ``degraded`` where another writer stood in."""

    state: str = "queued"


@dataclass(frozen=True)
class SegmentNote:
    """Who wrote a stretch of the film. ``fault`` says why the asked-for writer could not ("" = it did).

    ``repairs`` are what was changed of what it said, ``borne_out`` how much of that could be confirmed ("" = nothing was compared).
    """

    number: int
    start_s: float
    end_s: float
    writer: str
    version: str
    fault: str
    num_retries: int = 0
    repairs: tuple[RepairLine, ...] = ()
    num_repairs: int = 0
    borne_out: str = ""


@dataclass(frozen=True)
class LiveLine:
    """An event while it is being written; ``id`` stays the same from one look to the next."""

    id: str
    elapsed: str
    who: str
    text: str
    kind: str


@dataclass(frozen=True)
class LiveSegment:
    """A segment that is being written, its newest events first."""

    number: int
    start: str
    end: str
    writer: str
    lines: list[LiveLine]


def cells(segments: Sequence[SegmentRow]) -> list[SegmentCell]:
    """The strip: as wide as the segments are long."""
    whole_s = max((segment.end_s for segment in segments), default=0.0) or 1.0
    return [_cell(segment, whole_s) for segment in segments]


def _cell(segment: SegmentRow, whole_s: float) -> SegmentCell:
    state = "degraded" if segment.state == "done" and segment.fault else segment.state
    words = f"Segment {segment.index + 1}, {elapsed(segment.start_s)} – {elapsed(segment.end_s)}: {STATE_WORDS[state]}"
    if segment.writer and state != "queued":
        words += f" ({segment.writer})" if state == "degraded" else f" by {segment.writer}"
    width = max(0.2, 100 * (segment.end_s - segment.start_s) / whole_s - 0.15)
    return SegmentCell(f"{100 * segment.start_s / whole_s:.2f}%", f"{width:.2f}%", words, state)


def notes(segments: Sequence[SegmentRow]) -> tuple[SegmentNote, ...]:
    """Who wrote what, of segments that are written."""
    return tuple(
        SegmentNote(
            each.index + 1,
            each.start_s,
            each.end_s,
            each.writer,
            each.writer_version,
            each.fault,
            each.num_retries,
            repair_lines(each.repairs),
            len(each.repairs),
            borne_out(each.claims),
        )
        for each in segments
        if each.state == "done" and each.writer
    )


def live_segments(segments: Sequence[SegmentRow]) -> list[LiveSegment]:
    """What is being written now."""
    return [
        LiveSegment(each.index + 1, elapsed(each.start_s), elapsed(each.end_s), each.writer, _lines(each))
        for each in segments
        if each.state == "running" and each.live
    ]


def _lines(segment: SegmentRow) -> list[LiveLine]:
    return [_line(segment.index, event) for event in segment.live[-MAX_LIVE:]][::-1]


def _line(index: int, event: dict[str, Any]) -> LiveLine:
    kind = next((name for name in EVENT_FIELDS if event.get(name)), "action")
    start_s, who = float(event.get("start_s") or 0.0), str(event.get("character") or "")
    return LiveLine(f"live-{index}-{start_s:.2f}-{kind}", elapsed(start_s), who, str(event.get(kind) or ""), kind)


def spent(spending: Spending) -> str:
    """Tokens read and written so far, and what they cost; "" where the writer counts none."""
    words = [f"{spending.num_tokens:,} tokens"] if spending.num_tokens else []
    if spending.cost is not None:
        amount = "under 0.01" if 0 < spending.cost < 0.01 else f"{spending.cost:.2f}"
        words.append(f"{amount} {spending.currency}".strip())
    return ", ".join(words)
