"""Wakes what fell asleep: jobs whose worker died, and jobs whose message was lost."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from omniscript_mam.models import Job, State

from .. import publishing
from .holds import is_held
from .leases import lapsed

log = logging.getLogger(__name__)

REPUBLISH_S = 600.0
"""A job that waits while nothing runs gets another message when its last one is older than this."""


def reap() -> int:
    """Send a message for every job whose worker fell silent or whose message seems lost; returns how many. Safe anywhere, any time.

    A message seems lost when it could not be sent, or when a job waits for long although nothing is running.
    """
    now = timezone.now()
    active = Job.objects.filter(state__in=[State.QUEUED, State.RUNNING])
    silent = Q(state=State.RUNNING) & lapsed()
    for job_id in active.filter(Q(state=State.QUEUED) | silent, cancel_requested=True).values_list("id", flat=True):
        _each(_end_cancelled, job_id)
    active = active.filter(cancel_requested=False)
    unsent = Q(published_at=None) | Q(published_at__gt=now + timedelta(seconds=REPUBLISH_S))  # ahead of us: a clock was set back
    if not active.filter(state=State.RUNNING).exclude(silent).exists():
        unsent |= Q(published_at__lt=now - timedelta(seconds=REPUBLISH_S))
    asleep = Q(state=State.QUEUED) & unsent | silent & (unsent | Q(published_at__lt=F("lease_until"), lease_until__lt=now))
    job_ids = list(active.filter(asleep).order_by("created_at").values_list("id", flat=True))
    return sum(_each(publishing.wake_for_job, job_id) for job_id in job_ids)


def _end_cancelled(job_id: uuid.UUID) -> None:
    if not is_held(job_id):  # its worker is gone; one that only hangs may still be at work
        Job.objects.filter(Q(state=State.QUEUED) | Q(state=State.RUNNING) & lapsed(), id=job_id).update(
            state=State.CANCELLED, finished_at=timezone.now(), token=None, message="Cancelled"
        )


def _each(act: Callable[[uuid.UUID], None], job_id: uuid.UUID) -> bool:
    """Do it for one job; what goes wrong there is told in the log and keeps nobody else asleep."""
    try:
        act(job_id)
    except Exception:
        log.exception("Job %s could not be woken or ended; it is tried again.", job_id)
        return False
    return True
