"""Jobs in words: what is going on, how far it is, and what to do about an error.

A *digest* names everything of a job that shows, so that the page asks "has anything changed?" and is sent only what has.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from omniscript_mam.selectors.jobs import JobDetail, JobRow, SegmentRow

from .timeline import Mark

STEP_NAMES = {
    "probe": "Check", "proxy": "Player copy", "survey": "Survey", "pictures": "Pictures", "plan": "Plan", "write": "Write",
    "merge": "Join", "index": "Index",
}  # fmt: skip
"""Short names, for where a step's title does not fit."""

STATE_WORDS = {"queued": "Waiting", "running": "Working", "done": "Ready", "failed": "Failed", "cancelled": "Cancelled", "new": "New"}
STATE_TONES = {"running": "busy", "done": "good", "failed": "bad"}


@dataclass(frozen=True)
class StepLine:
    """One step: ``percent`` is 0..100."""

    name: str
    title: str
    state: str
    percent: int
    message: str


@dataclass(frozen=True)
class SegmentMark(Mark):
    """One segment of the writer's plan on a strip."""

    state: str = "queued"


@dataclass(frozen=True)
class JobLine:
    """A job as cards, the asset page and the jobs page show it; ``row`` has the rest."""

    row: JobRow
    words: str
    tone: str
    doing: str
    percent: int
    steps: list[StepLine]
    segments: list[SegmentMark]
    took_s: float | None
    digest: str


def job_line(row: JobRow, detail: JobDetail | None = None) -> JobLine:
    """One job in words; with its steps and segments where they were read."""
    steps = [_step_line(step.name, step.title, step.state, step.progress, step.message) for step in detail.steps] if detail else []
    marks = _segment_marks(detail.segments) if detail else []
    running = next((step for step in steps if step.state == "running"), None)
    doing = (running.message or running.title) if running else (row.message or STATE_WORDS[row.state])
    percent = 100 if row.state == "done" else max(0, min(100, row.percent))
    took_s = (row.finished_at - row.started_at).total_seconds() if row.finished_at and row.started_at else None
    shown = (row.id, row.state, percent, doing, row.attempt, row.error, [(s.state, s.percent) for s in steps], [m.state for m in marks])
    return JobLine(row, STATE_WORDS[row.state], STATE_TONES.get(row.state, ""), doing, percent, steps, marks, took_s, digest(repr(shown)))


def digest(text: str) -> str:
    """A short name of a text: equal texts, equal names."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _step_line(name: str, title: str, state: str, progress: float, message: str) -> StepLine:
    percent = 100 if state == "done" else round(100 * min(1.0, max(0.0, progress)))
    return StepLine(STEP_NAMES.get(name, name.capitalize()), title, state, percent, message)


def _segment_marks(segments: Sequence[SegmentRow]) -> list[SegmentMark]:
    whole_s = max((segment.end_s for segment in segments), default=0.0) or 1.0
    return [
        SegmentMark(f"{100 * s.start_s / whole_s:.2f}%", f"{max(0.2, 100 * (s.end_s - s.start_s) / whole_s - 0.15):.2f}%", "", s.state)
        for s in segments
    ]
