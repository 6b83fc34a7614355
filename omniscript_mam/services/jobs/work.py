"""What a step of a job works with: the film, its writer, the plan, and a way to report.

Each step may be run again at any time and then does only what is missing. What it leaves behind is its checkpoint: rows, written inside
:meth:`~.leases.Lease.guard`, and files that appear whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from omniscript_mam import storage
from omniscript_mam.conf import conf
from omniscript_mam.models import Asset, Essence, Job, Segment, Step
from omniscript_mam.models import Sidecar as SidecarRow
from omniscript_mam.searcher import sentence_vectors
from omniscript_mam.waiting import Waiting

from ..writers import open_writer
from .leases import Lease

if TYPE_CHECKING:
    from inference.drafts import Drafts
    from inference.film import Film, Live, Waits
    from inference.media import MediaInfo, Spool
    from inference.plan import Plan
    from inference.writers.base import Writer


@dataclass
class Materials:
    """What a job works from."""

    job: Job
    asset: Asset

    @property
    def _waits(self) -> Waits | None:
        """Who is told what the writer waits for; nobody, where somebody else holds the job."""
        return None

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

    @property
    def languages(self) -> list[str]:
        """The spoken languages that people named for this film, or for its collection."""
        named = self._options().get("languages")
        return [str(language) for language in named] if isinstance(named, list) else []

    def _options(self) -> dict[str, object]:
        return {**(self.asset.collection.options if self.asset.collection else {}), **self.asset.options}

    def film(self, live: Live | None = None) -> Film:
        """The film as a writer sees it; ``live`` is told of events while they are written."""
        from inference.film import Sidecar, not_live, not_waiting
        from inference.pipeline import open_film

        options = self._options()
        again = Segment.objects.filter(job=self.job, num_retries__gt=0).values_list("index", "num_retries")
        if again:
            options["attempt"] = {str(index): count for index, count in again}
        if conf.segment_s:
            options.setdefault("segment_s", conf.segment_s)
        options.pop("languages", None)
        return open_film(
            self.path,
            waits=self._waits or not_waiting,
            spool_dir=storage.spool_folder(self.asset.id),
            workdir=storage.work_folder(self.job.id),
            info=self.info,
            title=self.asset.title,
            languages=self.languages,
            options=options,
            live=live or not_live,
            sidecars=[Sidecar(storage.resolve(row.path), row.name) for row in SidecarRow.objects.filter(asset=self.asset)],
            sentence_vectors=sentence_vectors(),
        )

    def plan(self) -> Plan:
        """The plan that the plan step stored."""
        from inference.plan import load_plan

        return load_plan(Step.objects.get(job=self.job, name="plan").result["plan"])

    def batch_size(self) -> int:
        """How many segments the writer likes at once."""
        from inference.writers.base import BatchWriter

        return self.writer.batch_size(self.film()) if isinstance(self.writer, BatchWriter) else 1


class Progress(Protocol):
    """Told how far a step is, and what it waits for."""

    def __call__(self, share: float, message: str) -> None: ...
    def waits(self, waiting: Waiting | None) -> None: ...


@dataclass
class Work(Materials):
    """What a step needs. ``lease`` guards what it writes; ``report`` raises when the work must stop."""

    lease: Lease
    step: Step
    report: Progress

    @property
    def _waits(self) -> Waits:
        return self.report.waits

    def store_result(self, result: dict[str, object]) -> None:
        """Keep the step's checkpoint (plain JSON); call it inside the lease's guard."""
        Step.objects.filter(id=self.step.id).update(result=result)


def stored_drafts(job: Job) -> Drafts:
    """The drafts of a job's segments, in order, read from the database one at a time."""
    from inference.drafts import Drafts

    segments = Segment.objects.filter(job=job)
    return Drafts(segments.count(), lambda index: segments.values_list("draft", flat=True).get(index=index))
