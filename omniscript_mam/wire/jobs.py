"""Jobs on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypedDict

from omniscript_mam.selectors.jobs import JobDetail, JobRow, SegmentRow, Spending, StepRow


class JobWire(TypedDict):
    """A job in a list.

    Attributes:
        title: that of its asset.
        state: ``queued``, ``running``, ``cancelling`` (until its work has stopped), ``done``, ``failed`` or ``cancelled``.
        progress: 0..1.
        attempt: how many workers have claimed it.
        degraded: it is done, but not by the writer alone that was asked: small models stood in, or planned plainly.
        error_code, error, remedy: "" unless it failed or is degraded.
    """

    id: str
    asset_id: str
    title: str
    kind: str
    state: str
    progress: float
    message: str
    writer: str
    attempt: int
    degraded: bool
    error_code: str
    error: str
    remedy: str
    num_segments: int
    num_segments_done: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class StepWire(TypedDict):
    """One step of a job; ``progress`` is 0..1."""

    name: str
    title: str
    state: str
    progress: float
    message: str
    started_at: datetime | None
    finished_at: datetime | None


class SegmentWire(TypedDict):
    """One segment of a job, in seconds of the film.

    Attributes:
        index: its number from 0.
        num_writes, num_retries: how often it was written; how often its writer was asked again.
        fault: why another writer stood in; "" where none did.
        num_tokens, cost, currency: what its writer spent; ``cost`` is ``None`` where no price is declared.
        live: the newest events of a segment that is being written, as its writer gives them.
    """

    index: int
    start_s: float
    end_s: float
    state: str
    num_writes: int
    num_retries: int
    writer: str
    writer_version: str
    fault: str
    num_tokens: int
    cost: float | None
    currency: str
    live: list[dict[str, Any]]


class SpendingWire(TypedDict):
    """What the whole job spent, its plan included; ``cost`` is ``None`` where no price is declared."""

    num_tokens: int
    cost: float | None
    currency: str


class JobDetailWire(TypedDict):
    """A job with its steps and segments."""

    job: JobWire
    steps: list[StepWire]
    segments: list[SegmentWire]
    spending: SpendingWire


def job_wire(row: JobRow) -> JobWire:
    """A job in a list."""
    return JobWire(
        id=row.id,
        asset_id=row.asset_id,
        title=row.title,
        kind=row.kind,
        state=row.state,
        progress=row.progress,
        message=row.message,
        writer=row.writer,
        attempt=row.attempt,
        degraded=row.is_degraded,
        error_code=row.error_code,
        error=row.error,
        remedy=row.remedy,
        num_segments=row.num_segments,
        num_segments_done=row.num_segments_done,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def job_detail_wire(detail: JobDetail) -> JobDetailWire:
    """A job with its steps and segments."""
    return JobDetailWire(
        job=job_wire(detail.job),
        steps=[step_wire(row) for row in detail.steps],
        segments=[segment_wire(row) for row in detail.segments],
        spending=spending_wire(detail.spending),
    )


def step_wire(row: StepRow) -> StepWire:
    """One step."""
    return StepWire(
        name=row.name,
        title=row.title,
        state=row.state,
        progress=row.progress,
        message=row.message,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def segment_wire(row: SegmentRow) -> SegmentWire:
    """One segment."""
    return SegmentWire(
        index=row.index,
        start_s=row.start_s,
        end_s=row.end_s,
        state=row.state,
        num_writes=row.num_writes,
        num_retries=row.num_retries,
        writer=row.writer,
        writer_version=row.writer_version,
        fault=row.fault,
        num_tokens=row.num_tokens,
        cost=row.cost,
        currency=row.currency,
        live=list(row.live),
    )


def spending_wire(spending: Spending) -> SpendingWire:
    """What a job spent."""
    return SpendingWire(num_tokens=spending.num_tokens, cost=spending.cost, currency=spending.currency)
