"""The plan of a film: its segments, and everything that the stages after planning may know of the whole film.

The plan is a checkpoint: JSON in a file or in the app's database, read by other processes and by later releases. Plans of the first
release kept all but the segments in a dictionary of notes; :func:`upgraded` reads those.

Times in seconds from the first displayed frame. Contents: :class:`Plan`, :class:`PlannedSegment`, :class:`Planner`,
:class:`PlanFault`, :class:`TotalUsage`, :func:`load_plan`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, model_validator

from inference.engines.base import Usage
from inference.errors import WriterError
from inference.evidence.observed import Outline
from inference.profiles import ProfileBook


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class PlannedSegment(_Part):
    """One stretch for the writer, numbered from 0: the plot line and who is active, as far as the planner can tell.

    Attributes:
        active_characters: identifiers of the plan's profiles, or names where the planner keeps no profiles.
        continuity: how the stretch goes on from what came before it.
        is_planned: whether a planner looked at it; else it was cut without one, or the planner could not.
    """

    index: int
    start_s: float
    end_s: float
    summary: str = ""
    active_characters: list[str] = Field(default_factory=list)
    continuity: str = ""
    is_planned: bool = False


class Planner(_Part):
    """Who planned: stands in the provenance of names, relations and plot."""

    name: str
    version: str


class PlanFault(_Part):
    """A stretch that the planner could not plan, so that it was cut plainly: why, and what to do about it, in a sentence each."""

    start_s: float
    end_s: float
    fault: str
    remedy: str = ""


class TotalUsage(_Part):
    """What a plan or a draft cost, all attempts together. ``cost`` in ``currency``, ``None`` where no price is declared."""

    num_prompt_tokens: int = 0
    num_new_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = None
    currency: str = ""
    num_requests: int = 0

    @classmethod
    def of(cls, usage: Usage) -> TotalUsage:
        """The same numbers as a part of a checkpoint."""
        return cls(**vars(usage))

    @property
    def num_tokens(self) -> int:
        """Read and written ones."""
        return self.num_prompt_tokens + self.num_new_tokens


class Plan(_Part):
    """The planner's result: gapless segments from 0 to the film's end, and what was found out on the way.

    Attributes:
        language: the film's language (BCP 47), "" where nobody knows.
        outline: shots, voices and languages of the whole film.
        strategy: "tsg" (two stages), "lce" (one pass), or "" where no language model planned.
        planner: the engine that planned; ``None`` where none did.
        profiles: who is who, with relations and name updates; empty where the writer plans without people.
        usage: what planning cost.
        remarks: what people should know, in sentences.
        faults: the stretches that were cut plainly because the planner could not plan them.
        own: what a writer of somebody else's wants to remember between its stages; ours use none of it.
    """

    segments: list[PlannedSegment]
    language: str = ""
    outline: Outline = Field(default_factory=Outline)
    strategy: Literal["", "tsg", "lce"] = ""
    planner: Planner | None = None
    profiles: ProfileBook = Field(default_factory=ProfileBook)
    usage: TotalUsage = Field(default_factory=TotalUsage)
    remarks: list[str] = Field(default_factory=list)
    faults: list[PlanFault] = Field(default_factory=list)
    own: dict[str, JsonValue] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _of_any_release(cls, data: Any) -> Any:
        return upgraded(data) if isinstance(data, Mapping) and "notes" in data else data


def upgraded(data: Mapping[str, Any]) -> dict[str, Any]:
    """A plan of the first release, whose ``notes`` were a dictionary, in today's form. Notes of other people's writers stay as ``own``."""
    if not isinstance(data["notes"], Mapping) or not isinstance(data.get("segments"), list):
        raise ValueError("notes or segments of another form than any release wrote")
    plan = {name: value for name, value in data.items() if name != "notes"}
    notes = dict(data["notes"])
    if "voices" not in notes:  # which every writer of ours noted
        return plan | {"own": notes}
    plan["outline"] = {name: notes.pop(name) for name in ("shots", "voices", "language", "languages", "cuts") if name in notes}
    for name in ("strategy", "profiles", "usage", "remarks"):
        if name in notes:
            plan[name] = notes.pop(name)
    if "engine" in notes:
        plan["planner"] = notes.pop("engine")
    notes.pop("relations", None)  # the profiles hold them too
    told = notes.pop("segments", [])
    if isinstance(told, list) and len(told) == len(plan["segments"]):
        plan["segments"] = [_with_note(segment, note) for segment, note in zip(plan["segments"], told, strict=True)]
    return plan | {"own": notes}


def _with_note(segment: Any, note: Any) -> Any:
    """The segment with what the planner noted on it; which window it came from is no longer told."""
    if not isinstance(segment, Mapping) or not isinstance(note, Mapping):
        return segment
    return {**segment, "continuity": note.get("continuity", ""), "is_planned": note.get("planned", False)}


def load_plan(data: str | Mapping[str, Any]) -> Plan:
    """The plan of a checkpoint (JSON text, or the data of one) of any release, checked.

    Raises:
        WriterError: it is no plan; the message says where.
    """
    try:
        return Plan.model_validate_json(data) if isinstance(data, str) else Plan.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        message = first["msg"].removeprefix("Value error, ")
        raise WriterError(f"The plan cannot be read: {place}: {message}.", remedy="Correct the plan, or plan the film again.") from error
