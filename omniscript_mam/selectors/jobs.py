"""Jobs with their steps and segments, and which job stands for an asset."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from omniscript_mam.errors import ConflictError, NotFoundError
from omniscript_mam.models import Job, PlanSummary, Segment, State, Step
from omniscript_mam.models.jobs import CANCELLING
from omniscript_mam.steps import step_definition
from omniscript_mam.viewer import Viewer

from .identifiers import parse_uuid, uuid_range
from .pages import Page
from .visible import visible_jobs, visible_plans

STATES = tuple(State.values)
"""States of a job."""


@dataclass(frozen=True)
class StepRow:
    """One step as shown; ``label`` is its short title."""

    name: str
    title: str
    label: str
    state: str
    progress: float
    message: str
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class SegmentRow:
    """One segment as shown; times in seconds of the film. ``fault`` says why another writer stood in; ``live`` are its newest events.

    ``repairs`` are what was cut, repaired, replaced or lost (code, place, detail); ``claims`` how much was borne out.
    """

    index: int
    start_s: float
    end_s: float
    state: str
    num_writes: int
    num_retries: int = 0
    writer: str = ""
    writer_version: str = ""
    fault: str = ""
    num_tokens: int = 0
    cost: float | None = None
    currency: str = ""
    live: tuple[dict[str, Any], ...] = ()
    repairs: tuple[dict[str, str], ...] = ()
    claims: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobRow:
    """One job as shown. ``state`` is its row's or :data:`CANCELLING`; ``progress`` is 0..1; ``error``, ``remedy`` and ``error_code`` are
    empty unless it failed, or is done but not by the writer alone that was asked.
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
    error_code: str
    error: str
    remedy: str
    num_segments: int
    num_segments_done: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def is_active(self) -> bool:
        return self.state in (State.QUEUED, State.RUNNING, CANCELLING)

    @property
    def is_degraded(self) -> bool:
        """It is done, but the writer that was asked could not do all of it."""
        return self.state == State.DONE and bool(self.error)

    @property
    def can_retry(self) -> bool:
        return self.state in (State.FAILED, State.CANCELLED)

    @property
    def percent(self) -> int:
        return int(100 * self.progress)


@dataclass(frozen=True)
class Spending:
    """Tokens read and written by a job's model, its plan included, and their declared price (``None``: no price is declared)."""

    num_tokens: int = 0
    cost: float | None = None
    currency: str = ""


@dataclass(frozen=True)
class JobDetail:
    """A job with its steps and segments."""

    job: JobRow
    steps: tuple[StepRow, ...]
    segments: tuple[SegmentRow, ...]
    spending: Spending = Spending()


def jobs(viewer: Viewer, *, state: str = "", asset_id: uuid.UUID | str | None = None, offset: int = 0, limit: int = 24) -> Page[JobRow]:
    """Jobs, newest first; of one state or one asset when named."""
    chosen = visible_jobs(viewer)
    if state in (State.RUNNING, CANCELLING):
        chosen = chosen.filter(state=State.RUNNING, cancel_requested=state == CANCELLING)
    elif state:
        chosen = chosen.filter(state=state)
    if asset_id is not None:
        chosen = chosen.filter(asset_id=asset_id)
    total = chosen.count()
    page = _counted(chosen).order_by("-created_at", "id")[offset : offset + limit]
    return Page(tuple(_job_row(job) for job in page), total, offset, limit)


def job_detail(viewer: Viewer, job_id: uuid.UUID | str) -> JobDetail:
    """One job.

    Raises:
        NotFoundError
    """
    identifier = parse_uuid(job_id)
    job = _counted(visible_jobs(viewer).filter(id=identifier)).first() if identifier else None
    if job is None:
        raise NotFoundError(f"There is no job {job_id}.")
    segments = tuple(_segment_row(segment) for segment in job.segments.defer("draft"))
    steps = tuple(_step_row(step) for step in job.steps.defer("result"))
    return JobDetail(_job_row(job), steps, segments, _spending(viewer, job, segments))


def segments_of_script(viewer: Viewer, asset_id: uuid.UUID | str) -> tuple[SegmentRow, ...]:
    """The segments of the last job of an asset that came to a script: who wrote which stretch of it."""
    job = _job_of_script(viewer, asset_id)
    return tuple(_segment_row(segment) for segment in job.segments.defer("draft")) if job else ()


def spending_of_script(viewer: Viewer, asset_id: uuid.UUID | str) -> Spending:
    """What the last job of an asset that came to a script spent."""
    job = _job_of_script(viewer, asset_id)
    return _spending(viewer, job, job.segments.only("num_tokens", "cost", "currency")) if job else Spending()


def _job_of_script(viewer: Viewer, asset_id: uuid.UUID | str) -> Job | None:
    return visible_jobs(viewer).filter(asset_id=asset_id, steps__name="merge", steps__state=State.DONE).order_by("-created_at").first()


def _spending(viewer: Viewer, job: Job, segments: Iterable[Segment | SegmentRow]) -> Spending:
    plans = visible_plans(viewer).filter(job=job).only("num_tokens", "cost", "currency")
    parts: list[Segment | SegmentRow | PlanSummary] = [*segments, *plans]
    paid = [(part.cost, part.currency) for part in parts if part.cost is not None]
    return Spending(sum(part.num_tokens for part in parts), sum(cost for cost, _ in paid) if paid else None, paid[0][1] if paid else "")


def find_job(viewer: Viewer, prefix: str) -> Job:
    """A job by its id or the beginning of it.

    Raises:
        NotFoundError: none. ConflictError: several.
    """
    span = uuid_range(prefix)
    candidates = visible_jobs(viewer).filter(id__range=span) if span else visible_jobs(viewer).none()
    num_candidates = candidates.count()
    if num_candidates > 1:
        raise ConflictError(f"{num_candidates} jobs begin with {prefix}.", remedy="Give more of the id.")
    job = candidates.first()
    if job is None:
        raise NotFoundError(f"There is no job {prefix}.", remedy="`omniscript jobs` lists them.")
    return job


def latest_jobs(viewer: Viewer, asset_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, JobRow]:
    """The newest job of each asset."""
    rows: dict[uuid.UUID, JobRow] = {}
    for job in _counted(visible_jobs(viewer).filter(asset_id__in=list(asset_ids))).order_by("created_at"):
        rows[job.asset_id] = _job_row(job)
    return rows


def job_row(viewer: Viewer, job: Job) -> JobRow:
    """A job as it is now.

    Raises:
        NotFoundError: it was deleted meanwhile, or is not theirs to see.
    """
    row = _counted(visible_jobs(viewer).filter(id=job.id)).first()
    if row is None:
        raise NotFoundError(f"There is no job {job.id}.")
    return _job_row(row)


def _job_row(job: Any) -> JobRow:
    """A job that :func:`_counted` has given the numbers of its segments."""
    return JobRow(
        id=str(job.id),
        asset_id=str(job.asset_id),
        title=job.asset.title,
        kind=job.kind,
        state=job.shown_state,
        progress=job.progress,
        message=job.message,
        writer=job.writer,
        attempt=job.attempt,
        error_code=job.error_code,
        error=job.error,
        remedy=job.remedy,
        num_segments=job.num_segments,
        num_segments_done=job.num_segments_done,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
    )


def _counted(chosen: QuerySet[Job]) -> QuerySet[Any]:
    done = Count("segments", filter=Q(segments__state=State.DONE))
    return chosen.select_related("asset").annotate(num_segments=Count("segments"), num_segments_done=done)


def _step_row(step: Step) -> StepRow:
    definition = step_definition(step.name)
    return StepRow(
        name=step.name,
        title=definition.title,
        label=definition.label,
        state=step.state,
        progress=step.progress,
        message=step.message,
        started_at=step.started_at,
        finished_at=step.finished_at,
    )


def _segment_row(segment: Segment) -> SegmentRow:
    return SegmentRow(
        index=segment.index,
        start_s=segment.start_s,
        end_s=segment.end_s,
        state=segment.state,
        num_writes=segment.num_writes,
        num_retries=segment.num_retries,
        writer=segment.writer,
        writer_version=segment.writer_version,
        fault=segment.fault,
        num_tokens=segment.num_tokens,
        cost=segment.cost,
        currency=segment.currency,
        live=tuple(segment.live),
        repairs=tuple(segment.repairs),
        claims=segment.claims,
    )
