"""The steps of a job, in order, named here and nowhere else.

A new step is one line of :data:`STEPS` and one module with a function ``run(work)`` in :mod:`omniscript_mam.services.jobs.steps`. Selectors
and pages read names and titles; only the runner follows the references, so that nobody else loads what the work needs. Jobs that were
queued before a step came are given it when they run.
"""

from __future__ import annotations

from dataclasses import dataclass

ROOM = "omniscript_mam.services.jobs.steps"


@dataclass(frozen=True)
class StepDefinition:
    """One step.

    Attributes:
        name: what rows call it; it must never change, jobs in the database carry it.
        title: what people read while it runs; ``label`` where there is little room.
        share: share of a job's time, roughly, against the shares of the others (they need not sum to anything).
        run: ``module:function`` that takes a :class:`~omniscript_mam.services.jobs.work.Work` and does what is missing.
        is_lost: ``module:function`` of a Work that says whether the step must be done again although it is done; "" where it never must.
    """

    name: str
    title: str
    label: str
    share: float
    run: str
    is_lost: str = ""


STEPS = (
    StepDefinition("probe", "Look at the file", "Check", 1, f"{ROOM}.probe:run"),
    StepDefinition("proxy", "Make it playable", "Player copy", 12, f"{ROOM}.proxy:run"),
    StepDefinition("survey", "Decode sound and frames", "Survey", 10, f"{ROOM}.survey:run", f"{ROOM}.survey:is_lost"),
    StepDefinition("pictures", "Make poster, thumbnails and waveform", "Pictures", 2, f"{ROOM}.pictures:run"),
    StepDefinition("plan", "Find scenes and segments", "Plan", 25, f"{ROOM}.plan:run"),
    StepDefinition("write", "Write the segments", "Write", 45, f"{ROOM}.write:run"),
    StepDefinition("merge", "Join them into one script", "Join", 2, f"{ROOM}.merge:run"),
    StepDefinition("index", "Make it searchable", "Index", 3, f"{ROOM}.index:run"),
)
"""Every step of a job, in order. The proxy comes early, so that people can watch while the script is written."""


def step_definition(name: str) -> StepDefinition:
    """The step of this name; one that a later release had, and this one has not, is shown by its name."""
    return next((step for step in STEPS if step.name == name), StepDefinition(name, name.capitalize(), name.capitalize(), 0, ""))


def steps_from(name: str) -> tuple[StepDefinition, ...]:
    """The step of this name and all after it.

    Raises:
        ValueError: there is no such step.
    """
    names = [step.name for step in STEPS]
    return STEPS[names.index(name) :]
