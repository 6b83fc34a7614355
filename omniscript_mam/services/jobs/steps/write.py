"""Write each segment that has no draft yet, together with whoever is free; each is stored exactly once."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

from omniscript_mam.conf import conf
from omniscript_mam.models import Job, Segment, State

from ... import publishing
from ..segments import SegmentsInHand, claim_segments, write_segments_in_hand
from ..work import Materials, Work
from . import plan
from .survey import is_surveyed

if TYPE_CHECKING:
    from inference.film import Report

WAIT_S = 0.5
"""Pause between two looks at segments that are in other workers' hands."""


def run(work: Work) -> None:
    """Write until every segment has a draft, whoever wrote it; idle workers are asked to help."""
    plan.run_again_after_upgrade(work)
    planned, size = work.plan(), work.batch_size()
    rows = Segment.objects.filter(job=work.job)
    num_segments = rows.count()
    num_batches = math.ceil(rows.exclude(state=State.DONE).count() / size)
    publishing.wake_for_segments(work.job.id, min(conf.segment_workers, num_batches - 1))
    while (num_done := rows.filter(state=State.DONE).count()) < num_segments:
        in_hand = claim_segments(work.job.id, work.writer, size)
        if in_hand is None:
            work.report(num_done / num_segments, f"{num_done} of {num_segments} segments are written, other workers have the rest in hand")
            time.sleep(WAIT_S)
            continue

        def report(share: float, message: str, num_done: int = num_done, in_hand: SegmentsInHand = in_hand) -> None:
            title = f"Segment {in_hand.indexes[0] + 1} of {num_segments}"
            work.report((num_done + share * len(in_hand.indexes)) / num_segments, f"{title}: {message}" if message else title)

        write_segments_in_hand(in_hand, work.film(in_hand.show), planned, work.writer, report)


def help_write(job: Job, report: Report) -> int:
    """Write segments of a job that another worker holds, until none is free; returns how many. Harmless whenever it comes.

    ``report`` may raise to stop; segments in hand then go back to whoever is free.
    """
    rows = {step.name: step for step in job.steps.all()}
    if rows["write"].state != State.RUNNING or rows["plan"].state != State.DONE or not is_surveyed(job.asset):
        return 0
    materials = Materials(job, job.asset)
    if not plan.is_plan_of(rows["plan"], materials.writer):
        return 0
    num_written = 0
    while (in_hand := claim_segments(job.id, materials.writer, materials.batch_size())) is not None:
        write_segments_in_hand(in_hand, materials.film(in_hand.show), materials.plan(), materials.writer, report)
        num_written += len(in_hand.indexes)
    return num_written
