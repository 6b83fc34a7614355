"""The Script document <-> the JSON that the OmniScript authors' inference tool publishes.

Their document has three parts: ``meta`` (title, duration as HH:MM:SS, names of characters), ``script`` (scenes with events, each with
one timestamp MM:SS) and ``high_points``. It is coarser than ours, so writing it loses :data:`LOSES`, and reading it has to imply what it
does not say:

    - an event lasts until the next one in its scene, else the end of its scene, but at most 5 s (:data:`IMPLIED_EVENT_S`);
    - a scene starts with its first event (the first scene at 0) and ends where the next one starts, the last at the end of the video;
    - without a duration, the video ends 5 s after its last event;
    - names become profiles (``Environment`` and no name at all become the environment); the same name in another case is the same person.

Keys we do not know are left out; :func:`unread_keys` lists them. Contents: :func:`to_official`, :func:`from_official`, :func:`unread_keys`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .errors import Fault, ScriptValidationError, TimingError
from .schema import ENVIRONMENT_ID, EVENT_FIELDS, SCENE_FIELDS, SCENE_TEXTS, Event, Scene, SceneType, Script, VoiceType
from .timing import format_timestamp, parse_timestamp
from .validation import check, parse

LOSES = (
    "ends of events and scenes",
    "times finer than a second",
    "ids",
    "provenance and confidence",
    "profiles beyond the name",
    "relationships",
    "emotions",
    "interactions",
    "plot segments",
    "on-screen text",
    "languages",
    "description",
    "frame rate and start timecode",
)
"""What a Script holds that the authors' JSON has no place for."""

IMPLIED_EVENT_S = 5.0
MIN_SCENE_S = 0.1

_KEYS = {
    "meta": {"title", "duration", "characters"},
    "scene": {"scene_id", *SCENE_FIELDS, "events"},
    "event": {"timestamp", "character", *EVENT_FIELDS, "subtext", "voice_type"},
    "high_point": {"type", "time_range", "description", "reasoning", "score"},
}
_TYPES = {
    "interior": SceneType.INTERIOR, "int": SceneType.INTERIOR, "indoor": SceneType.INTERIOR, "内景": SceneType.INTERIOR,
    "exterior": SceneType.EXTERIOR, "ext": SceneType.EXTERIOR, "outdoor": SceneType.EXTERIOR, "外景": SceneType.EXTERIOR,
    "interior/exterior": SceneType.BOTH, "int/ext": SceneType.BOTH, "内外景": SceneType.BOTH,
}  # fmt: skip
_VOICES = {"onscreen": VoiceType.ON_SCREEN, "on": VoiceType.ON_SCREEN, "vo": VoiceType.VOICE_OVER, "voiceover": VoiceType.VOICE_OVER,
           "os": VoiceType.OFF_SCREEN, "offscreen": VoiceType.OFF_SCREEN}  # fmt: skip
_EVENT_TEXTS = ("action", "expression", "dialogue", "audio_cue", "subtext")
"""In the order in which the authors' JSON has them."""


def to_official(script: Script) -> dict[str, Any]:
    """The authors' JSON as plain data. Loses :data:`LOSES`; fields without text are left out."""
    return {
        "meta": {
            "title": script.meta.title,
            "duration": format_timestamp(script.meta.duration_s)[:8],
            "characters": [character.name for character in script.characters],
        },
        "script": [_scene_to_official(script, number, scene) for number, scene in enumerate(script.scenes, start=1)],
        "high_points": [
            {
                "type": point.type,
                "time_range": [format_timestamp(point.start_s, short=True), format_timestamp(point.end_s, short=True)],
                "description": point.description,
                "reasoning": point.reasoning.model_dump(exclude_defaults=True),
                "score": point.score,
            }
            for point in script.high_points
        ],
    }


def from_official(data: Any) -> Script:
    """Read the authors' JSON (plain data).

    Raises:
        ScriptValidationError: not that format; faults carry the path in their document (``script[0].events[2].timestamp``).
    """
    faults: list[Fault] = []
    root = _object(data, "(document)", faults)
    meta = _object(root.get("meta", {}), "meta", faults)
    scenes = [_object(item, f"script[{i}]", faults) for i, item in enumerate(_list(root.get("script", []), "script", faults))]
    if "script" not in root:
        faults.append(Fault("script", "is missing"))
    events = [
        [
            _read_event(item, f"script[{i}].events[{j}]", faults)
            for j, item in enumerate(_list(scene.get("events", []), f"script[{i}].events", faults))
        ]
        for i, scene in enumerate(scenes)
    ]
    points = [
        _read_high_point(item, f"high_points[{i}]", faults)
        for i, item in enumerate(_list(root.get("high_points", []), "high_points", faults))
    ]
    stated_s = _time(meta["duration"], "meta.duration", faults) if meta.get("duration") else None
    _check_order(events, stated_s, faults)
    if faults:
        raise ScriptValidationError(faults)
    duration_s = _place(events, stated_s)
    names = [
        _text(meta_name, f"meta.characters[{i}]", faults)
        for i, meta_name in enumerate(_list(meta.get("characters", []), "meta.characters", faults))
    ]
    profiles = _profiles([*names, *(event.pop("name") for scene in events for event in scene)], events)
    result = {
        "meta": {"title": _text(meta.get("title", ""), "meta.title", faults), "duration_s": duration_s},
        "characters": profiles,
        "scenes": _scenes(scenes, events, duration_s, faults),
        "high_points": [
            {**point, "end_s": min(point["end_s"], duration_s), "start_s": min(point["start_s"], duration_s)} for point in points
        ],
    }
    return _build(result, faults)


def unread_keys(data: Any) -> list[str]:
    """Paths of the keys that :func:`from_official` leaves out, outer levels first; empty for the format as published."""
    return list(_unread(data)) if isinstance(data, dict) else []


def _scene_to_official(script: Script, number: int, scene: Scene) -> dict[str, Any]:
    fields = {key: str(getattr(scene, key) or "") for key in SCENE_FIELDS}
    events = [_event_to_official(script, event) for event in scene.events]
    return {"scene_id": number, **{key: value for key, value in fields.items() if value}, "events": events}


def _event_to_official(script: Script, event: Event) -> dict[str, Any]:
    fields = {key: getattr(event, key) for key in _EVENT_TEXTS}
    fields["voice_type"] = event.voice_type.value if event.voice_type else ""
    shown = {key: value for key, value in fields.items() if value}
    return {"timestamp": format_timestamp(event.start_s, short=True), "character": script.character_name(event.character_id), **shown}


def _build(result: dict[str, Any], faults: list[Fault]) -> Script:
    """Validate, with paths of their document instead of ours."""
    if not faults:
        try:
            script = parse(result)
            faults = check(script)
        except ScriptValidationError as error:
            faults = error.faults
    if faults:
        raise ScriptValidationError([Fault(re.sub(r"^scenes\b", "script", fault.path), fault.message) for fault in faults])
    return script


def _read_event(item: Any, path: str, faults: list[Fault]) -> dict[str, Any]:
    event = _object(item, path, faults)
    voice = _text(event.get("voice_type", ""), f"{path}.voice_type", faults)
    found_voice = _VOICES.get(re.sub(r"[^a-z]", "", voice.lower()))
    if voice and found_voice is None:
        faults.append(Fault(f"{path}.voice_type", f"{voice[:40]!r} is not a voice type (OnScreen, VO, OS)"))
    return {
        "start_s": _time(event.get("timestamp"), f"{path}.timestamp", faults),
        "name": _text(event.get("character", ""), f"{path}.character", faults),
        "voice_type": found_voice,
        **{key: _text(event.get(key, ""), f"{path}.{key}", faults) for key in _EVENT_TEXTS},
    }


def _read_high_point(item: Any, path: str, faults: list[Fault]) -> dict[str, Any]:
    point = _object(item, path, faults)
    times = _list(point.get("time_range", []), f"{path}.time_range", faults)
    if len(times) != 2:
        faults.append(Fault(f"{path}.time_range", "must be two timestamps"))
        times = ["0", "0"]
    start_s, end_s = (_time(time, f"{path}.time_range[{i}]", faults) for i, time in enumerate(times))
    reasoning = _object(point.get("reasoning", {}), f"{path}.reasoning", faults)
    known = ("visual", "audio", "text", "psychology")
    return {
        "type": _text(point.get("type", ""), f"{path}.type", faults),
        "start_s": start_s,
        "end_s": end_s,
        "description": _text(point.get("description", ""), f"{path}.description", faults),
        "reasoning": {key: _text(reasoning.get(key, ""), f"{path}.reasoning.{key}", faults) for key in known},
        "score": point.get("score", 0.0),
    }


def _check_order(events: list[list[dict[str, Any]]], stated_s: float | None, faults: list[Fault]) -> None:
    """Scenes must follow each other, and nothing may lie after the end; both within the format's second."""
    latest_s = 0.0
    for i, scene in enumerate(events):
        for j, event in enumerate(scene):
            path = f"script[{i}].events[{j}].timestamp"
            if event["start_s"] < latest_s - 1.0:
                faults.append(Fault(path, f"{event['start_s']:g} s is before the end of the scene before, {latest_s:g} s"))
            if stated_s is not None and event["start_s"] > stated_s + 1.0:
                faults.append(Fault(path, f"{event['start_s']:g} s is after the end of the video, {stated_s:g} s"))
        latest_s = max([latest_s, *(event["start_s"] for event in scene)])


def _place(events: list[list[dict[str, Any]]], stated_s: float | None) -> float:
    """Sort events within their scene and return the duration of the video, in seconds."""
    for scene in events:
        scene.sort(key=lambda event: event["start_s"])
    last_s = max((event["start_s"] for scene in events for event in scene), default=0.0)
    shortest_s = last_s + MIN_SCENE_S * len(events)
    return max(stated_s, shortest_s) if stated_s is not None else last_s + max(IMPLIED_EVENT_S, MIN_SCENE_S * len(events))


def _scenes(
    scenes: list[dict[str, Any]], events: list[list[dict[str, Any]]], duration_s: float, faults: list[Fault]
) -> list[dict[str, Any]]:
    starts = _scene_starts(events, duration_s)
    result = []
    for i, (scene, inside) in enumerate(zip(scenes, events, strict=True)):
        end_s = starts[i + 1] if i + 1 < len(starts) else duration_s
        times = [min(max(event["start_s"], starts[i]), end_s) for event in inside]
        _set_times(inside, times, end_s)
        for j, event in enumerate(inside):
            event["id"] = f"event_{i + 1}_{j + 1}"
        kind = _text(scene.get("type", ""), f"script[{i}].type", faults)
        scene_type = _TYPES.get(kind.lower().replace(".", "").replace(" ", ""))
        if kind and scene_type is None:
            faults.append(Fault(f"script[{i}].type", f"{kind[:40]!r} is not Interior, Exterior or Interior/Exterior"))
        texts = {key: _text(scene.get(key, ""), f"script[{i}].{key}", faults) for key in SCENE_TEXTS}
        result.append({"id": f"scene_{i + 1}", "start_s": starts[i], "end_s": end_s, "type": scene_type, **texts, "events": inside})
    return result


def _set_times(events: list[dict[str, Any]], times: list[float], scene_end_s: float) -> None:
    """An event lasts until the next later one; events of the same second share their end."""
    later_s = following_s = scene_end_s
    for event, start_s in zip(reversed(events), reversed(times), strict=True):
        if start_s < following_s:
            later_s, following_s = following_s, start_s
        event.update(start_s=start_s, end_s=min(later_s, start_s + IMPLIED_EVENT_S))


def _scene_starts(events: list[list[dict[str, Any]]], duration_s: float) -> list[float]:
    """Start of every scene in seconds, strictly increasing; a scene without events shares the room between its neighbours."""
    following: list[tuple[int, float]] = []
    for i in range(len(events) - 1, -1, -1):
        after = following[-1] if following else (len(events), duration_s)
        following.append((i, events[i][0]["start_s"]) if events[i] else after)
    following.reverse()
    starts: list[float] = []
    for i, (index, after_s) in enumerate(following):
        before_s = max([*starts[-1:], *(event["start_s"] for event in (events[i - 1][-1:] if i else []))], default=0.0)
        start_s = before_s + max(0.0, after_s - before_s) / (index - i + 1) if index > i else after_s
        starts.append(0.0 if i == 0 else max(start_s, starts[-1] + MIN_SCENE_S))
    return starts


def _profiles(names: list[str], events: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """Profiles in order of appearance; sets ``character_id`` of every event (whose names are the last of ``names``)."""
    ids: dict[str, str] = {"": ENVIRONMENT_ID, "environment": ENVIRONMENT_ID, "环境": ENVIRONMENT_ID}
    profiles: list[dict[str, Any]] = []
    taken: set[str] = set()
    for name in names:
        key = name.casefold()
        if key not in ids:
            slug = re.sub(r"[^a-z0-9]+", "_", key).strip("_")[:40] or str(len(profiles) + 1)
            unknown = key.startswith(("unknown", "unnamed"))
            identifier = f"{'unknown' if unknown else 'char'}_{slug.removeprefix('unknown_')}"
            ids[key] = identifier if identifier not in taken else f"{identifier}_{len(profiles) + 1}"
            taken.add(ids[key])
            profiles.append({"id": ids[key], "name": name, "named": not unknown})
    flat = [event for scene in events for event in scene]
    for event, name in zip(flat, names[len(names) - len(flat) :], strict=True):
        event["character_id"] = ids[name.casefold()]
    return profiles


def _unread(data: dict[str, Any]) -> Iterator[str]:
    yield from (str(key) for key in data if key not in {"meta", "script", "high_points"})
    scenes = [(f"script[{i}]", scene) for i, scene in enumerate(_items(data, "script"))]
    groups = {
        "meta": [("meta", data.get("meta"))],
        "scene": scenes,
        "event": [(f"{path}.events[{j}]", event) for path, scene in scenes for j, event in enumerate(_items(scene, "events"))],
        "high_point": [(f"high_points[{i}]", point) for i, point in enumerate(_items(data, "high_points"))],
    }
    for kind, members in groups.items():
        for path, member in members:
            if isinstance(member, dict):
                yield from (f"{path}.{key}" for key in member if key not in _KEYS[kind])


def _items(parent: Any, key: str) -> list[Any]:
    found = parent.get(key) if isinstance(parent, dict) else None
    return found if isinstance(found, list) else []


def _object(value: Any, path: str, faults: list[Fault]) -> dict[str, Any]:
    if not isinstance(value, dict):
        faults.append(Fault(path, "must be a JSON object"))
        return {}
    return value


def _list(value: Any, path: str, faults: list[Fault]) -> list[Any]:
    if not isinstance(value, list):
        faults.append(Fault(path, "must be a list"))
        return []
    return value


def _text(value: Any, path: str, faults: list[Fault]) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        faults.append(Fault(path, "must be text"))
        return ""
    return value.strip()


def _time(value: Any, path: str, faults: list[Fault]) -> float:
    if not isinstance(value, str):
        faults.append(Fault(path, "must be a timestamp, MM:SS or HH:MM:SS"))
        return 0.0
    try:
        return parse_timestamp(value)
    except TimingError as error:
        faults.append(Fault(path, str(error)))
        return 0.0
