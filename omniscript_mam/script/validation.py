"""Checks that a document is a legal Script, and says where it is not.

Contents: :func:`parse` (shape, by pydantic), :func:`check` (rules between parts), :func:`validate` (both). Paths are written as a
person would look them up: ``scenes[2].events[0].end_s``. Every fault is reported, not only the first.

Rules between parts:
    1. ids are unique over scenes, over events, over interactions, over characters, over plot segments;
    2. a range ends after its start, or at it for an event and an interaction (a point in time);
    3. scenes are in time order and do not overlap; events and interactions lie in their scene; all within the duration, where one is given;
    4. an event has at least one content field, or on-screen text;
    5. events, relationships, interactions and plot segments refer to existing profiles; an interaction is between two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from .errors import Fault, ScriptValidationError
from .schema import ENVIRONMENT_ID, EVENT_FIELDS, Event, Interaction, Scene, Script, TimeRange

TOLERANCE_S = 0.001
"""Slack of comparisons between times: a millisecond, the rounding of subtitle formats."""

MAX_EVENTS = 200_000
"""More events than two days of the densest film: such a document is refused before the rules are checked."""


def parse(data: Any) -> Script:
    """Build a Script from plain data.

    Raises:
        ScriptValidationError: with one fault per field that has the wrong shape.
    """
    try:
        return Script.model_validate(data)
    except ValidationError as error:
        raise ScriptValidationError(
            [Fault(_path(item["loc"]), item["msg"].removeprefix("Value error, ")) for item in error.errors()]
        ) from None


def check(script: Script) -> list[Fault]:
    """Every broken rule between parts of the document, in document order; empty if there is none."""
    num_events = sum(len(scene.events) for scene in script.scenes)
    if num_events > MAX_EVENTS:
        return [Fault("scenes", f"{num_events} events; at most {MAX_EVENTS} are read")]
    num_interactions = sum(len(scene.interactions) for scene in script.scenes)
    if num_interactions > MAX_EVENTS:
        return [Fault("scenes", f"{num_interactions} interactions; at most {MAX_EVENTS} are read")]
    return [*_unique_ids(script), *_references(script), *_times(script)]


def validate(data: Any) -> Script:
    """Parse plain data (or take a Script) and check every rule.

    Raises:
        ScriptValidationError: if any rule is broken.
    """
    script = data if isinstance(data, Script) else parse(data)
    faults = check(script)
    if faults:
        raise ScriptValidationError(faults)
    return script


def _path(location: Sequence[int | str]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path or "(document)"


def _unique_ids(script: Script) -> Iterator[Fault]:
    groups = {
        "scenes": [(f"scenes[{i}].id", scene.id) for i, scene in enumerate(script.scenes)],
        "events": [
            (f"scenes[{i}].events[{j}].id", event.id) for i, scene in enumerate(script.scenes) for j, event in enumerate(scene.events)
        ],
        "interactions": [
            (f"scenes[{i}].interactions[{j}].id", each.id)
            for i, scene in enumerate(script.scenes)
            for j, each in enumerate(scene.interactions)
        ],
        "characters": [(f"characters[{i}].id", character.id) for i, character in enumerate(script.characters)],
        "plot": [(f"plot[{i}].id", segment.id) for i, segment in enumerate(script.plot)],
    }
    for group in groups.values():
        first: dict[str, str] = {}
        for path, identifier in group:
            if identifier in first:
                yield Fault(path, f"{identifier!r} is already used at {first[identifier]}")
            first.setdefault(identifier, path)
    for i, character in enumerate(script.characters):
        if character.id == ENVIRONMENT_ID:
            yield Fault(f"characters[{i}].id", f"{ENVIRONMENT_ID!r} is reserved")


def _references(script: Script) -> Iterator[Fault]:
    known = {character.id for character in script.characters}
    for i, segment in enumerate(script.plot):
        for j, identifier in enumerate(segment.active_characters):
            if identifier not in known:
                yield Fault(f"plot[{i}].active_characters[{j}]", f"no character {identifier!r}")
    for i, relationship in enumerate(script.relationships):
        for field in ("source_id", "target_id"):
            if getattr(relationship, field) not in known:
                yield Fault(f"relationships[{i}].{field}", f"no character {getattr(relationship, field)!r}")
    for i, scene in enumerate(script.scenes):
        for j, event in enumerate(scene.events):
            if event.character_id != ENVIRONMENT_ID and event.character_id not in known:
                yield Fault(f"scenes[{i}].events[{j}].character_id", f"no character {event.character_id!r}")
        for j, interaction in enumerate(scene.interactions):
            yield from _two_people(f"scenes[{i}].interactions[{j}]", interaction, known)


def _two_people(path: str, interaction: Interaction, known: set[str]) -> Iterator[Fault]:
    for field in ("source_id", "target_id"):
        if getattr(interaction, field) not in known:
            yield Fault(f"{path}.{field}", f"no character {getattr(interaction, field)!r}")
    if interaction.source_id == interaction.target_id:
        yield Fault(f"{path}.target_id", f"{interaction.target_id!r} is the source as well")


def _times(script: Script) -> Iterator[Fault]:
    limit = script.meta.duration_s or None
    for i, segment in enumerate(script.plot):
        yield from _range(f"plot[{i}]", segment, limit, may_be_point=False)
    for i, high_point in enumerate(script.high_points):
        yield from _range(f"high_points[{i}]", high_point, limit, may_be_point=True)
    previous: Scene | None = None
    for i, scene in enumerate(script.scenes):
        yield from _range(f"scenes[{i}]", scene, limit, may_be_point=False)
        if previous is not None and scene.start_s < previous.end_s - TOLERANCE_S:
            yield Fault(f"scenes[{i}].start_s", f"{scene.start_s:g} is before the end of the scene before, {previous.end_s:g}")
        previous = scene
        for j, event in enumerate(scene.events):
            yield from _event(f"scenes[{i}].events[{j}]", event, scene)
        for j, interaction in enumerate(scene.interactions):
            yield from _inside(f"scenes[{i}].interactions[{j}]", interaction, scene)


def _inside(path: str, part: Event | Interaction, scene: Scene) -> Iterator[Fault]:
    yield from _range(path, part, None, may_be_point=True)
    if part.start_s < scene.start_s - TOLERANCE_S or part.end_s > scene.end_s + TOLERANCE_S:
        yield Fault(path, f"{part.start_s:g} to {part.end_s:g} is not within its scene, {scene.start_s:g} to {scene.end_s:g}")


def _event(path: str, event: Event, scene: Scene) -> Iterator[Fault]:
    yield from _inside(path, event, scene)
    if not event.on_screen_text and not any(getattr(event, field) for field in EVENT_FIELDS):
        yield Fault(path, f"has none of {', '.join(EVENT_FIELDS)}, on_screen_text")


def _range(path: str, part: TimeRange, limit_s: float | None, *, may_be_point: bool) -> Iterator[Fault]:
    if part.end_s < part.start_s or (part.end_s == part.start_s and not may_be_point):
        yield Fault(f"{path}.end_s", f"{part.end_s:g} is not after the start, {part.start_s:g}")
    if limit_s is not None and part.end_s > limit_s + TOLERANCE_S:
        yield Fault(f"{path}.end_s", f"{part.end_s:g} is after the end of the video, {limit_s:g}")
