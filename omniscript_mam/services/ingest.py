"""Jobs, as people ask for them: start, cancel, retry, run again. The work itself is in :mod:`.running` and :mod:`.steps`."""

from __future__ import annotations

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from omniscript_mam.errors import ConflictError
from omniscript_mam.models import Asset, Job, State, Step

from . import publishing

STEPS = ("probe", "proxy", "survey", "pictures", "plan", "write", "merge", "index")
"""The steps of a job, in order."""

ACTIVE = (State.QUEUED, State.RUNNING)


def enqueue(asset: Asset) -> Job:
    """See to it that the asset has, or will have, a script; asking again changes nothing.

    Returns:
        The active job; else the last one if it ended well; else the last one, tried again; else a new one.
    """
    latest = asset.jobs.order_by("-created_at").first()
    if latest is None:
        return _create(asset, "ingest")
    if latest.state in (State.FAILED, State.CANCELLED):
        return retry(latest)
    return latest


def rerun(asset: Asset) -> Job:
    """Do everything again, as a new job; an active job is returned instead."""
    return _create(asset, "rerun")


def cancel(job: Job) -> Job:
    """Stop a job: at once if it waits, within seconds if it runs. What is finished is kept; a finished job is left as it is."""
    now = timezone.now()
    with transaction.atomic():
        waiting = Job.objects.filter(id=job.id).filter(Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lt=now))
        if not waiting.update(state=State.CANCELLED, finished_at=now, token=None, cancel_requested=True, message="Cancelled"):
            Job.objects.filter(id=job.id, state=State.RUNNING).update(cancel_requested=True, message="Stopping …")
    job.refresh_from_db()
    return job


def retry(job: Job) -> Job:
    """Go on with a failed or cancelled job from its last checkpoint; an active job is left as it is.

    Raises:
        ConflictError: the job ended well, or another job of the asset is active.
    """
    job.refresh_from_db()
    if job.is_active:
        return job
    if job.state == State.DONE:
        raise ConflictError("The job ended well.", remedy="Run the asset again to make a new script.")
    try:
        with transaction.atomic():
            changed = Job.objects.filter(id=job.id, state__in=[State.FAILED, State.CANCELLED]).update(
                state=State.QUEUED, attempt=0, token=None, lease_until=None, cancel_requested=False, finished_at=None, published_at=None,
                error_code="", error="", remedy="", message="Waiting",
            )  # fmt: skip
            Step.objects.filter(job=job).exclude(state=State.DONE).update(state=State.QUEUED, message="")
            if changed:
                publishing.wake_for_job(job.id)
    except IntegrityError:
        raise ConflictError("Another job of this asset is active.", remedy="Wait for it, or cancel it first.") from None
    job.refresh_from_db()
    return job


def _create(asset: Asset, kind: str) -> Job:
    writer = str(asset.options.get("writer") or settings.OMNISCRIPT_WRITER)
    try:
        with transaction.atomic():
            job = Job.objects.create(asset=asset, kind=kind, writer=writer, message="Waiting")
            Step.objects.bulk_create([Step(job=job, name=name, position=position) for position, name in enumerate(STEPS)])
            publishing.wake_for_job(job.id)
    except IntegrityError:  # one active job of an asset: somebody was first
        active = asset.jobs.filter(state__in=ACTIVE).first()
        return active or _create(asset, kind)
    return job
