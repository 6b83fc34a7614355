"""Jobs, as people ask for them: start, cancel, retry, run again. The work itself is in :mod:`.running` and :mod:`.steps`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from omniscript_mam import steps
from omniscript_mam.errors import ConflictError
from omniscript_mam.models import Asset, Job, Segment, State, Step
from omniscript_mam.selectors.collections import get_collection, writer_of
from omniscript_mam.selectors.visible import visible_assets
from omniscript_mam.viewer import Action, Viewer

from .. import publishing
from ..writers import check_writer
from .holds import is_held
from .leases import lapsed

ACTIVE = (State.QUEUED, State.RUNNING)

_FRESH: dict[str, object] = {
    "state": State.QUEUED, "attempt": 0, "token": None, "lease_until": None, "cancel_requested": False, "finished_at": None,
    "published_at": None, "error_code": "", "error": "", "remedy": "", "message": "Waiting",
}  # fmt: skip
"""A job that waits as if for the first time."""


def enqueue(viewer: Viewer, asset: Asset) -> Job:
    """See to it that the asset has, or will have, a script; asking again changes nothing.

    Returns:
        The active job; else the last one if it ended well; else the last one, tried again; else a new one.

    Raises:
        ForbiddenError
    """
    viewer.require(Action.CORRECT, asset.collection_id)
    latest = asset.jobs.order_by("-created_at").first()
    if latest is None:
        return _create(viewer, asset, "ingest")
    if latest.state in (State.FAILED, State.CANCELLED):
        return retry(viewer, latest)
    return latest


def rerun(viewer: Viewer, asset: Asset, writer: str = "") -> Job:
    """Do everything again, as a new job, with the writer of that name if one is given; an active job is returned instead.

    Raises:
        ForbiddenError
        WriterNameError: no writer is called so; nothing was queued.
    """
    return _create(viewer, asset, "rerun", writer)


def rerun_collection(viewer: Viewer, collection_id: uuid.UUID | str) -> list[Job]:
    """Write the scripts of all its films again, with the writer that is chosen now; films that are being written are left to it.

    Raises:
        NotFoundError, ForbiddenError
    """
    viewer.require(Action.CORRECT)
    return [rerun(viewer, asset) for asset in visible_assets(viewer).filter(collection_id=get_collection(viewer, collection_id).id)]


def retry_segments(viewer: Viewer, asset: Asset, indexes: Sequence[int] | None = None) -> Job:
    """Ask the job's writer again for segments that another one had to write; the rest is kept, and a new revision comes of it.

    Args:
        indexes: which segments, from 0; ``None`` means what has a fault: where that is the plan, the film is planned and written anew.

    Raises:
        ForbiddenError. ConflictError: the asset is being worked on, has no finished job, or there is nothing to write again.
    """
    viewer.require(Action.CORRECT, asset.collection_id)
    job = asset.jobs.order_by("-created_at").first()
    if job is None or job.state != State.DONE:
        raise ConflictError(f"“{asset.title}” has no finished job.", remedy="Wait for its job, or retry it.")
    if indexes is None and job.steps.get(name="plan").result.get("plan", {}).get("faults"):
        return _plan_again(job)
    chosen = Segment.objects.filter(job=job)
    chosen = chosen.exclude(fault="") if indexes is None else chosen.filter(index__in=indexes)
    try:
        _queue_segments(job, chosen)
    except IntegrityError:
        raise ConflictError("Another job of this asset is active.", remedy="Wait for it, or cancel it first.") from None
    job.refresh_from_db()
    return job


def cancel(viewer: Viewer, job: Job) -> Job:
    """Stop a job: at once if it waits, within seconds if it runs. What is finished is kept; a finished job is left as it is.

    A job whose worker is silent is cancelled when that worker is known to be gone, and is shown as *cancelling* until then.

    Raises:
        ForbiddenError
    """
    viewer.require(Action.CORRECT, job.asset.collection_id)
    now = timezone.now()
    idle = Q(state=State.QUEUED)
    if not is_held(job.id):
        idle |= Q(state=State.RUNNING) & lapsed()
    with transaction.atomic():
        waiting = Job.objects.filter(id=job.id).filter(idle)
        if not waiting.update(state=State.CANCELLED, finished_at=now, token=None, cancel_requested=True, message="Cancelled"):
            Job.objects.filter(id=job.id, state=State.RUNNING).update(cancel_requested=True, message="Stopping …")
    job.refresh_from_db()
    return job


def retry(viewer: Viewer, job: Job) -> Job:
    """Go on with a failed or cancelled job from its last checkpoint; an active job is left as it is.

    A film that was never planned is written by the writer that is chosen now: the former one may be why the job failed.

    Raises:
        ForbiddenError. ConflictError: the job ended well, or another job of the asset is active.
    """
    viewer.require(Action.CORRECT, job.asset.collection_id)
    job.refresh_from_db()
    if job.is_active:
        return job
    if job.state == State.DONE:
        raise ConflictError("The job ended well.", remedy="Run the asset again to make a new script.")
    try:
        with transaction.atomic():
            changed = Job.objects.filter(id=job.id, state__in=[State.FAILED, State.CANCELLED]).update(**_FRESH)
            unplanned = Step.objects.filter(job=job, name="plan", job__kind="ingest").exclude(state=State.DONE)
            if changed and unplanned.exists():
                Job.objects.filter(id=job.id).update(writer=writer_of(viewer, job.asset_id))
            Step.objects.filter(job=job).exclude(state=State.DONE).update(state=State.QUEUED, message="")
            if changed:
                publishing.wake_for_job(job.id)
    except IntegrityError:
        raise ConflictError("Another job of this asset is active.", remedy="Wait for it, or cancel it first.") from None
    job.refresh_from_db()
    return job


def _plan_again(job: Job) -> Job:
    """Plan the film anew, and write it: other borders and other people make other segments. What was spent so far stays counted."""
    try:
        with transaction.atomic():
            if not Job.objects.filter(id=job.id, state=State.DONE).update(kind="segments", progress=0.0, **_FRESH):
                raise ConflictError("The job changed meanwhile.", remedy="Look at it again.")
            again = [step.name for step in steps.steps_from("plan")]
            Step.objects.filter(job=job, name__in=again).update(state=State.QUEUED, message="", progress=0.0)
            Step.objects.filter(job=job, name="merge").update(result={})
            publishing.wake_for_job(job.id)
    except IntegrityError:
        raise ConflictError("Another job of this asset is active.", remedy="Wait for it, or cancel it first.") from None
    job.refresh_from_db()
    return job


def _queue_segments(job: Job, chosen: QuerySet[Segment]) -> None:
    with transaction.atomic():
        if not Job.objects.filter(id=job.id, state=State.DONE).update(kind="segments", progress=0.0, **_FRESH):
            raise ConflictError("The job changed meanwhile.", remedy="Look at it again.")
        num_chosen = chosen.update(
            state=State.QUEUED, draft="", fault="", live=[], token=None, lease_until=None, num_writes=0, num_retries=F("num_retries") + 1
        )
        if not num_chosen:
            raise ConflictError("There is no segment to write again.", remedy="Every segment was written by the writer that was asked.")
        again = [step.name for step in steps.steps_from("write")]
        Step.objects.filter(job=job, name__in=again).update(state=State.QUEUED, message="", progress=0.0)
        Step.objects.filter(job=job, name="merge").update(result={})
        publishing.wake_for_job(job.id)


def _create(viewer: Viewer, asset: Asset, kind: str, writer: str = "") -> Job:
    viewer.require(Action.CORRECT, asset.collection_id)
    writer = check_writer(writer or writer_of(viewer, asset.id))
    try:
        with transaction.atomic():
            job = Job.objects.create(asset=asset, kind=kind, writer=writer, message="Waiting")
            Step.objects.bulk_create([Step(job=job, name=step.name, position=position) for position, step in enumerate(steps.STEPS)])
            publishing.wake_for_job(job.id)
    except IntegrityError:  # one active job of an asset: somebody was first
        active = asset.jobs.filter(state__in=ACTIVE).first()
        return active or _create(viewer, asset, kind, writer)
    return job
