"""Jobs with their steps and segments, and which job stands for an asset."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, QuerySet

from omniscript_mam.errors import ConflictError, NotFoundError
from omniscript_mam.models import Job, Segment, State, Step

from .pages import Page

STEP_TITLES = {
    "probe": "Look at the file",
    "proxy": "Make it playable",
    "survey": "Decode sound and frames",
    "pictures": "Make poster, thumbnails and waveform",
    "plan": "Find scenes and segments",
    "write": "Write the segments",
    "merge": "Join them into one script",
    "index": "Make it searchable",
}


@dataclass(frozen=True)
class StepRow:
    """One step as shown."""

    name: str
    title: str
    state: str
    progress: float
    message: str
    started_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True)
class SegmentRow:
    """One segment as shown; times in seconds of the film. ``fault`` says why another writer stood in; ``live`` are its newest events."""

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


@dataclass(frozen=True)
class JobRow:
    """One job as shown. ``progress`` is 0..1; ``error``, ``remedy`` and ``error_code`` are empty unless it failed."""

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
        return self.state in (State.QUEUED, State.RUNNING)

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


def jobs(*, state: str = "", asset_id: uuid.UUID | str | None = None, offset: int = 0, limit: int = 24) -> Page[JobRow]:
    """Jobs, newest first; of one state or one asset when named."""
    found = Job.objects.all()
    if state:
        found = found.filter(state=state)
    if asset_id is not None:
        found = found.filter(asset_id=asset_id)
    total = found.count()
    page = _counted(found).order_by("-created_at", "id")[offset : offset + limit]
    return Page(tuple(job_row(job) for job in page), total, offset, limit)


def job_detail(job_id: uuid.UUID | str) -> JobDetail:
    """One job.

    Raises:
        NotFoundError
    """
    identifier = parse_uuid(job_id)
    job = _counted(Job.objects.filter(id=identifier)).first() if identifier else None
    if job is None:
        raise NotFoundError(f"There is no job {job_id}.")
    segments = tuple(_segment_row(segment) for segment in job.segments.defer("draft"))
    steps = tuple(_step_row(step) for step in job.steps.defer("result"))
    return JobDetail(job_row(job), steps, segments, _spending(job, segments))


def segments_of_script(asset_id: uuid.UUID | str) -> tuple[SegmentRow, ...]:
    """The segments of the last job of an asset that came to a script: who wrote which stretch of it."""
    job = _job_of_script(asset_id)
    return tuple(_segment_row(segment) for segment in job.segments.defer("draft")) if job else ()


def spending_of_script(asset_id: uuid.UUID | str) -> Spending:
    """What the last job of an asset that came to a script spent."""
    job = _job_of_script(asset_id)
    return _spending(job, job.segments.only("num_tokens", "cost", "currency")) if job else Spending()


def _job_of_script(asset_id: uuid.UUID | str) -> Job | None:
    return Job.objects.filter(asset_id=asset_id, steps__name="merge", steps__state=State.DONE).order_by("-created_at").first()


def _spending(job: Job, segments: Iterable[Segment | SegmentRow]) -> Spending:
    plan = Step.objects.filter(job=job, name="plan").values_list("result__plan__notes__usage", flat=True).first() or {}
    rows = [(row.num_tokens, row.cost, row.currency) for row in segments]
    rows.append((plan.get("num_prompt_tokens", 0) + plan.get("num_new_tokens", 0), plan.get("cost"), plan.get("currency", "")))
    paid = [(cost, currency) for _, cost, currency in rows if cost is not None]
    return Spending(sum(count for count, *_ in rows), sum(cost for cost, _ in paid) if paid else None, paid[0][1] if paid else "")


def find_job(prefix: str) -> Job:
    """A job by its id or the beginning of it.

    Raises:
        NotFoundError: none. ConflictError: several.
    """
    wanted = prefix.lower().replace("-", "")
    found = [job for job in Job.objects.only("id") if job.id.hex.startswith(wanted)] if wanted else []
    if not found:
        raise NotFoundError(f"There is no job {prefix}.", remedy="`omniscript jobs` lists them.")
    if len(found) > 1:
        raise ConflictError(f"{len(found)} jobs begin with {prefix}.", remedy="Give more of the id.")
    return Job.objects.get(id=found[0].id)


def latest_jobs(asset_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, JobRow]:
    """The newest job of each asset."""
    rows: dict[uuid.UUID, JobRow] = {}
    for job in _counted(Job.objects.filter(asset_id__in=list(asset_ids))).order_by("created_at"):
        rows[job.asset_id] = job_row(job)
    return rows


def job_row(job: Any) -> JobRow:
    """A job as shown; counts its segments unless the query did."""
    if not hasattr(job, "num_segments"):
        job = _counted(Job.objects.filter(id=job.id)).get()
    return JobRow(
        id=str(job.id),
        asset_id=str(job.asset_id),
        title=job.asset.title,
        kind=job.kind,
        state=job.state,
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


def _counted(found: QuerySet[Job]) -> QuerySet[Any]:
    done = Count("segments", filter=Q(segments__state=State.DONE))
    return found.select_related("asset").annotate(num_segments=Count("segments"), num_segments_done=done)


def parse_uuid(value: uuid.UUID | str) -> uuid.UUID | None:
    """The id behind a text, or ``None``."""
    try:
        return uuid.UUID(str(value))
    except (ValueError, ValidationError):
        return None


def _step_row(step: Step) -> StepRow:
    title = STEP_TITLES.get(step.name, step.name)
    return StepRow(step.name, title, step.state, step.progress, step.message, step.started_at, step.finished_at)


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
    )
