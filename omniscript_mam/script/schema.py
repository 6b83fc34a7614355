"""The Script document: what a writer produces and everything else reads.

One :class:`Script` describes one video (paper, section 3.1): meta, plot segments, character profiles, relationships, scenes
that hold events, and high points. Times are seconds (float) from the first displayed frame; a time range includes its
start and excludes its end. A field that is not known is ``None`` or empty, never a guess in words ("unknown", "n/a").

Each scene, event and character carries ``provenance``: per field, who wrote the value and how sure they were. A person's
value outranks a model's (:meth:`Provenance.outranks`).

Identity: an event names its character by ``character_id``. The name that people see is in the profile, so that a late name
reaches every event at once (the paper's lazy naming, section 3.2).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

SCHEMA_VERSION: Final = 2
"""Version written by this code. ``codec.upgrade`` brings older documents up to it."""

ENVIRONMENT_ID = "environment"
"""Reserved ``character_id`` of events that nobody in particular causes (weather, music, a crowd, a car)."""

MAX_DURATION_S = 48 * 3600.0
"""Longest legal video: two days. Longer durations come from broken containers."""

EVENT_FIELDS = ("dialogue", "action", "expression", "audio_cue")
"""The content fields of an event, of which it has at least one (paper, eq. 1: d, a, x, u)."""

EVENT_TEXTS = (*EVENT_FIELDS, "subtext", "on_screen_text")
"""Every free text of an event: what is searched, shown and exported."""

SCENE_FIELDS = ("location", "type", "environment", "time", "mood")
"""The fields of a scene (paper, eq. 2), in the order of its Table 2."""

SCENE_TEXTS = ("location", "environment", "time", "mood")
"""The free texts of a scene; its ``type`` is one of :class:`SceneType`."""


def _finite(value: float) -> float:
    if not 0.0 <= value <= MAX_DURATION_S:
        raise ValueError(f"must be between 0 and {MAX_DURATION_S:.0f} seconds")
    return value


Seconds = Annotated[float, AfterValidator(_finite)]
"""A timestamp or duration in seconds, finite and not negative."""

Confidence = Annotated[float, Field(ge=0.0, le=1.0)]
ShortText = Annotated[str, Field(max_length=500)]
LongText = Annotated[str, Field(max_length=8000)]
Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]


class Model(BaseModel):
    """Base of every part of the document: unknown fields are faults, numbers are finite."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, str_strip_whitespace=True, validate_assignment=True)


class SceneType(StrEnum):
    """Interior or exterior, as on a screenplay's slug line."""

    INTERIOR = "Interior"
    EXTERIOR = "Exterior"
    BOTH = "Interior/Exterior"


class VoiceType(StrEnum):
    """How a line reaches us: seen speaking, voice-over, or off screen."""

    ON_SCREEN = "OnScreen"
    VOICE_OVER = "VO"
    OFF_SCREEN = "OS"


class Emotion(StrEnum):
    """What the one who speaks or acts feels."""

    NEUTRAL = "neutral"
    JOY = "joy"
    SADNESS = "sadness"
    ANGER = "anger"
    FEAR = "fear"
    SURPRISE = "surprise"
    DISGUST = "disgust"
    LOVE = "love"


class InteractionKind(StrEnum):
    """What one person does to another by words, voice or deed, as a verb."""

    AGREE = "agree"
    APOLOGISE = "apologise"
    ARGUE = "argue"
    ASK = "ask"
    COMFORT = "comfort"
    COMMAND = "command"
    CONFESS = "confess"
    FLIRT = "flirt"
    GREET = "greet"
    PRAISE = "praise"
    REFUSE = "refuse"
    TEASE = "tease"
    THANK = "thank"
    THREATEN = "threaten"
    WARN = "warn"


class Provenance(Model):
    """Who wrote a value.

    Attributes:
        writer: name of the writer (``lite``, ``omniscript`` …) or ``person``.
        version: the writer's version, or the person's user name.
        confidence: probability in [0, 1] that the value is right; ``None`` where the writer has none.
        evidence: a short reason a person can check ("he says “I'm Tom” at 12.4 s").
        against: what speaks against the value, as checkable ("nothing is heard from 3.1 to 4.0 s"); "" where nothing does.
    """

    writer: ShortText
    version: ShortText = ""
    confidence: Confidence | None = None
    evidence: ShortText = ""
    against: ShortText = ""

    @property
    def is_person(self) -> bool:
        return self.writer == "person"

    def outranks(self, other: Provenance | None) -> bool:
        """True if a value written by this one may replace a value written by ``other``."""
        return other is None or self.is_person or not other.is_person


class Sourced(Model):
    """A part of the document whose fields carry provenance, keyed by field name."""

    provenance: dict[str, Provenance] = Field(default_factory=dict)

    def confidence_of(self, field: str) -> float | None:
        """Confidence of one field in [0, 1], or ``None`` if nobody stated one."""
        found = self.provenance.get(field)
        return found.confidence if found else None


class TimeRange(Model):
    """``start_s`` included, ``end_s`` excluded, in seconds."""

    start_s: Seconds
    end_s: Seconds

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s


class Meta(Sourced):
    """Video level (paper: M). ``frame_rate`` is exact ("24000/1001"); ``start_timecode`` is the file's own SMPTE label.

    ``notes`` say what was left out or is doubtful, in sentences for people.
    """

    title: ShortText = ""
    description: LongText = ""
    duration_s: Seconds = 0.0
    frame_rate: Annotated[str, Field(pattern=r"^$|^[1-9][0-9]{0,8}(/[1-9][0-9]{0,8})?$")] = ""
    start_timecode: Annotated[str, Field(max_length=14)] = ""
    languages: list[ShortText] = Field(default_factory=list)
    notes: list[ShortText] = Field(default_factory=list)


class PlotSegment(Sourced, TimeRange):
    """A stretch the planner hands to the writer: its plot line and who is active (paper, TSG plan)."""

    id: Identifier
    summary: LongText = ""
    active_characters: list[Identifier] = Field(default_factory=list)


class Character(Sourced):
    """A profile (paper, section 3.2). ``named`` is false while only a provisional identity is known.

    Attributes:
        id: ``char_…`` once named, ``unknown_…`` while provisional; never reused.
        name: what people see: a name, or a label such as "Man 1" for a provisional identity.
        aliases: other names and spellings, also the label it had before it was named.
        naming_evidence: why it has its name: the line, caption or person.
    """

    id: Identifier
    name: Annotated[str, Field(min_length=1, max_length=200)]
    named: bool = False
    aliases: list[ShortText] = Field(default_factory=list)
    appearance: LongText = ""
    voice: LongText = ""
    personality: LongText = ""
    naming_evidence: LongText = ""


class Relationship(Sourced):
    """A directed relation between two characters ("talks to", "father of")."""

    source_id: Identifier
    target_id: Identifier
    relation: ShortText
    description: LongText = ""


class Event(Sourced, TimeRange):
    """The smallest timed unit (paper, eq. 1): who says, does, shows, or what is heard.

    ``character_id`` is a profile's id or :data:`ENVIRONMENT_ID`. At least one of :data:`EVENT_FIELDS` has text. ``emotion`` is what that
    character feels, where ``expression`` is what shows.
    """

    id: Identifier
    character_id: Identifier = ENVIRONMENT_ID
    dialogue: LongText = ""
    action: LongText = ""
    expression: ShortText = ""
    audio_cue: ShortText = ""
    subtext: LongText = ""
    emotion: Emotion | None = None
    voice_type: VoiceType | None = None
    language: Annotated[str, Field(max_length=12)] = ""
    on_screen_text: LongText = ""


class Interaction(Sourced, TimeRange):
    """What passes between two people in a scene: ``source_id`` does it to ``target_id`` ("Maria argues with Tom")."""

    id: Identifier
    source_id: Identifier
    target_id: Identifier
    kind: InteractionKind


class Scene(Sourced, TimeRange):
    """One place and time. ``time`` is the time of day ("Night"), ``environment`` the surroundings, ``mood`` the feeling."""

    id: Identifier
    location: ShortText = ""
    type: SceneType | None = None
    environment: ShortText = ""
    time: ShortText = ""
    mood: ShortText = ""
    events: list[Event] = Field(default_factory=list)
    interactions: list[Interaction] = Field(default_factory=list)


class Reasoning(Model):
    """Why a moment is a high point, by channel."""

    visual: LongText = ""
    audio: LongText = ""
    text: LongText = ""
    psychology: LongText = ""


class HighPoint(Sourced, TimeRange):
    """A moment worth a trailer. ``score`` is 0 to 10."""

    type: ShortText
    description: LongText = ""
    reasoning: Reasoning = Field(default_factory=Reasoning)
    score: Annotated[float, Field(ge=0.0, le=10.0)] = 0.0


class Script(Model):
    """A whole script. Lists are in time order; ids are unique in the document. See :mod:`.validation` for the cross rules."""

    schema_version: Literal[2] = SCHEMA_VERSION
    meta: Meta = Field(default_factory=Meta)
    plot: list[PlotSegment] = Field(default_factory=list)
    characters: list[Character] = Field(default_factory=list)
    relationships: list[Relationship] = Field(default_factory=list)
    scenes: list[Scene] = Field(default_factory=list)
    high_points: list[HighPoint] = Field(default_factory=list)

    def character(self, character_id: str) -> Character | None:
        """The profile with this id, or ``None`` for the environment and for strangers."""
        return next((found for found in self.characters if found.id == character_id), None)

    def character_name(self, character_id: str) -> str:
        """The name people see: the profile's, or ``Environment``."""
        found = self.character(character_id)
        return found.name if found else "Environment"

    def events(self) -> list[Event]:
        """Every event of every scene, in (start, end) order."""
        return sorted((event for scene in self.scenes for event in scene.events), key=lambda e: (e.start_s, e.end_s))

    def interactions(self) -> list[Interaction]:
        """What passes between people in every scene, in (start, end) order."""
        return sorted((each for scene in self.scenes for each in scene.interactions), key=lambda i: (i.start_s, i.end_s))
