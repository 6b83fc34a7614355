"""Jobs in words: what is going on, how far it is, and what to do about an error.

A *digest* names everything of a job that shows, so that the page asks "has anything changed?" and is sent only what has.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from omniscript_mam.selectors.jobs import JobDetail, JobRow, StepRow

from .segments import LiveSegment, SegmentCell, cells, live_segments, spent

STATE_WORDS = {
    "queued": "Waiting", "running": "Working", "cancelling": "Cancelling", "done": "Ready", "failed": "Failed", "cancelled": "Cancelled",
    "new": "New",
}  # fmt: skip
STATE_TONES = {"running": "busy", "cancelling": "busy", "done": "good", "failed": "bad"}
BY_STAND_IN = "Done by lite"
"""The state of a job that is done, but not by the writer alone that was asked."""
STOPPING = "Stopping …"
"""The message of a job that was told to stop and has not yet; it matters more than what the step says."""


@dataclass(frozen=True)
class StepLine:
    """One step: ``percent`` is 0..100."""

    name: str
    title: str
    state: str
    percent: int
    message: str


@dataclass(frozen=True)
class JobLine:
    """A job as cards, the asset page and the jobs page show it; ``row`` has the rest. ``num_degraded`` segments were left to a stand-in."""

    row: JobRow
    words: str
    tone: str
    doing: str
    percent: int
    steps: list[StepLine]
    segments: list[SegmentCell]
    live: list[LiveSegment]
    spent: str
    took_s: float | None
    digest: str

    @property
    def num_degraded(self) -> int:
        """Segments that a stand-in wrote."""
        return sum(cell.state == "degraded" for cell in self.segments)


def job_line(row: JobRow, detail: JobDetail | None = None) -> JobLine:
    """One job in words; with its steps and segments where they were read."""
    steps = [_step_line(step) for step in detail.steps] if detail else []
    marks = cells(detail.segments) if detail else []
    live = live_segments(detail.segments) if detail else []
    cost = spent(detail.spending) if detail else ""
    running = next((step for step in steps if step.state == "running"), None)
    doing = (running.message or running.title) if running and row.message != STOPPING else (row.message or STATE_WORDS[row.state])
    percent = 100 if row.state == "done" else max(0, min(100, row.percent))
    took_s = (row.finished_at - row.started_at).total_seconds() if row.finished_at and row.started_at else None
    parts = [(s.state, s.percent) for s in steps], [m.title for m in marks]
    name = digest(repr((row.id, row.state, percent, doing, row.attempt, row.error, parts, cost)))
    words, tone = (BY_STAND_IN, "bad") if row.is_degraded else (STATE_WORDS[row.state], STATE_TONES.get(row.state, ""))
    return JobLine(row, words, tone, doing, percent, steps, marks, live, cost, took_s, name)


def digest(text: str) -> str:
    """A short name of a text: equal texts, equal names."""
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def _step_line(step: StepRow) -> StepLine:
    percent = 100 if step.state == "done" else round(100 * min(1.0, max(0.0, step.progress)))
    return StepLine(step.label, step.title, step.state, percent, step.message)
