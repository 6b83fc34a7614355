"""What a model answers: the data classes of a read answer, and the JSON Schemas that say to a model how to write one.

On the wire, times are text (:mod:`.clip_times`); in the data classes they are seconds from the clip's start. A schema is made for one
clip: its times lie inside the clip, and its lists are as long as the clip can need, so that a model that goes in circles ends. Keys
have one order: a scene's place before its events, when before who before what, so that what is written first helps what comes after.

Contents: :class:`ScriptAnswer`, :class:`PlanAnswer` and their parts, :func:`script_schema`, :func:`plan_schema`, :func:`to_wire`.
"""

from __future__ import annotations

import json
import math
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from .clip_times import format_time, time_pattern

EVENTS_PER_MIN = 42.0
"""Most events a minute that a model may write: three times the mean of the paper's data, which is 14."""

MIN_EVENTS = 8
"""Room for a clip of a few seconds. Chosen, like the three below: far above what films have, so that only a loop meets them."""
SCENES_PER_MIN = 12.0
HIGH_POINTS_PER_MIN = 2.0
MAX_CHARACTERS = 40
ENVIRONMENT = "Environment"
"""Who acts where nobody in particular does."""

PERSON: dict[str, object] = {"type": "string", "pattern": "^(char|unknown)_[0-9]{3}$"}
"""How a plan names somebody: nobody is called by a letter or a sentence."""

SEPARATORS = (", ", ": ")
"""How our JSON is spaced: one blank after a comma and a colon, as most models write by themselves."""

SceneType = Literal["", "Interior", "Exterior", "Interior/Exterior"]
VoiceType = Literal["", "OnScreen", "VO", "OS"]

MAX_CHARS = {
    "location": 120, "environment": 160, "time": 40, "mood": 60,
    "character": 80, "dialogue": 600, "action": 500, "expression": 120, "audio_cue": 200, "subtext": 300,
    "type": 60, "description": 500, "visual": 300, "audio": 300, "text": 300, "psychology": 300,
    "id": 40, "name": 80, "appearance": 400, "voice": 200, "personality": 200, "match_reason": 300, "evidence": 300,
    "same_as": 40, "reason": 300, "source": 80, "target": 80, "relation": 80,
    "plot": 800, "active_characters": 80, "summary": 1500, "continuity_note": 600,
}  # fmt: skip
"""Longest text of each field, in characters."""


class Answer(BaseModel):
    """Base of every part of an answer."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class EventAnswer(Answer):
    """One event: ``start`` and ``end`` in seconds from the clip's start, an identifier or a short name, and what happens."""

    start: float
    end: float
    character: str = ENVIRONMENT
    dialogue: str = ""
    action: str = ""
    expression: str = ""
    audio_cue: str = ""
    subtext: str = ""
    voice_type: VoiceType = ""


class SceneAnswer(Answer):
    """One place and time, with its events in order."""

    location: str = ""
    type: SceneType = ""
    environment: str = ""
    time: str = ""
    mood: str = ""
    events: list[EventAnswer] = Field(default_factory=list)


class ReasoningAnswer(Answer):
    """Why a moment is a high point, by channel."""

    visual: str = ""
    audio: str = ""
    text: str = ""
    psychology: str = ""


class HighPointAnswer(Answer):
    """A moment worth a trailer; ``score`` is 0 to 10."""

    type: str = ""
    start: float
    end: float
    description: str = ""
    reasoning: ReasoningAnswer = Field(default_factory=ReasoningAnswer)
    score: float = 0.0


class ScriptAnswer(Answer):
    """The script of one clip."""

    scenes: list[SceneAnswer] = Field(default_factory=list)
    high_points: list[HighPointAnswer] = Field(default_factory=list)

    def events(self) -> list[EventAnswer]:
        """Every event of every scene, as they come."""
        return [event for scene in self.scenes for event in scene.events]


class CharacterAnswer(Answer):
    """One person of the clip; ``match_confidence`` (0 to 1) and ``match_reason`` say why they are one we knew."""

    id: str
    name: str = ""
    appearance: str = ""
    voice: str = ""
    personality: str = ""
    match_confidence: float = 0.0
    match_reason: str = ""


class NameUpdateAnswer(Answer):
    """Somebody we knew without a name has one now."""

    id: str
    name: str
    evidence: str = ""
    confidence: float = 0.0


class SameAsAnswer(Answer):
    """Two identifiers turned out to be one person."""

    id: str
    same_as: str
    reason: str = ""


class RelationAnswer(Answer):
    """A directed relation between two characters."""

    source: str
    target: str
    relation: str
    description: str = ""


class SegmentAnswer(Answer):
    """A stretch of the clip, in seconds from its start, its plot and who is active."""

    start: float
    end: float
    plot: str = ""
    active_characters: list[str] = Field(default_factory=list)


class PlanAnswer(Answer):
    """What character-centric plot reasoning finds in one window of film (paper, section 8.1)."""

    characters: list[CharacterAnswer] = Field(default_factory=list)
    name_updates: list[NameUpdateAnswer] = Field(default_factory=list)
    same_as: list[SameAsAnswer] = Field(default_factory=list)
    relations: list[RelationAnswer] = Field(default_factory=list)
    segments: list[SegmentAnswer] = Field(default_factory=list)
    summary: str = ""
    continuity_note: str = ""


def most(duration_s: float, per_min: float, at_least: int) -> int:
    """How many items a clip of this length may have."""
    return max(at_least, math.ceil(per_min * duration_s / 60))


def script_schema(duration_s: float, *, rate: float = EVENTS_PER_MIN, sees: bool = True) -> dict[str, object]:
    """The JSON Schema of a script of a clip of ``duration_s`` seconds; ``rate`` is the most events a minute.

    A model that does not see (``sees``) is not asked how somebody looks, and need not name a place.
    """
    time = _time(duration_s)
    num_events = most(duration_s, rate, MIN_EVENTS)
    event = _object(
        {
            "start": time, "end": time, **_texts("character", "dialogue", "action"), **(_texts("expression") if sees else {}),
            **_texts("audio_cue", "subtext"),
            "voice_type": {"enum": ["OnScreen", "VO", "OS"]},
        },
        "start", "end", "character",
    )  # fmt: skip
    scene = _object(
        {
            **_texts("location"), "type": {"enum": ["Interior", "Exterior", "Interior/Exterior"]},
            **_texts("environment", "time", "mood"), "events": _list(event, num_events),
        },
        *(("location",) if sees else ()), "events",
    )  # fmt: skip
    point = _object(
        {
            **_texts("type"), "start": time, "end": time, **_texts("description"),
            "reasoning": _object(_texts(*(("visual",) if sees else ()), "audio", "text", "psychology")), "score": _number(10),
        },
        "type", "start", "end", "description",
    )  # fmt: skip
    scenes = _list(scene, most(duration_s, SCENES_PER_MIN, 3))
    return _object({"scenes": scenes, "high_points": _list(point, most(duration_s, HIGH_POINTS_PER_MIN, 2))}, "scenes")


def plan_schema(duration_s: float, *, hears: bool = True, sees: bool = True) -> dict[str, object]:
    """The JSON Schema of a plan of a window of ``duration_s`` seconds; a model is asked for looks if it sees, for voices if it hears."""
    time = _time(duration_s)
    perceived = (*(("appearance",) if sees else ()), *(("voice",) if hears else ()))
    character = _object(
        {"id": PERSON, **_texts("name", *perceived, "personality"), "match_confidence": _number(1), **_texts("match_reason")},
        "id",
        "name",
    )
    update = _object({"id": PERSON, **_texts("name", "evidence"), "confidence": _number(1)}, "id", "name")
    same = _object({"id": PERSON, "same_as": PERSON, **_texts("reason")}, "id", "same_as")
    relation = _object({"source": PERSON, "target": PERSON, **_texts("relation", "description")}, "source", "target", "relation")
    active = {"type": "array", "items": PERSON, "maxItems": MAX_CHARACTERS}
    segment = _object({"start": time, "end": time, **_texts("plot"), "active_characters": active}, "start", "end", "plot")
    return _object(
        {
            "characters": _list(character, MAX_CHARACTERS),
            "name_updates": _list(update, MAX_CHARACTERS),
            "same_as": _list(same, MAX_CHARACTERS),
            "relations": _list(relation, 2 * MAX_CHARACTERS),
            "segments": _list(segment, most(duration_s, 6.0, 3)),
            **_texts("summary", "continuity_note"),
        },
        "characters", "segments", "summary",
    )  # fmt: skip


def to_wire(answer: Answer) -> str:
    """The answer as a model would write it: one line of JSON, times as text, nothing that is empty or zero."""
    return json.dumps(_wire(answer), ensure_ascii=False, separators=SEPARATORS)


def _wire(value: Any) -> Any:
    if isinstance(value, list):
        return [_wire(item) for item in value]
    if not isinstance(value, Answer):
        return value
    fields = {}
    for key, field in type(value).model_fields.items():
        item = getattr(value, key)
        if key in {"start", "end"}:
            fields[key] = format_time(item)
        elif field.is_required() or key in {"character", "events", "scenes", "segments", "characters"} or item not in ("", 0.0, []):
            fields[key] = _wire(item)
    return {key: item for key, item in fields.items() if item != {}}


def _time(duration_s: float) -> dict[str, object]:
    return {"type": "string", "pattern": time_pattern(duration_s)}


def _texts(*keys: str) -> dict[str, object]:
    return {key: {"type": "string", "maxLength": MAX_CHARS[key]} for key in keys}


def _number(highest: int) -> dict[str, object]:
    return {"type": "number", "minimum": 0, "maximum": highest}


def _list(items: dict[str, object], longest: int) -> dict[str, object]:
    return {"type": "array", "items": items, "maxItems": longest}


def _object(properties: dict[str, object], *required: str) -> dict[str, object]:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}
