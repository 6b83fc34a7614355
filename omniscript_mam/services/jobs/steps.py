"""The steps of a job. Each may be run again at any time and then does only what is missing.

What a step leaves behind is its checkpoint: rows, written inside :meth:`Claim.guard`, and files that appear whole.

    probe       Essence.media_info, Asset.duration_s
    proxy       a Rendition; early, so that people can watch while the script is written
    survey      the spool: one decode of the film, chunk by chunk
    pictures    Renditions made from the spool: poster, sprite sheet, waveform
    plan        Step.result (the plan as JSON), one Segment row per segment
    write       Segment.draft, once per segment
    merge       a ScriptRevision; Step.result names it
    index       the search index
"""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

from django.utils import timezone

from inference.errors import BrokenMediaError
from omniscript_mam import storage
from omniscript_mam.conf import conf
from omniscript_mam.models import Asset, Essence, Job, ScriptRevision, Segment, State, Step

from .. import publishing
from ..archive import renditions, scripts
from ..search import indexing
from ..writers import open_writer
from . import segments
from .leases import Claim

if TYPE_CHECKING:
    from inference.media import MediaInfo, Spool
    from inference.writers.base import Film, Live, Plan, Report, Writer

log = logging.getLogger(__name__)

WAIT_S = 0.5
"""Pause between two looks at segments that are in other workers' hands."""


@dataclass
class Materials:
    """What a job works from."""

    job: Job
    asset: Asset

    @cached_property
    def path(self) -> Path:
        """The original file."""
        return storage.resolve(self.asset.essence.path)

    @cached_property
    def info(self) -> MediaInfo:
        """What the probe found."""
        from inference.media import MediaInfo

        return MediaInfo.from_data(Essence.objects.get(asset=self.asset).media_info)

    @cached_property
    def spool(self) -> Spool:
        """Sound, frames and shots of the survey."""
        from inference.media import Spool

        return Spool(storage.spool_folder(self.asset.id), self.info)

    @cached_property
    def writer(self) -> Writer:
        """The job's writer."""
        return open_writer(self.job.writer)

    def film(self, live: Live | None = None) -> Film:
        """The film as a writer sees it; ``live`` is told of events while they are written."""
        from inference.pipeline import open_film
        from inference.writers.base import not_live

        options: dict[str, object] = {**(self.asset.collection.options if self.asset.collection else {}), **self.asset.options}
        again = Segment.objects.filter(job=self.job, num_retries__gt=0).values_list("index", "num_retries")
        if again:
            options["attempt"] = {str(index): count for index, count in again}
        if conf.segment_s:
            options.setdefault("segment_s", conf.segment_s)
        named = options.pop("languages", None)
        return open_film(
            self.path,
            spool_dir=storage.spool_folder(self.asset.id),
            workdir=storage.work_folder(self.job.id),
            info=self.info,
            title=self.asset.title,
            languages=[str(language) for language in named] if isinstance(named, list) else [],
            options=options,
            live=live or not_live,
        )

    def plan(self) -> Plan:
        """The plan that the plan step stored."""
        from inference.writers.base import Plan

        return Plan.model_validate(Step.objects.get(job=self.job, name="plan").result["plan"])

    def batch_size(self) -> int:
        """How many segments the writer likes at once."""
        from inference.writers.base import BatchWriter

        return self.writer.batch_size(self.film()) if isinstance(self.writer, BatchWriter) else 1


@dataclass
class Work(Materials):
    """What a step needs. ``report`` raises when the work must stop."""

    claim: Claim
    step: Step
    report: Report


class Drafts(Sequence[str]):
    """The drafts of a job, in order, read one at a time: memory stays flat with the film's length."""

    def __init__(self, job: Job) -> None:
        self._ids = list(Segment.objects.filter(job=job).order_by("index").values_list("id", flat=True))

    def __len__(self) -> int:
        return len(self._ids)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(len(self)))]
        return Segment.objects.values_list("draft", flat=True).get(id=self._ids[index])


def probe(work: Work) -> None:
    """Look at the file and remember what it is."""
    from inference.media import probe as probe_file

    info = probe_file(work.path)
    with work.claim.guard():
        Essence.objects.filter(asset=work.asset).update(media_info=info.to_data())
        Asset.objects.filter(id=work.asset.id).update(duration_s=info.duration_s, updated_at=timezone.now())
    work.asset.essence.refresh_from_db()


def survey(work: Work) -> None:
    """Decode the film once, in chunks; a chunk that is there is not decoded again."""
    from inference.pipeline import survey as survey_film

    survey_film(work.film(), report=work.report)


def is_surveyed(asset: Asset) -> bool:
    """True if the spool of the asset is there and complete."""
    from inference.media import MediaInfo, Spool

    return Spool(storage.spool_folder(asset.id), MediaInfo.from_data(asset.essence.media_info)).is_complete()


def plan(work: Work) -> None:
    """Let the writer cut the film into segments; one row each."""
    from inference.pipeline import make_plan

    found = make_plan(work.film(), work.writer, work.report)
    if not found.segments:
        raise BrokenMediaError("There is nothing to write about: the film has no length.")
    with work.claim.guard():
        Segment.objects.filter(job=work.job).delete()
        Segment.objects.bulk_create(
            [Segment(job=work.job, index=row.index, start_s=row.start_s, end_s=row.end_s) for row in found.segments]
        )
        _store(work.step, {"plan": found.model_dump(mode="json"), "writer": work.writer.name, "version": work.writer.version})


def write(work: Work) -> None:
    """Write each segment that has no draft yet, together with whoever is free; each is stored exactly once."""
    _plan_again_after_upgrade(work)
    found, size = work.plan(), work.batch_size()
    rows = Segment.objects.filter(job=work.job)
    num_segments = rows.count()
    num_batches = math.ceil(rows.exclude(state=State.DONE).count() / size)
    publishing.wake_for_segments(work.job.id, min(conf.segment_workers, num_batches - 1))
    while (num_done := rows.filter(state=State.DONE).count()) < num_segments:
        hold = segments.claim(work.job.id, work.writer, size)
        if hold is None:
            work.report(num_done / num_segments, f"{num_done} of {num_segments} segments are written, other workers have the rest in hand")
            time.sleep(WAIT_S)
            continue

        def report(share: float, message: str, num_done: int = num_done, hold: segments.Hold = hold) -> None:
            title = f"Segment {hold.indexes[0] + 1} of {num_segments}"
            work.report((num_done + share * len(hold.indexes)) / num_segments, f"{title}: {message}" if message else title)

        segments.write_claimed(hold, work.film(hold.show), found, work.writer, report)


def help_write(job: Job, report: Report) -> int:
    """Write segments of a job that another worker holds, until none is free; returns how many. Harmless whenever it comes.

    ``report`` may raise to stop; segments in hand then go back to whoever is free.
    """
    rows = {step.name: step for step in job.steps.all()}
    if rows["write"].state != State.RUNNING or rows["plan"].state != State.DONE or not is_surveyed(job.asset):
        return 0
    found = Materials(job, job.asset)
    if not _is_plan_of(rows["plan"], found.writer):
        return 0
    num_written = 0
    while (hold := segments.claim(job.id, found.writer, found.batch_size())) is not None:
        segments.write_claimed(hold, found.film(hold.show), found.plan(), found.writer, report)
        num_written += len(hold.indexes)
    return num_written


def closing_words(job: Job) -> str:
    """What a job that ended well says of itself: "Done", or how many segments another writer had to write."""
    rows = Segment.objects.filter(job=job)
    degraded = rows.exclude(fault="")
    if not degraded.exists():
        return "Done"
    by = " and ".join(sorted(set(degraded.values_list("writer", flat=True))))
    return f"{degraded.count()} of {rows.count()} segments were written by {by}"


def merge(work: Work) -> None:
    """Join the drafts into a script and store it as a revision."""
    from inference.pipeline import merge as merge_drafts

    script = merge_drafts(work.film(), work.plan(), Drafts(work.job), work.writer, work.report)
    with work.claim.guard():
        step = Step.objects.get(id=work.step.id)
        if "revision" in step.result:  # stored before a crash
            return
        revision = scripts.store_revision(work.asset, script, work.writer.name, work.writer.version, note=_note(work.job), wake=False)
        _store(work.step, {"revision": revision.number})


def index(work: Work) -> None:
    """Make the script searchable."""
    work.report(0.0, "Making it searchable")
    num_records = indexing.index_asset(work.asset)
    with work.claim.guard():
        _store(work.step, {"num_records": num_records})


RUN: dict[str, Callable[[Work], None]] = {
    "probe": probe,
    "proxy": renditions.make_playable,
    "survey": survey,
    "pictures": renditions.make_pictures,
    "plan": plan,
    "write": write,
    "merge": merge,
    "index": index,
}
"""Step name → what it does."""


def _plan_again_after_upgrade(work: Work) -> None:
    """Drafts of one version of a writer are not for another: after an upgrade, plan and segments are made anew."""
    step = Step.objects.get(job=work.job, name="plan")
    if not _is_plan_of(step, work.writer):
        log.info("Job %s was planned by another version of the writer; it is planned again.", work.job.id)
        plan(Work(work.job, work.asset, work.claim, step, work.report))


def _is_plan_of(step: Step, writer: Writer) -> bool:
    return (step.result.get("writer"), step.result.get("version")) == (writer.name, writer.version)


def _store(step: Step, result: dict[str, object]) -> None:
    Step.objects.filter(id=step.id).update(result=result)


def _note(job: Job) -> str:
    """What the new revision says of itself; corrections that it leaves behind are still in the history."""
    note = "Run again" if job.kind == "rerun" else ""
    if job.kind == "segments":
        again = Segment.objects.filter(job=job, num_retries__gt=0).count()
        note = f"{again} segment{'s' if again != 1 else ''} written again"
    last = ScriptRevision.objects.filter(asset=job.asset_id).order_by("-number").first()
    if last is not None and last.writer == "person":
        note += f"; the corrections in revision {last.number} are not in it"
    return note
