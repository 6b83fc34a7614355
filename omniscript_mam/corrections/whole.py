"""Whole parts of a script that a person adds or takes away: put in and taken out, with the characters that they name. Times in seconds.

Events and interactions sit in the scene that holds their time. So a person who cuts a scene in two, joins two or moves a cut changes
scenes only, and :func:`seat` brings these where they belong then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from omniscript_mam.script import ENVIRONMENT_ID, Character, Event, HighPoint, Interaction, PlotSegment, Relationship, Scene, Script
from omniscript_mam.script.validation import TOLERANCE_S

from .records import Kind, Part, key_of

TYPES: dict[Kind, type[PlotSegment | Character | Relationship | Scene | Event | Interaction | HighPoint]] = {
    "plot": PlotSegment,
    "character": Character,
    "relationship": Relationship,
    "scene": Scene,
    "event": Event,
    "interaction": Interaction,
    "high_point": HighPoint,
}
"""What may be added and removed; the order in which parts are put in, as later ones name earlier ones."""

LISTS = {
    "plot": "plot", "character": "characters", "relationship": "relationships", "scene": "scenes", "high_point": "high_points",
}  # fmt: skip
"""The script's list of each kind."""

IN_SCENES = {"event": "events", "interaction": "interactions"}
"""A scene's list of each kind."""

NAMING = ("character_id", "source_id", "target_id", "active_characters")
"""Fields that name characters by their ids, of any part."""


def parts_of(script: Script, kind: Kind) -> Sequence[Part]:
    """Every part of a kind, in the order of the document."""
    if kind in IN_SCENES:
        return [part for scene in script.scenes for part in getattr(scene, IN_SCENES[kind])]
    return [script.meta] if kind == "meta" else getattr(script, LISTS[kind])


def people_in(data: Mapping[str, Any]) -> list[str]:
    """Ids of the characters that a part (as plain JSON) names."""
    named: list[str] = []
    for value in (data.get(name, []) for name in NAMING):
        named += [value] if isinstance(value, str) else value
    return [each for each in dict.fromkeys(named) if each != ENVIRONMENT_ID]


def with_people(data: Mapping[str, Any], now: Mapping[str, str]) -> dict[str, Any]:
    """The part with the characters as a script numbers them.

    Raises:
        KeyError: one of them is not in ``now``.
    """
    known = {ENVIRONMENT_ID: ENVIRONMENT_ID, **now}
    changed: dict[str, Any] = dict(data)
    for name in NAMING:
        if name in changed:
            value = changed[name]
            changed[name] = known[value] if isinstance(value, str) else list(dict.fromkeys(known[each] for each in value))
    return changed


def put_in(script: Script, kind: Kind, data: Mapping[str, Any]) -> Part:
    """Add a part in its place; its id is another one if that is taken by a different part.

    Raises:
        ValueError: it is no such part, or no scene holds the event.
    """
    part: Part = TYPES[kind].model_validate(data)
    same = next((each for each in parts_of(script, kind) if key_of(each) == key_of(part)), None)
    if same is not None:
        if same == part or isinstance(part, (Relationship, HighPoint)):  # two people added the very same
            return same
        part.id = _free(part.id, {key_of(each) for each in parts_of(script, kind)})  # type: ignore[union-attr]
    if isinstance(part, (Event, Interaction)):
        scene = _scene_at(script.scenes, part)
        if scene is None:
            raise ValueError("no scene holds it")
        name = IN_SCENES[kind]
        setattr(scene, name, sorted([*getattr(scene, name), part], key=_by_time))
        return part
    parts: list[Part] = [*parts_of(script, kind), part]
    is_timed = not isinstance(part, (Character, Relationship))
    setattr(script, LISTS[kind], sorted(parts, key=lambda each: each.start_s) if is_timed else parts)
    return next(each for each in parts_of(script, kind) if key_of(each) == key_of(part))


def take_out(script: Script, part: Part) -> None:
    """Remove a part; with a character what is said of them, apart from events."""
    kind = next(kind for kind, which in TYPES.items() if isinstance(part, which))
    if kind in IN_SCENES:
        for scene in script.scenes:
            here = getattr(scene, IN_SCENES[kind])
            if any(each is part for each in here):
                setattr(scene, IN_SCENES[kind], [each for each in here if each is not part])
        return
    setattr(script, LISTS[kind], [each for each in parts_of(script, kind) if each is not part])
    if isinstance(part, Character):
        script.relationships = [tie for tie in script.relationships if part.id not in (tie.source_id, tie.target_id)]
        for scene in script.scenes:
            scene.interactions = [each for each in scene.interactions if part.id not in (each.source_id, each.target_id)]
        for segment in script.plot:
            segment.active_characters = [each for each in segment.active_characters if each != part.id]


def seat(script: Script, parts: Iterable[Event | Interaction]) -> bool:
    """Put every part into the scene that holds its time; an interaction that goes on over a cut ends at it.

    Returns:
        False if there is no scene for one of them, and nothing is changed then.
    """
    events: dict[str, list[Event]] = {scene.id: [] for scene in script.scenes}
    interactions: dict[str, list[Interaction]] = {scene.id: [] for scene in script.scenes}
    for part in parts:
        scene = _scene_at(script.scenes, part)
        if scene is None and isinstance(part, Interaction):
            scene = next((each for each in script.scenes if each.start_s - TOLERANCE_S <= part.start_s < each.end_s), None)
            part = part if scene is None else part.model_copy(update={"end_s": scene.end_s})
        if scene is None:
            return False
        if isinstance(part, Event):
            events[scene.id].append(part)
        else:
            interactions[scene.id].append(part)
    for scene in script.scenes:
        scene.events, scene.interactions = sorted(events[scene.id], key=_by_time), sorted(interactions[scene.id], key=_by_time)
    return True


def _by_time(part: Event | Interaction) -> tuple[float, float]:
    return part.start_s, part.end_s


def _scene_at(scenes: Iterable[Scene], part: Event | Interaction) -> Scene | None:
    """The scene that holds a part, the later one at a cut."""
    holding = [scene for scene in scenes if scene.start_s - TOLERANCE_S <= part.start_s and part.end_s <= scene.end_s + TOLERANCE_S]
    return holding[-1] if holding else None


def _free(identifier: str, taken: set[str]) -> str:
    numbers = (f"{identifier[:56]}.{number}" for number in range(2, len(taken) + 3))
    return next(each for each in numbers if each not in taken)
