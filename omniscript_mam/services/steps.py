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
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, overload

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from inference.errors import BrokenMediaError
from omniscript_mam.errors import IngestError
from omniscript_mam.models import Asset, Essence, Job, Segment, State, Step

from . import indexing, renditions, scripts, storage
from .leases import Claim
from .writers import open_writer

if TYPE_CHECKING:
    from inference.media import MediaInfo, Spool
    from inference.writers.base import Film, Plan, Report, Writer

log = logging.getLogger(__name__)


class PoisonError(IngestError):
    """The worker died again and again on the same job."""

    code = "job.poison"


@dataclass
class Work:
    """What a step needs. ``report`` raises when the work must stop."""

    claim: Claim
    job: Job
    asset: Asset
    step: Step
    report: Report

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

    def film(self) -> Film:
        """The film as a writer sees it."""
        from inference.pipeline import open_film

        options: dict[str, object] = dict(self.asset.options)
        if settings.OMNISCRIPT_SEGMENT_S:
            options.setdefault("segment_s", settings.OMNISCRIPT_SEGMENT_S)
        named = options.pop("languages", None)
        return open_film(
            self.path,
            spool_dir=storage.spool_folder(self.asset.id),
            workdir=storage.work_folder(self.job.id),
            info=self.info,
            title=self.asset.title,
            languages=[str(language) for language in named] if isinstance(named, list) else [],
            options=options,
        )

    def plan(self) -> Plan:
        """The plan that the plan step stored."""
        from inference.writers.base import Plan

        return Plan.model_validate(Step.objects.get(job=self.job, name="plan").result["plan"])


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
    """Write each segment that has no draft yet, and store it exactly once."""
    from inference.pipeline import write_segment

    _plan_again_after_upgrade(work)
    film, found = work.film(), work.plan()
    segments = list(Segment.objects.filter(job=work.job))
    for position, segment in enumerate(segments):
        if segment.state == State.DONE:
            continue
        title = f"Segment {position + 1} of {len(segments)}"

        def report(share: float, message: str, position: int = position, title: str = title) -> None:
            work.report((position + share) / len(segments), f"{title}: {message}" if message else title)

        report(0.0, "")
        with work.claim.guard():
            Segment.objects.filter(id=segment.id).update(state=State.RUNNING)
        draft = write_segment(film, found, segment.index, work.writer, report)
        store_draft(work.claim, segment, draft)


def store_draft(claim: Claim, segment: Segment, draft: str) -> None:
    """Store a segment's draft, unless it has one. A worker that lost its lease stores nothing.

    Raises:
        LeaseLostError, Cancelled
    """
    with claim.guard():
        Segment.objects.filter(id=segment.id).exclude(state=State.DONE).update(
            state=State.DONE, draft=draft, num_writes=F("num_writes") + 1, finished_at=timezone.now()
        )
        Job.objects.filter(id=claim.job_id).update(attempt=1)


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
    if (step.result.get("writer"), step.result.get("version")) != (work.writer.name, work.writer.version):
        log.info("Job %s was planned by another version of the writer; it is planned again.", work.job.id)
        plan(Work(work.claim, work.job, work.asset, step, work.report))


def _store(step: Step, result: dict[str, object]) -> None:
    Step.objects.filter(id=step.id).update(result=result)


def _note(job: Job) -> str:
    return "Run again" if job.kind == "rerun" else ""
