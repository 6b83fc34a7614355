"""The script as a screenplay: scene cards with rows, as the asset page prints them.

A film of 90 minutes has about 1,300 rows, so everything a row needs is made here once, as plain text; the template only prints.
"""

from __future__ import annotations

from dataclasses import dataclass

from omniscript_mam.exporters.screenplay import TYPE_WORDS, VOICE_WORDS, slug_line
from omniscript_mam.script import ENVIRONMENT_ID, Character, Event, Scene, Script

from .clock import Clock, elapsed, seconds_text
from .values import NOTHING, Value, place_tones, tones, value_of

SHORT_SCENE_EVENTS = 6
"""Scenes of up to so many events are given a smaller guess of their height until they are drawn."""


@dataclass(frozen=True)
class Row:
    """One event. Times are text: for attributes, elapsed, and timecode."""

    id: str
    start: str
    end: str
    elapsed: str
    timecode: str
    who: Value
    tone: str
    voice: Value
    dialogue: Value
    action: Value
    expression: Value
    emotion: Value
    audio_cue: Value
    on_screen_text: Value
    subtext: Value
    language: str


@dataclass(frozen=True)
class SceneCard:
    """One scene: its slug line, its moods, its rows."""

    id: str
    number: int
    start: str
    end: str
    elapsed: str
    timecode: str
    slug: str
    type: Value
    location: Value
    time: Value
    environment: Value
    mood: Value
    tone: str
    is_short: bool
    rows: list[Row]


def screenplay(script: Script, clock: Clock) -> list[SceneCard]:
    """Every scene of a script, in order."""
    cast = {character.id: character for character in script.characters}
    colours, places = tones(script), place_tones(script)
    return [_scene_card(number, scene, cast, colours, places, clock) for number, scene in enumerate(script.scenes, start=1)]


def _scene_card(
    number: int, scene: Scene, cast: dict[str, Character], colours: dict[str, str], places: dict[str, str], clock: Clock
) -> SceneCard:
    return SceneCard(
        id=scene.id,
        number=number,
        start=seconds_text(scene.start_s),
        end=seconds_text(scene.end_s),
        elapsed=elapsed(scene.start_s),
        timecode=clock.label(scene.start_s),
        slug=slug_line(scene),
        type=value_of(scene, "type", TYPE_WORDS[scene.type] if scene.type else ""),
        location=value_of(scene, "location"),
        time=value_of(scene, "time"),
        environment=value_of(scene, "environment"),
        mood=value_of(scene, "mood"),
        tone=places.get(scene.location.casefold(), "tone-none"),
        is_short=len(scene.events) <= SHORT_SCENE_EVENTS,
        rows=[_row(event, cast, colours, clock) for event in scene.events],
    )


def _row(event: Event, cast: dict[str, Character], colours: dict[str, str], clock: Clock) -> Row:
    character = cast.get(event.character_id)
    name = character.name if character else "" if event.character_id == ENVIRONMENT_ID else event.character_id
    return Row(
        id=event.id,
        start=seconds_text(event.start_s),
        end=seconds_text(event.end_s),
        elapsed=elapsed(event.start_s),
        timecode=clock.label(event.start_s),
        who=value_of(event, "character_id", name) if name else NOTHING,
        tone=colours.get(event.character_id, "tone-none"),
        voice=value_of(event, "voice_type", VOICE_WORDS.get(event.voice_type, "")) if event.voice_type else NOTHING,
        dialogue=value_of(event, "dialogue"),
        action=value_of(event, "action"),
        expression=value_of(event, "expression"),
        emotion=value_of(event, "emotion"),
        audio_cue=value_of(event, "audio_cue"),
        on_screen_text=value_of(event, "on_screen_text"),
        subtext=value_of(event, "subtext"),
        language=event.language,
    )
