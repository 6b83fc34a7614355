"""Who may work on a job: claim, renew, fence, reap.

A claim is one UPDATE with the expected state in its WHERE clause (compare-and-set). It gives the job a fresh fencing token and a
lease of OMNISCRIPT_LEASE_S seconds, which a thread renews while the worker lives. Every write of a worker goes through
:meth:`Claim.guard`, which locks the job row and compares the token: a worker whose lease lapsed, and whose job another one took
over, cannot write any more, however late it wakes up.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from inference.errors import Cancelled
from omniscript_mam import storage
from omniscript_mam.conf import conf
from omniscript_mam.errors import LeaseLostError
from omniscript_mam.models import Job, State

from .. import publishing

log = logging.getLogger(__name__)

REPUBLISH_S = 600.0
"""A job that waits while nothing runs gets another message when its last one is older than this."""


def claim(job_id: uuid.UUID | str) -> Claim | None:
    """Take a job that is queued, or running under a lapsed lease. ``None``: finished, cancelled, or somebody else's."""
    now = timezone.now()
    token = uuid.uuid4()
    free = Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lt=now)
    taken = (
        Job.objects.filter(free, id=job_id)
        .filter(cancel_requested=False)
        .update(state=State.RUNNING, token=token, attempt=F("attempt") + 1, lease_until=_lease_end(), heartbeat_at=now)
    )
    if not taken:
        return None
    Job.objects.filter(id=job_id, started_at=None).update(started_at=now)
    return Claim(uuid.UUID(str(job_id)), token)


class Claim:
    """A worker's hold on a job. Use as a context manager: the lease is renewed by a thread inside it."""

    def __init__(self, job_id: uuid.UUID, token: uuid.UUID) -> None:
        self.job_id = job_id
        self.token = token
        self._stop = threading.Event()
        self._lost = threading.Event()
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._renew_forever, name=f"lease-{job_id}", daemon=True)

    def __enter__(self) -> Claim:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def check(self) -> None:
        """Raise if the work must stop; cheap, reads no database.

        Raises:
            LeaseLostError: somebody else holds the job, or it was deleted.
            Cancelled: a person asked to stop.
        """
        if self._lost.is_set():
            raise LeaseLostError(f"The lease on job {self.job_id} was lost.")
        if self._cancelled.is_set():
            raise Cancelled("The job was cancelled.")

    @contextmanager
    def guard(self) -> Iterator[Job]:
        """A transaction in which the job row is locked and known to be ours; all writes of a worker happen inside one.

        Raises:
            LeaseLostError, Cancelled: as :meth:`check`; nothing of the transaction is kept.
        """
        with transaction.atomic():
            job = Job.objects.select_for_update().filter(id=self.job_id, token=self.token, state=State.RUNNING).first()
            if job is None:
                self._lost.set()
                raise LeaseLostError(f"The lease on job {self.job_id} was lost.")
            if job.cancel_requested:
                self._cancelled.set()
                raise Cancelled("The job was cancelled.")
            yield job

    def renew(self) -> bool:
        """Extend the lease once and look for a cancel request; false when the job is no longer ours."""
        mine = Job.objects.filter(id=self.job_id, token=self.token, state=State.RUNNING)
        if not mine.update(lease_until=_lease_end(), heartbeat_at=timezone.now()):
            self._lost.set()
            return False
        if mine.filter(cancel_requested=True).exists():
            self._cancelled.set()
        return True

    def _renew_forever(self) -> None:
        period_s = min(conf.lease_s / 4, 2.0)  # 2 s so that a cancel request is seen soon
        try:
            while not self._stop.wait(period_s):
                try:
                    if not self.renew():
                        return
                except DatabaseError as error:  # a busy or restarting database: the next try may do
                    log.warning("The lease on job %s could not be renewed: %s", self.job_id, error)
                    connection.close()
        finally:
            connection.close()


def reap() -> int:
    """Send a message for every job whose worker fell silent or whose message seems lost; returns how many. Safe anywhere, any time.

    A message seems lost when it could not be sent, or when a job waits for long although nothing is running.
    """
    now = timezone.now()
    old = now - timedelta(seconds=REPUBLISH_S)
    active = Job.objects.filter(state__in=[State.QUEUED, State.RUNNING])
    lapsed = Q(state=State.RUNNING, lease_until__lt=now)
    active.filter(Q(state=State.QUEUED) | lapsed, cancel_requested=True).update(
        state=State.CANCELLED, finished_at=now, token=None, message="Cancelled"
    )
    unsent = Q(published_at=None)
    if not active.filter(state=State.RUNNING, lease_until__gte=now).exists():
        unsent |= Q(published_at__lt=old)
    found = list(
        active.filter(Q(state=State.QUEUED) & unsent | lapsed & (unsent | Q(published_at__lt=F("lease_until"))))
        .order_by("created_at")
        .values_list("id", flat=True)
    )
    for job_id in found:
        publishing.wake_for_job(job_id)
    return len(found)


def worker_stamp() -> Path:
    """The file that a living worker touches every third of a lease."""
    return storage.data_dir() / "worker.alive"


def has_live_worker() -> bool:
    """True if some worker gave a sign of life within a lease."""
    try:
        age_s = time.time() - worker_stamp().stat().st_mtime
    except FileNotFoundError:
        return False
    return age_s < conf.lease_s


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=conf.lease_s)
