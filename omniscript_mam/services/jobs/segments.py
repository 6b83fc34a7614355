"""The segments of a job, written by as many workers as are free.

Every segment has a lease and a fencing token of its own, as a job has. The worker that holds the job writes segments and wakes others;
whoever is free claims what nobody has in hand, in the size of batch that the writer likes, and stores each draft once. A worker that is
killed loses the segments in its hand: their leases lapse and somebody else claims them. A worker may go on with its segments when the
job changes hands, but not when it was cancelled or ended.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import DatabaseError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from inference.errors import Cancelled
from omniscript_mam.conf import conf
from omniscript_mam.errors import LeaseLostError
from omniscript_mam.models import Job, Segment, State

if TYPE_CHECKING:
    from inference.writers.base import Film, LiveEvent, Plan, Report, Writer

log = logging.getLogger(__name__)

LIVE_EVERY_S = 1.0
MAX_LIVE = 50
"""Newest events kept of a segment that is being written."""


class Hold:
    """A worker's hold on some segments of a job. Use as a context manager: the leases are renewed by a thread inside it."""

    def __init__(self, job_id: uuid.UUID, token: uuid.UUID, indexes: Sequence[int]) -> None:
        self.job_id, self.token, self.indexes = job_id, token, list(indexes)
        self._lost: LeaseLostError | Cancelled | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._renew_forever, name=f"segments-{token}", daemon=True)
        self._live: dict[int, list[dict[str, object]]] = {index: [] for index in indexes}
        self._live_next_s = 0.0

    def __enter__(self) -> Hold:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=10)
        self._mine().filter(state=State.RUNNING).update(state=State.QUEUED, token=None, lease_until=None, live=[])

    def check(self) -> None:
        """Raise if the work must stop; cheap, reads no database.

        Raises:
            LeaseLostError, Cancelled
        """
        if self._lost is not None:
            raise self._lost

    def store(self, index: int, draft: str, writer: Writer) -> None:
        """Keep a segment's draft, once, with who wrote it.

        Raises:
            LeaseLostError, Cancelled: nothing was kept.
        """
        from inference.pipeline import draft_note

        note = draft_note(draft)
        with self._guard():
            kept = self._mine().filter(index=index, state=State.RUNNING)
            num_kept = kept.update(
                state=State.DONE, draft=draft, num_writes=F("num_writes") + 1, finished_at=timezone.now(), token=None, lease_until=None,
                live=[], writer=note.writer or writer.name, writer_version=(note.version or writer.version)[:100], fault=note.fault,
                num_tokens=F("num_tokens") + note.num_tokens, currency=note.currency or F("currency"),
                cost=F("cost") if note.cost is None else Coalesce(F("cost"), 0.0) + note.cost,
            )  # fmt: skip
            if not num_kept:
                raise LeaseLostError(f"The lease on segment {index} of job {self.job_id} was lost.")
            Job.objects.filter(id=self.job_id).update(attempt=1)  # it got on: the deaths so far do not count as poison

    def show(self, index: int, events: Sequence[LiveEvent]) -> None:
        """Let people see what is being written, at most once a second."""
        self.check()
        if index not in self._live:
            return
        self._live[index] = [*self._live[index], *map(asdict, events)][-MAX_LIVE:]
        if time.monotonic() >= self._live_next_s:
            self._live_next_s = time.monotonic() + LIVE_EVERY_S
            for each, live in self._live.items():
                if live:
                    self._mine().filter(index=each, state=State.RUNNING).update(live=live)

    def renew(self) -> None:
        """Extend the leases once; finds out whether the job was cancelled or ended."""
        self._mine().filter(state=State.RUNNING).update(lease_until=_lease_end())
        try:
            self._look(Job.objects.filter(id=self.job_id).first())
        except (LeaseLostError, Cancelled) as error:
            self._lost = error

    def _look(self, job: Job | None) -> None:
        if job is not None and (job.cancel_requested or job.state == State.CANCELLED):
            raise Cancelled("The job was cancelled.")
        if job is None or not job.is_active:
            raise LeaseLostError(f"Job {self.job_id} is not being worked on any more.")

    @contextmanager
    def _guard(self) -> Iterator[None]:
        """A transaction in which the job is locked and known to go on."""
        with transaction.atomic():
            self._look(Job.objects.select_for_update().filter(id=self.job_id).first())
            yield

    def _mine(self) -> QuerySet[Segment]:
        return Segment.objects.filter(job_id=self.job_id, token=self.token)

    def _renew_forever(self) -> None:
        try:
            while not self._stop.wait(min(conf.lease_s / 4, 2.0)):
                try:
                    self.renew()
                except DatabaseError as error:  # a busy or restarting database: the next try may do
                    log.warning("The leases on segments of job %s could not be renewed: %s", self.job_id, error)
                    connection.close()
        finally:
            connection.close()


def claim(job_id: uuid.UUID, writer: Writer, limit: int) -> Hold | None:
    """Take up to ``limit`` segments that nobody has in hand; ``None`` if there are none, or the job is not being written."""
    now, token = timezone.now(), uuid.uuid4()
    free = Q(state=State.QUEUED) | Q(state=State.RUNNING) & (Q(lease_until__lt=now) | Q(lease_until=None))
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(id=job_id, state=State.RUNNING, cancel_requested=False).first()
        if job is None:
            return None
        indexes = list(Segment.objects.filter(free, job=job).order_by("index").values_list("index", flat=True)[:limit])
        Segment.objects.filter(free, job=job, index__in=indexes).update(
            state=State.RUNNING, token=token, lease_until=_lease_end(), live=[], writer=writer.name, writer_version=writer.version[:100]
        )
    return Hold(job_id, token, indexes) if indexes else None


def write_claimed(hold: Hold, film: Film, plan: Plan, writer: Writer, report: Report) -> None:
    """Write the segments in hand and store each as soon as it is done.

    Raises:
        LeaseLostError, Cancelled, and whatever the writer raises; segments that are not done go back to whoever is free.
    """
    from inference.pipeline import write_segments

    def tell(share: float, message: str) -> None:
        hold.check()
        report(share, message)

    with hold:
        for index, draft in write_segments(film, plan, hold.indexes, writer, tell):
            hold.store(index, draft, writer)


def _lease_end() -> datetime:
    return timezone.now() + timedelta(seconds=conf.lease_s)
