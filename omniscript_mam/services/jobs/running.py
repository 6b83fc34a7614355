"""Runs a job: claim it, do the steps that are not done, store the end. Any number of deliveries of the same job come out as one run.

What may end a run:
    done         every step is done; where the asked-for writer could not do all of it, with what it could not do, why, and a remedy;
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
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from pkgutil import resolve_name

from django.db.models import F
from django.utils import timezone

from inference.errors import Cancelled
from inference.room import within
from omniscript_mam import steps, storage
from omniscript_mam.conf import conf
from omniscript_mam.errors import LeaseLostError, PoisonError, StorageFullError, describe
from omniscript_mam.models import Job, Segment, State, Step
from omniscript_mam.waiting import Waiting

from .. import publishing
from ..archive.claims import keep_room
from ..archive.quota import check_going_on
from .leases import Lease, claim_job
from .steps import write
from .work import Work

log = logging.getLogger(__name__)

REPORT_EVERY_S = 0.5
DEGRADED = "writer.degraded"
"""Code of a job that is done, but not by the writer alone that was asked."""
Watch = Callable[[float, str], None]
"""``watch(progress 0..1, message)``, for a command line that shows the run."""

stopping = threading.Event()
"""Set when the worker is told to stop: runs give their jobs back at the next report."""


class Interrupted(Exception):
    """The worker is told to stop."""


def run(job_id: uuid.UUID | str, watch: Watch | None = None) -> str:
    """Do a job, if it is free; returns its state afterwards ("" if it does not exist any more)."""
    lease = claim_job(job_id)
    if lease is not None:
        with lease:
            _run_claimed(lease, watch)
    return Job.objects.filter(id=job_id).values_list("state", flat=True).first() or ""


def help_with(job_id: uuid.UUID | str) -> int:
    """Write segments of a job that another worker holds; returns how many. An error is left to the job's holder, who meets it too."""
    job = Job.objects.select_related("asset__essence", "asset__collection").filter(id=job_id, state=State.RUNNING).first()
    if job is None:
        return 0
    try:
        return write.help_write(job, _unless_stopping)
    except (LeaseLostError, Cancelled, Interrupted):
        return 0
    except Exception:
        log.exception("A segment of job %s could not be written here; its holder tries it.", job_id)
        return 0


def _unless_stopping(share: float, message: str) -> None:
    if stopping.is_set():
        raise Interrupted


def _run_claimed(lease: Lease, watch: Watch | None) -> None:
    job = Job.objects.select_related("asset__essence", "asset__collection").get(id=lease.job_id)
    try:
        _refuse_poison(job)
        _do_steps(lease, job, watch)
        _end(lease, State.DONE, progress=1.0, message=_closing_words(job), **_shortcomings(job))
        _remove_scratch(job)
    except LeaseLostError as error:
        log.warning("%s", error)
    except Cancelled:
        _end(lease, State.CANCELLED, message="Cancelled")
    except (Interrupted, KeyboardInterrupt, SystemExit) as error:
        _give_back(lease)
        if not isinstance(error, Interrupted):
            raise
    except Exception as error:
        told = describe(error)
        if told.code == StorageFullError.code:
            _remove_scratch(job)  # though a retry could go on from it: others need the room, the database first
        message = _with_original_name(told.message, job)
        level = logging.ERROR if told.code == "unexpected" else logging.INFO  # the rest is told to people by the job itself
        log.log(level, "Job %s failed (%s): %s", job.id, told.code, message, exc_info=told.code == "unexpected")
        _end(lease, State.FAILED, message="Failed", error_code=told.code, error=message, remedy=told.remedy)


def _remove_scratch(job: Job) -> None:
    """Remove what the steps left for one another: the survey's spool and the files of the work."""
    storage.remove_tree(storage.spool_folder(job.asset_id))
    storage.remove_tree(storage.work_folder(job.id))


def _with_original_name(message: str, job: Job) -> str:
    """The stored file's content-addressed name means nothing to people: say the name that it came with."""
    essence = getattr(job.asset, "essence", None)
    return message.replace(Path(essence.path).name, essence.original_name) if essence is not None else message


def _closing_words(job: Job) -> str:
    """What a job that ended well says of itself: "Done", or how many segments another writer had to write."""
    degraded = _degraded(job)
    if not degraded:
        return "Done"
    return f"{len(degraded)} of {Segment.objects.filter(job=job).count()} segments were written by {_writers_of(degraded)}"


def _degraded(job: Job) -> list[Segment]:
    """Its segments that a stand-in wrote; a draft is read when it is asked for."""
    return list(Segment.objects.filter(job=job).exclude(fault="").defer("draft").order_by("pk"))


def _writers_of(segments: Iterable[Segment]) -> str:
    """Who wrote them."""
    return " and ".join(sorted({segment.writer for segment in segments}))


def _shortcomings(job: Job) -> dict[str, str]:
    """Code, sentence and remedy of a job that ended, where its writer could not do all of it; all "" where it could."""
    from inference.pipeline import draft_note

    plan = job.steps.get(name="plan").result.get("plan", {})
    said = [(f"A part of the film was planned plainly: {fault['fault']}", fault.get("remedy", "")) for fault in plan.get("faults", ())]
    degraded = _degraded(job)
    if degraded:
        num_segments = Segment.objects.filter(job=job).count()
        of = f"{len(degraded)} of {num_segments} segment{'s' if num_segments != 1 else ''}"
        said.insert(0, (f"{of} written by {_writers_of(degraded)}: {degraded[0].fault}", draft_note(degraded[0].draft).remedy))
    if not said:
        return {"error_code": "", "error": "", "remedy": ""}
    error, remedy = said[0]
    again = f"Then have these parts written again: the button in the page, or `omniscript jobs --retry-segments {job.asset_id}`."
    return {"error_code": DEGRADED, "error": error, "remedy": f"{remedy} {again}".strip()}


def _do_steps(lease: Lease, job: Job, watch: Watch | None) -> None:
    whole = sum(step.share for step in steps.STEPS)
    rows = _step_rows(lease, job)
    done_before = 0.0
    for definition in steps.STEPS:
        row, share = rows[definition.name], definition.share / whole
        work = Work(job, job.asset, lease, row, Progress(lease, row, done_before, share, watch))
        if row.state != State.DONE or (definition.is_lost and resolve_name(definition.is_lost)(work)):
            _do_step(definition, work)
        done_before += share


def _step_rows(lease: Lease, job: Job) -> dict[str, Step]:
    """Step name → its row; a job that was made before a step came is given it."""
    rows = {row.name: row for row in job.steps.all()}
    if any(step.name not in rows for step in steps.STEPS):
        with lease.guard():
            for position, step in enumerate(steps.STEPS):
                Step.objects.update_or_create(job=job, name=step.name, defaults={"position": position})
        rows = {row.name: row for row in job.steps.all()}
    return rows


def _do_step(definition: steps.StepDefinition, work: Work) -> None:
    row = Step.objects.filter(id=work.step.id)
    with work.lease.guard():
        row.update(state=State.RUNNING, started_at=work.step.started_at or timezone.now(), finished_at=None)
    work.report(0.0, "")
    with within(keep_room):
        resolve_name(definition.run)(work)
    with work.lease.guard():
        row.update(state=State.DONE, progress=1.0, finished_at=timezone.now())
        work.lease.rows.update(attempt=1)  # it got on: the deaths so far do not count as poison


class Progress:
    """The report callback of a step: turns its share into the job's progress, at most twice a second, and stops the work when it must."""

    def __init__(self, lease: Lease, step: Step, before: float, share: float, watch: Watch | None) -> None:
        self.lease, self.step, self.before, self.share, self.watch = lease, step, before, share, watch
        self._next_s = 0.0
        self._waiting, self._share = "", 0.0

    def waits(self, waiting: Waiting | None) -> None:
        """Tell, instead of what the step says, that its writer waits for a server; with ``None`` no more.

        Raises:
            As a report: the step must stop.
        """
        since = "" if waiting is None else timezone.localtime(datetime.fromtimestamp(waiting.since_s, UTC)).strftime("%H:%M")
        self._waiting = "" if waiting is None else f"{waiting.words.partition(' (')[0]} since {since} ({waiting.why})"
        self._next_s = 0.0
        self(self._share, self._waiting or "going on")

    def __call__(self, share: float, message: str) -> None:
        """Report.

        Raises:
            Cancelled, LeaseLostError, Interrupted: the step must stop. StorageFullError: so that the reserve stays free.
        """
        self.lease.check()
        if stopping.is_set():
            raise Interrupted
        now_s = time.monotonic()
        if now_s < self._next_s:
            return
        self._next_s = now_s + REPORT_EVERY_S
        check_going_on()
        share = min(max(share, 0.0), 1.0)
        total = min(self.before + self.share * share, 1.0)
        Step.objects.filter(id=self.step.id, job__token=self.lease.token).update(progress=share, message=message[:500])
        self.lease.rows.update(progress=total, message=message[:500])
        if self.watch is not None:
            self.watch(total, message)


def _refuse_poison(job: Job) -> None:
    if job.attempt <= conf.max_attempts:
        return
    step = job.steps.exclude(state=State.DONE).first()
    raise PoisonError(f"The worker died {job.attempt - 1} times in the step “{step.name if step else 'last'}” without getting on.")


def _end(lease: Lease, state: State, **values: object) -> None:
    """Store the end of the run, unless somebody else holds the job by now."""
    ended = lease.rows.update(state=state, token=None, lease_until=None, finished_at=timezone.now(), **values)
    if ended and state != State.DONE:
        Step.objects.filter(job_id=lease.job_id, state=State.RUNNING).update(state=state, finished_at=timezone.now())


def _give_back(lease: Lease) -> None:
    if lease.rows.update(state=State.QUEUED, token=None, lease_until=None, attempt=F("attempt") - 1, message="Waiting", published_at=None):
        publishing.wake_for_job(lease.job_id)
