"""A segment's draft: what was written, in absolute seconds, who wrote it and what it cost. Plain JSON, the segment's checkpoint.

Nothing is decided here that needs another segment: characters are called what the writer called them. A value's ``provenance`` is given
only where it differs from the draft's own writer and version (a segment that the stand-in wrote brings the provenance of its values).

Contents: :class:`Draft` and its parts, :func:`from_answer`, :func:`from_script`, :func:`live_event`.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field

from inference.answers.schema import ENVIRONMENT, EventAnswer, ScriptAnswer, VoiceType
from inference.evidence.observed import TextSpan
from inference.film import LiveEvent
from inference.plan import TotalUsage
from omniscript_mam.script import ENVIRONMENT_ID, Provenance, Script


class Part(BaseModel):
    """Base of every part of a draft."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class DraftEvent(Part):
    """An event; ``character`` is what the writer called them, "" or "Environment" for nobody."""

    start_s: float
    end_s: float
    character: str = ""
    dialogue: str = ""
    action: str = ""
    expression: str = ""
    audio_cue: str = ""
    subtext: str = ""
    emotion: str = ""
    voice_type: VoiceType = ""
    language: str = ""
    on_screen_text: str = ""
    provenance: dict[str, Provenance] = Field(default_factory=dict)
    scene: int = Field(default=-1, exclude=True)
    """Number of its scene while the two are apart; no part of the checkpoint."""


class DraftScene(Part):
    """A scene; where its writer did not say when it begins, that follows from its events."""

    location: str = ""
    type: str = ""
    environment: str = ""
    time: str = ""
    mood: str = ""
    start_s: float | None = None
    events: list[DraftEvent] = Field(default_factory=list)
    provenance: dict[str, Provenance] = Field(default_factory=dict)


class DraftHighPoint(Part):
    """A high point; ``reasoning`` by channel (visual, audio, text, psychology)."""

    type: str
    start_s: float
    end_s: float
    description: str = ""
    reasoning: dict[str, str] = Field(default_factory=dict)
    score: float = 0.0
    provenance: dict[str, Provenance] = Field(default_factory=dict)


class DraftPerson(Part):
    """Somebody whom the writer of this segment alone knows: ``key`` is the events' character; a label holds in this segment only."""

    key: str
    name: str
    named: bool = False
    aliases: list[str] = Field(default_factory=list)
    appearance: str = ""
    voice: str = ""
    naming_evidence: str = ""
    provenance: dict[str, Provenance] = Field(default_factory=dict)


class DraftRepair(Part):
    """Something that was put right in the model's text, or weighed and found wanting: which rule, where, what."""

    code: str
    place: str
    detail: str = ""


class DraftClaims(Part):
    """How much of what a model claims was borne out by what was observed.

    Attributes:
        is_weighed: whether anything was observed to set it against.
        hears, sees: what of the film reached the model.
        num_heard, num_put_in, num_dropped: lines that are heard; those of them that it had not written; its own that nobody is heard
            to say.
        num_values, num_unsure: values with a mark; those that are shown as doubtful.
        ears, eyes: claims borne out, of those that could be checked.
    """

    is_weighed: bool = False
    hears: bool = True
    sees: bool = True
    num_heard: int = 0
    num_put_in: int = 0
    num_dropped: int = 0
    num_values: int = 0
    num_unsure: int = 0
    ears: tuple[int, int] = (0, 0)
    eyes: tuple[int, int] = (0, 0)


class Draft(Part):
    """What one segment's writer wrote.

    Attributes:
        writer, version: who wrote it. fault: why not the writer that was asked ("" = it did), in a sentence; remedy: what to do about it.
        thinking, plot: the model's thinking, and the plot line told in it.
        repairs, claims: what was cut, repaired, replaced or lost, and how much was borne out.
        title_card: a title seen on screen, where somebody read the screen.
        texts: every text on screen, where somebody read it.
    """

    index: int
    start_s: float
    end_s: float
    writer: str
    version: str
    fault: str
    remedy: str = ""
    thinking: str = ""
    plot: str = ""
    repairs: list[DraftRepair] = Field(default_factory=list)
    usage: TotalUsage = Field(default_factory=TotalUsage)
    people: list[DraftPerson] = Field(default_factory=list)
    scenes: list[DraftScene] = Field(default_factory=list)
    high_points: list[DraftHighPoint] = Field(default_factory=list)
    title_card: TextSpan | None = None
    claims: DraftClaims = Field(default_factory=DraftClaims)
    texts: list[str] = Field(default_factory=list)

    def to_json(self) -> str:
        """The checkpoint's text; what is empty is left out, who wrote it never."""
        return self.model_dump_json(exclude_defaults=True)


def from_answer(answer: ScriptAnswer, start_s: float) -> tuple[list[DraftScene], list[DraftHighPoint]]:
    """Scenes and high points of an answer about a clip that begins at ``start_s``."""
    scenes = [
        DraftScene(**scene.model_dump(exclude={"events"}), events=[_event(event, start_s) for event in scene.events])
        for scene in answer.scenes
    ]
    points = [
        DraftHighPoint(
            **point.model_dump(exclude={"start", "end", "reasoning"}),
            start_s=start_s + point.start,
            end_s=start_s + point.end,
            reasoning={channel: text for channel, text in point.reasoning.model_dump().items() if text},
        )
        for point in answer.high_points
    ]
    return scenes, points


def _event(event: EventAnswer, start_s: float) -> DraftEvent:
    return DraftEvent(**event.model_dump(exclude={"start", "end"}), start_s=start_s + event.start, end_s=start_s + event.end)


def live_event(event: EventAnswer, start_s: float, names: Mapping[str, str]) -> LiveEvent:
    """An event for people who watch while it is written; ``names`` by the identifiers that the prompt lists."""
    who = "" if event.character == ENVIRONMENT else names.get(event.character, event.character)
    return LiveEvent(start_s + event.start, start_s + event.end, who, event.dialogue, event.action, event.expression, event.audio_cue)


def from_script(script: Script, draft: Draft) -> Draft:
    """The draft with what another writer wrote of its segment; every value keeps that writer's provenance, and tells of the fault."""
    people = [
        DraftPerson(
            key=person.id,
            provenance=_told(person.provenance, draft.fault),
            **person.model_dump(include={"name", "named", "aliases", "appearance", "voice", "naming_evidence"}),
        )
        for person in script.characters
    ]
    scenes = [
        DraftScene(
            type=scene.type.value if scene.type else "",
            events=[
                DraftEvent(
                    **event.model_dump(exclude={"id", "character_id", "voice_type", "emotion", "provenance"}),
                    emotion=event.emotion.value if event.emotion else "",
                    character="" if event.character_id == ENVIRONMENT_ID else event.character_id,
                    voice_type=event.voice_type.value if event.voice_type else "",
                    provenance=_told(event.provenance, draft.fault),
                )
                for event in scene.events
            ],
            provenance=_told(scene.provenance, draft.fault),
            **scene.model_dump(include={"location", "environment", "time", "mood", "start_s"}),
        )
        for scene in script.scenes
    ]
    points = [
        DraftHighPoint(
            reasoning={channel: text for channel, text in point.reasoning.model_dump().items() if text},
            provenance=_told(point.provenance, draft.fault),
            **point.model_dump(include={"type", "start_s", "end_s", "description", "score"}),
        )
        for point in script.high_points
    ]
    return draft.model_copy(update={"people": people, "scenes": scenes, "high_points": points})


def _told(provenance: dict[str, Provenance], fault: str) -> dict[str, Provenance]:
    """The same, with the fault behind each value's evidence."""
    return {
        name: value.model_copy(update={"evidence": "; ".join(part for part in (value.evidence, fault) if part)[:500]})
        for name, value in provenance.items()
    }
