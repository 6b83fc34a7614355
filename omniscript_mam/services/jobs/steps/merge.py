"""Join the drafts into a script and store it as a revision."""

from __future__ import annotations

from omniscript_mam.models import Job, Segment, Step
from omniscript_mam.viewer import SYSTEM

from ...archive import scripts
from ..work import Work, stored_drafts


def run(work: Work) -> None:
    """Store one new revision, exactly once."""
    from inference.pipeline import merge

    script = merge(work.film(), work.plan(), stored_drafts(work.job), work.writer, work.report)
    with work.lease.guard():
        if "revision" in Step.objects.get(id=work.step.id).result:  # stored before a crash
            return
        revision = scripts.store_revision(
            SYSTEM, work.asset, script, work.writer.name, work.writer.version, note=_note(work.job), wake=False
        )
        work.store_result({"revision": revision.number})


def _note(job: Job) -> str:
    """What the new revision says of itself; storing it adds what became of people's corrections."""
    if job.kind == "segments":
        num_again = Segment.objects.filter(job=job, num_retries__gt=0).count()
        return f"{num_again} segment{'s' if num_again != 1 else ''} written again"
    return "Run again" if job.kind == "rerun" else ""
