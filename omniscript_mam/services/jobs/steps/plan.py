"""Let the writer cut the film into segments."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from inference.errors import BrokenMediaError
from omniscript_mam.models import Job, PlanSummary, Segment, Step

from ..work import Work

if TYPE_CHECKING:
    from inference.plan import Plan
    from inference.writers.base import Writer

log = logging.getLogger(__name__)


def run(work: Work) -> None:
    """Make the plan; one row each for its segments.

    Raises:
        BrokenMediaError: the film has no length.
    """
    from inference.pipeline import make_plan

    plan = make_plan(work.film(), work.writer, work.report)
    if not plan.segments:
        raise BrokenMediaError("There is nothing to write about: the film has no length.")
    with work.lease.guard():
        spent = _spent(work.job)
        Segment.objects.filter(job=work.job).delete()
        Segment.objects.bulk_create(
            [Segment(job=work.job, index=planned.index, start_s=planned.start_s, end_s=planned.end_s) for planned in plan.segments]
        )
        PlanSummary.objects.update_or_create(job=work.job, defaults=_summary(plan, spent))
        work.store_result({"plan": plan.model_dump(mode="json"), "writer": work.writer.name, "version": work.writer.version})


def run_again_after_upgrade(work: Work) -> None:
    """Drafts of one version of a writer are not for another: after an upgrade, plan and segments are made anew."""
    step = Step.objects.get(job=work.job, name="plan")
    if not is_plan_of(step, work.writer):
        log.info("Job %s was planned by another version of the writer; it is planned again.", work.job.id)
        run(Work(work.job, work.asset, work.lease, step, work.report))


def is_plan_of(step: Step, writer: Writer) -> bool:
    """True if this very writer, in this version, made the plan that the step holds."""
    return (step.result.get("writer"), step.result.get("version")) == (writer.name, writer.version)


def _spent(job: Job) -> list[PlanSummary | Segment]:
    """What an earlier plan of this job and its segments spent: it is paid, whatever becomes of them."""
    return [*PlanSummary.objects.filter(job=job), *Segment.objects.filter(job=job).only("num_tokens", "cost", "currency")]


def _summary(plan: Plan, spent: list[PlanSummary | Segment]) -> dict[str, object]:
    costs = [each.cost for each in (plan.usage, *spent) if each.cost is not None]
    return {
        "num_tokens": plan.usage.num_tokens + sum(each.num_tokens for each in spent),
        "cost": sum(costs) if costs else None,
        "currency": next((each.currency for each in (plan.usage, *spent) if each.currency), ""),
        "profiles": plan.profiles.document(),
    }
