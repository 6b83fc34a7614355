"""Jobs on the wire."""

from __future__ import annotations

from collections.abc import Mapping
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


class RepairWire(TypedDict):
    """One thing that was changed of what a model said: which rule (``line.unheard``), where, and the words."""

    code: str
    place: str
    detail: str


class ClaimsWire(TypedDict):
    """How much of what a model said was borne out.

    Attributes:
        num_heard, num_put_in, num_dropped: lines that are heard; those of them that it had not written; its own that nobody is heard
            to say.
        num_values, num_unsure: values with a confidence or a reason; those that are doubtful.
        ears, eyes: claims borne out, of those that could be checked.
    """

    num_heard: int
    num_put_in: int
    num_dropped: int
    num_values: int
    num_unsure: int
    ears: list[int]
    eyes: list[int]


class SegmentWire(TypedDict):
    """One segment of a job, in seconds of the film.

    Attributes:
        index: its number from 0.
        num_writes, num_retries: how often it was written; how often its writer was asked again.
        fault: why another writer stood in; "" where none did.
        repairs: what was cut, repaired, replaced or lost of what its writer said (docs/repairs.md lists the codes).
        claims: how much of what its writer said was borne out; ``None`` where nothing was compared.
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
    repairs: list[RepairWire]
    claims: ClaimsWire | None
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
        repairs=[RepairWire(code=each["code"], place=each["place"], detail=each["detail"]) for each in row.repairs],
        claims=claims_wire(row.claims),
        num_tokens=row.num_tokens,
        cost=row.cost,
        currency=row.currency,
        live=list(row.live),
    )


def claims_wire(claims: Mapping[str, Any]) -> ClaimsWire | None:
    """What of a segment was borne out."""
    if not claims.get("is_weighed"):
        return None
    counts = {name: int(claims.get(name, 0)) for name in ("num_heard", "num_put_in", "num_dropped", "num_values", "num_unsure")}
    return ClaimsWire(**counts, ears=list(claims.get("ears", (0, 0))), eyes=list(claims.get("eyes", (0, 0))))  # type: ignore[typeddict-item]


def spending_wire(spending: Spending) -> SpendingWire:
    """What a job spent."""
    return SpendingWire(num_tokens=spending.num_tokens, cost=spending.cost, currency=spending.currency)
