"""Runs a job: claim it, do the steps that are not done, store the end. Any number of deliveries of the same job come out as one run.

What may end a run:
    done         every step is done;
    cancelled    a person asked; finished steps and segments are kept for a retry;
    failed       an error with code, sentence and remedy; or OMNISCRIPT_MAX_ATTEMPTS deaths of the worker without progress in between;
    interrupted  the worker is told to stop: the job goes back to the queue;
    fenced       the lease was lost: nothing more is written, the new holder goes on.
"""

from __future__ import annotations

import logging
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from django.db.models import F
from django.utils import timezone

from inference.errors import Cancelled
from omniscript_mam import storage
from omniscript_mam.conf import conf
from omniscript_mam.errors import LeaseLostError, PoisonError, describe
from omniscript_mam.models import Job, State, Step

from .. import publishing
from . import leases, steps
from .ingest import STEPS

log = logging.getLogger(__name__)

WEIGHTS = {"probe": 1, "proxy": 12, "survey": 10, "pictures": 2, "plan": 25, "write": 45, "merge": 2, "index": 3}
"""Share of each step in a job's progress, in percent; roughly the share of time."""

REPORT_EVERY_S = 0.5
Watch = Callable[[float, str], None]
"""``watch(progress 0..1, message)``, for a command line that shows the run."""

stopping = threading.Event()
"""Set when the worker is told to stop: runs give their jobs back at the next report."""


class Interrupted(Exception):
    """The worker is told to stop."""


def run(job_id: uuid.UUID | str, watch: Watch | None = None) -> str:
    """Do a job, if it is free; returns its state afterwards ("" if it does not exist any more)."""
    claim = leases.claim(job_id)
    if claim is not None:
        with claim:
            _run_claimed(claim, watch)
    return Job.objects.filter(id=job_id).values_list("state", flat=True).first() or ""


def help_with(job_id: uuid.UUID | str) -> int:
    """Write segments of a job that another worker holds; returns how many. An error is left to the job's holder, who meets it too."""
    job = Job.objects.select_related("asset__essence", "asset__collection").filter(id=job_id, state=State.RUNNING).first()
    if job is None:
        return 0
    try:
        return steps.help_write(job, _unless_stopping)
    except (LeaseLostError, Cancelled, Interrupted):
        return 0
    except Exception:
        log.exception("A segment of job %s could not be written here; its holder tries it.", job_id)
        return 0


def _unless_stopping(share: float, message: str) -> None:
    if stopping.is_set():
        raise Interrupted


def _run_claimed(claim: leases.Claim, watch: Watch | None) -> None:
    job = Job.objects.select_related("asset__essence", "asset__collection").get(id=claim.job_id)
    try:
        _refuse_poison(job)
        _do_steps(claim, job, watch)
        _end(claim, State.DONE, progress=1.0, message=steps.closing_words(job))
        storage.remove_tree(storage.spool_folder(job.asset_id))
        storage.remove_tree(storage.work_folder(job.id))
    except LeaseLostError as error:
        log.warning("%s", error)
    except Cancelled:
        _end(claim, State.CANCELLED, message="Cancelled")
    except (Interrupted, KeyboardInterrupt, SystemExit) as error:
        _give_back(claim)
        if not isinstance(error, Interrupted):
            raise
    except Exception as error:
        found = describe(error)
        message = _with_original_name(found.message, job)
        level = logging.ERROR if found.code == "unexpected" else logging.INFO  # the rest is told to people by the job itself
        log.log(level, "Job %s failed (%s): %s", job.id, found.code, message, exc_info=found.code == "unexpected")
        _end(claim, State.FAILED, message="Failed", error_code=found.code, error=message, remedy=found.remedy)


def _with_original_name(message: str, job: Job) -> str:
    """The stored file's content-addressed name means nothing to people: say the name that it came with."""
    essence = getattr(job.asset, "essence", None)
    return message.replace(Path(essence.path).name, essence.original_name) if essence is not None else message


def _do_steps(claim: leases.Claim, job: Job, watch: Watch | None) -> None:
    done_before = 0.0
    rows = {step.name: step for step in job.steps.all()}
    film_is_needed = any(rows[name].state != State.DONE for name in ("plan", "write", "merge"))
    for name in STEPS:
        step, share = rows[name], WEIGHTS[name] / 100
        # A spool that was removed is made again; the chunks that are there are kept.
        if step.state != State.DONE or (name == "survey" and film_is_needed and not steps.is_surveyed(job.asset)):
            progress = Progress(claim, step, done_before, share, watch)
            with claim.guard():
                now = timezone.now()
                Step.objects.filter(id=step.id).update(state=State.RUNNING, started_at=step.started_at or now, finished_at=None)
            progress(0.0, "")
            steps.RUN[name](steps.Work(job, job.asset, claim, step, progress))
            with claim.guard():
                Step.objects.filter(id=step.id).update(state=State.DONE, progress=1.0, finished_at=timezone.now())
                Job.objects.filter(id=job.id).update(attempt=1)  # it got on: the deaths so far do not count as poison
        done_before += share


class Progress:
    """The report callback of a step: turns its share into the job's progress, at most twice a second, and stops the work when it must."""

    def __init__(self, claim: leases.Claim, step: Step, before: float, share: float, watch: Watch | None) -> None:
        self.claim, self.step, self.before, self.share, self.watch = claim, step, before, share, watch
        self._next_s = 0.0

    def __call__(self, share: float, message: str) -> None:
        """Report.

        Raises:
            Cancelled, LeaseLostError, Interrupted: the step must stop.
        """
        self.claim.check()
        if stopping.is_set():
            raise Interrupted
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + REPORT_EVERY_S
        share = min(max(share, 0.0), 1.0)
        total = min(self.before + self.share * share, 1.0)
        Step.objects.filter(id=self.step.id, job__token=self.claim.token).update(progress=share, message=message[:500])
        Job.objects.filter(id=self.claim.job_id, token=self.claim.token).update(progress=total, message=message[:500])
        if self.watch is not None:
            self.watch(total, message)


def _refuse_poison(job: Job) -> None:
    if job.attempt <= conf.max_attempts:
        return
    step = job.steps.exclude(state=State.DONE).first()
    raise PoisonError(
        f"The worker died {job.attempt - 1} times in the step “{step.name if step else 'last'}” without getting on.",
        remedy="Look at logs/worker.log in the data folder (often there is too little memory), then retry the job.",
    )


def _end(claim: leases.Claim, state: State, **values: object) -> None:
    """Store the end of the run, unless somebody else holds the job by now."""
    mine = Job.objects.filter(id=claim.job_id, token=claim.token, state=State.RUNNING)
    if mine.update(state=state, token=None, lease_until=None, finished_at=timezone.now(), **values) and state != State.DONE:
        Step.objects.filter(job_id=claim.job_id, state=State.RUNNING).update(state=state, finished_at=timezone.now())


def _give_back(claim: leases.Claim) -> None:
    mine = Job.objects.filter(id=claim.job_id, token=claim.token, state=State.RUNNING)
    if mine.update(state=State.QUEUED, token=None, lease_until=None, attempt=F("attempt") - 1, message="Waiting", published_at=None):
        publishing.wake_for_job(claim.job_id)
