"""The segments of a job, written by as many workers as are free.

Every segment has a fencing token of its own, as a job has. The worker that holds the job writes segments and wakes others; whoever is free
claims what nobody has in hand, in the size of batch that the writer likes, and stores each draft once. A worker that is killed loses
the segments in its hand: their leases lapse and somebody else claims them. A worker may go on with its segments when the job changes hands,
but not when it was cancelled or ended.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Self

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from omniscript_mam.errors import LeaseLostError
from omniscript_mam.models import Job, Segment, State

from .leases import Lease, lapsed, lease_end

if TYPE_CHECKING:
    from inference.film import Film, LiveEvent, Report
    from inference.plan import Plan
    from inference.writers.base import Writer

LIVE_EVERY_S = 1.0
MAX_LIVE = 50
"""Newest events kept of a segment that is being written."""


class SegmentsInHand:
    """Segments that this worker has claimed, by index. Use as a context manager: the lease on them is kept inside it.

    At the end, what is not stored goes back to whoever is free.
    """

    def __init__(self, job_id: uuid.UUID, token: uuid.UUID, indexes: Sequence[int]) -> None:
        self.indexes = list(indexes)
        rows = Segment.objects.filter(job_id=job_id, token=token, state=State.RUNNING)
        self.lease = Lease(job_id, token, rows, holds_while=Q(state__in=[State.QUEUED, State.RUNNING]))
        self._live: dict[int, list[dict[str, object]]] = {index: [] for index in indexes}
        self._live_next_s = 0.0

    def __enter__(self) -> Self:
        self.lease.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.lease.__exit__()
        self.lease.rows.update(state=State.QUEUED, token=None, lease_until=None, live=[])

    def store(self, index: int, draft: str, writer: Writer) -> None:
        """Keep a segment's draft, once, with who wrote it.

        Raises:
            LeaseLostError, Cancelled: nothing was kept.
        """
        from inference.pipeline import draft_note

        note = draft_note(draft)
        with self.lease.guard():
            num_kept = self.lease.rows.filter(index=index).update(
                state=State.DONE, draft=draft, num_writes=F("num_writes") + 1, finished_at=timezone.now(), token=None, lease_until=None,
                live=[], repairs=list(note.repairs), claims=note.claims,
                writer=note.writer or writer.name, writer_version=(note.version or writer.version)[:100], fault=note.fault,
                num_tokens=F("num_tokens") + note.num_tokens, currency=note.currency or F("currency"),
                cost=F("cost") if note.cost is None else Coalesce(F("cost"), 0.0) + note.cost,
            )  # fmt: skip
            if not num_kept:
                raise LeaseLostError(f"The lease on segment {index} of job {self.lease.job_id} was lost.")
            Job.objects.filter(id=self.lease.job_id).update(attempt=1)  # it got on: the deaths so far do not count as poison

    def show(self, index: int, events: Sequence[LiveEvent]) -> None:
        """Let people see what is being written, at most once a second.

        Raises:
            LeaseLostError, Cancelled: the work must stop.
        """
        self.lease.check()
        if index not in self._live:
            return
        self._live[index] = [*self._live[index], *map(asdict, events)][-MAX_LIVE:]
        if time.monotonic() >= self._live_next_s:
            self._live_next_s = time.monotonic() + LIVE_EVERY_S
            for each, live in self._live.items():
                if live:
                    self.lease.rows.filter(index=each).update(live=live)


def claim_segments(job_id: uuid.UUID, writer: Writer, limit: int) -> SegmentsInHand | None:
    """Take up to ``limit`` segments that nobody has in hand; ``None`` if there are none, or the job is not being written."""
    token = uuid.uuid4()
    free = Q(state=State.QUEUED) | Q(state=State.RUNNING) & (lapsed() | Q(lease_until=None))
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(id=job_id, state=State.RUNNING, cancel_requested=False).first()
        if job is None:
            return None
        indexes = list(Segment.objects.filter(free, job=job).order_by("index").values_list("index", flat=True)[:limit])
        Segment.objects.filter(free, job=job, index__in=indexes).update(
            state=State.RUNNING, token=token, lease_until=lease_end(), live=[], writer=writer.name, writer_version=writer.version[:100]
        )
    return SegmentsInHand(job_id, token, indexes) if indexes else None


def write_segments_in_hand(in_hand: SegmentsInHand, film: Film, plan: Plan, writer: Writer, report: Report) -> None:
    """Write the segments in hand and store each as soon as it is done.

    Raises:
        LeaseLostError, Cancelled, and whatever the writer raises; segments that are not done go back to whoever is free.
    """
    from inference.pipeline import write_segments

    def tell(share: float, message: str) -> None:
        in_hand.lease.check()
        report(share, message)

    with in_hand:
        for index, draft in write_segments(film, plan, in_hand.indexes, writer, tell):
            in_hand.store(index, draft, writer)
