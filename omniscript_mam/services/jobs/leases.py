"""Who may work on what: a lease on a job or on some of its segments, renewed while the worker lives, checked before it writes.

A claim is one UPDATE with the expected state in its WHERE clause (compare-and-set). It gives the rows a fresh fencing token and a
lease of OMNISCRIPT_LEASE_S seconds, which a thread renews. Every write of a worker goes through :meth:`Lease.guard`, which locks the job
and looks whether the lease still holds: a worker whose lease lapsed, and whose work another one took over, cannot write any more,
however late it wakes up.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from inference.errors import Cancelled
from omniscript_mam.conf import conf
from omniscript_mam.errors import LeaseLostError
from omniscript_mam.models import Job, State

from .holds import held

log = logging.getLogger(__name__)

MAX_PERIOD_S = 2.0
"""Longest time between two renewals: a person who cancels is heard this soon, however long the lease is."""


class Lease:
    """A worker's hold on rows of one job. Use as a context manager: the lease is renewed by a thread inside it.

    Args:
        job_id: the job that the rows belong to, or are.
        token: the fencing token that the claim wrote into the rows.
        rows: the rows in hand, while they carry the token (a query, asked anew at each use).
        holds_while: what must be true of the job, or else the lease is lost.
    """

    def __init__(self, job_id: uuid.UUID, token: uuid.UUID, rows: QuerySet[Any], holds_while: Q) -> None:
        self.job_id = job_id
        self.token = token
        self.rows = rows
        self._holds_while = holds_while
        self._stop = threading.Event()
        self._hold = ExitStack()
        self._lost = threading.Event()
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._renew_forever, name=f"lease-{token}", daemon=True)

    def __enter__(self) -> Self:
        self._hold.enter_context(held(self.job_id))
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        self._hold.close()

    def check(self) -> None:
        """Raise if the work must stop; cheap, reads no database.

        Raises:
            LeaseLostError: somebody else holds the rows, or the job was deleted or ended.
            Cancelled: a person asked to stop.
        """
        if self._lost.is_set():
            raise LeaseLostError(f"The lease on job {self.job_id} was lost.")
        if self._cancelled.is_set():
            raise Cancelled("The job was cancelled.")

    @contextmanager
    def guard(self) -> Iterator[None]:
        """A transaction in which the job is locked and the lease known to hold; all writes of a worker happen inside one.

        Raises:
            LeaseLostError, Cancelled: as :meth:`check`; nothing of the transaction is kept.
        """
        with transaction.atomic():
            self._look(Job.objects.select_for_update())
            self.check()
            yield

    def renew(self) -> bool:
        """Extend the lease once and look for a cancel request; false when it is lost."""
        self.rows.update(lease_until=lease_end())
        self._look(Job.objects.all())
        return not self._lost.is_set()

    def _look(self, jobs: QuerySet[Job]) -> None:
        job = jobs.filter(self._holds_while, id=self.job_id).first()
        if job is None:
            self._lost.set()
        elif job.cancel_requested:
            self._cancelled.set()

    def _renew_forever(self) -> None:
        try:
            while not self._stop.wait(min(conf.lease_s / 4, MAX_PERIOD_S)):
                try:
                    if not self.renew():
                        return
                except DatabaseError as error:  # a busy or restarting database: the next try may do
                    log.warning("A lease on job %s could not be renewed: %s", self.job_id, error)
                    connection.close()
        finally:
            connection.close()


def claim_job(job_id: uuid.UUID | str) -> Lease | None:
    """Take a job that is queued, or running under a lapsed lease. ``None``: finished, cancelled, or somebody else's."""
    now, token = timezone.now(), uuid.uuid4()
    free = Q(state=State.QUEUED) | Q(state=State.RUNNING) & lapsed()
    num_taken = Job.objects.filter(free, id=job_id, cancel_requested=False).update(
        state=State.RUNNING, token=token, attempt=F("attempt") + 1, lease_until=lease_end()
    )
    if not num_taken:
        return None
    Job.objects.filter(id=job_id, started_at=None).update(started_at=now)
    ours = Q(token=token, state=State.RUNNING)
    return Lease(uuid.UUID(str(job_id)), token, Job.objects.filter(ours, id=job_id), holds_while=ours)


def lapsed() -> Q:
    """Rows whose lease is over: in the past, or further ahead than any lease reaches, which it does after a clock was set back.

    Clocks of several machines may be a lease apart. A worker that lives renews its lease by its own clock within seconds.
    """
    now = timezone.now()
    return Q(lease_until__lt=now) | Q(lease_until__gt=now + timedelta(seconds=2 * conf.lease_s))


def lease_end() -> datetime:
    """When a lease that is made or renewed now lapses."""
    return timezone.now() + timedelta(seconds=conf.lease_s)
