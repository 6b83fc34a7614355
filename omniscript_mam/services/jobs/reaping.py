"""Wakes what fell asleep: jobs whose worker died, and jobs whose message was lost."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from omniscript_mam.models import Job, State

from .. import publishing
from .holds import is_held

REPUBLISH_S = 600.0
"""A job that waits while nothing runs gets another message when its last one is older than this."""


def reap() -> int:
    """Send a message for every job whose worker fell silent or whose message seems lost; returns how many. Safe anywhere, any time.

    A message seems lost when it could not be sent, or when a job waits for long although nothing is running.
    """
    now = timezone.now()
    active = Job.objects.filter(state__in=[State.QUEUED, State.RUNNING])
    lapsed = Q(state=State.RUNNING, lease_until__lt=now)
    for job_id in active.filter(Q(state=State.QUEUED) | lapsed, cancel_requested=True).values_list("id", flat=True):
        if not is_held(job_id):  # its worker is gone; one that only hangs may still be at work
            active.filter(Q(state=State.QUEUED) | lapsed, id=job_id).update(
                state=State.CANCELLED, finished_at=now, token=None, message="Cancelled"
            )
    active = active.filter(cancel_requested=False)
    unsent = Q(published_at=None)
    if not active.filter(state=State.RUNNING, lease_until__gte=now).exists():
        unsent |= Q(published_at__lt=now - timedelta(seconds=REPUBLISH_S))
    asleep = Q(state=State.QUEUED) & unsent | lapsed & (unsent | Q(published_at__lt=F("lease_until")))
    job_ids = list(active.filter(asleep).order_by("created_at").values_list("id", flat=True))
    for job_id in job_ids:
        publishing.wake_for_job(job_id)
    return len(job_ids)
