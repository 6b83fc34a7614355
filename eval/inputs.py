"""What the V2S metrics read: timed units of two scripts of one video, flattened, folded and sorted.

An event has start and end in seconds, the name of its character and its text fields. A scene has its own fields and its events.
Three forms are accepted (:func:`load`): our Script JSON, the authors' published JSON, and the plain form
``{"scenes": [{"start", "end", …, "events": [{"start", "end", "character", …}]}]}``.

A script that carries one timestamp per event gets an end for each: the start of the next event of the script, for the last one
its scene's end, else the video's duration, else start + 5 s (ours).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from omniscript_mam.script import EVENT_FIELDS, SCENE_FIELDS, Fault, Script, ScriptValidationError, loads
from omniscript_mam.script.official import from_official

from .text import fold

SCORED_FIELDS = ("character", *EVENT_FIELDS)
"""What is scored of an event (paper, section 4.1.3: five fields); of a scene it is SCENE_FIELDS."""
MAX_UNITS = 20_000
"""More events than the densest ten hours; a larger document is refused before it is aligned."""


@dataclass(frozen=True)
class Unit:
    """An event or a scene: ``[start_s, end_s]`` in seconds, and folded texts by field name (absent fields are left out).

    ``character`` is the folded name; for a scene it is "".
    """

    start_s: float
    end_s: float
    texts: Mapping[str, str]
    character: str = ""

    def text(self, name: str) -> str:
        """The folded text of one field, "" if absent."""
        return self.texts.get(name, "")


@dataclass(frozen=True)
class ScoredScript:
    """The two lists that are scored, each sorted by (start, end). A scene's dialogue and action are those of its events, joined."""

    events: tuple[Unit, ...] = ()
    scenes: tuple[Unit, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    """Folded character name → the name as written, for people."""


def load(path: Path) -> ScoredScript:
    """Read any of the three forms from a file.

    Raises:
        ScriptValidationError: not JSON or not a script; every fault has a path into the document.
    """
    return from_text(path.read_bytes())


def from_text(text: str | bytes) -> ScoredScript:
    """Read any of the three forms from JSON text; raises as :func:`load` does."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScriptValidationError([Fault("(document)", f"not JSON: {error}")]) from None
    if not isinstance(data, dict):
        raise ScriptValidationError([Fault("(document)", "must be a JSON object")])
    if "script" in data:
        return from_script(from_official(data))
    if _is_plain(data):
        return from_plain(data)
    return from_script(loads(text))


def from_script(script: Script) -> ScoredScript:
    """The scored lists of a Script. An event's on-screen text and subtext are not scored (paper, section 4.1.3: five fields)."""
    names: dict[str, str] = {}
    scenes = []
    all_events = []
    for scene in script.scenes:
        events = []
        for event in scene.events:
            name = script.character_name(event.character_id)
            names.setdefault(fold(name), name)
            texts = {"character": name, **{key: getattr(event, key) for key in EVENT_FIELDS}}
            if any(texts[key] for key in EVENT_FIELDS):
                events.append(_unit(event.start_s, event.end_s, texts))
        fields = {key: str(getattr(scene, key) or "") for key in SCENE_FIELDS}
        scenes.append(_scene(scene.start_s, scene.end_s, fields, events))
        all_events += events
    return ScoredScript(_sorted(all_events), _sorted(scenes), names)


def from_plain(data: Mapping[str, Any]) -> ScoredScript:
    """The scored lists of the plain form.

    Raises:
        ScriptValidationError: with the path of every fault.
    """
    faults: list[Fault] = []
    names: dict[str, str] = {}
    scenes: list[Unit] = []
    all_events: list[Unit] = []
    for i, scene in enumerate(_list(data.get("scenes"), "scenes", faults)):
        path = f"scenes[{i}]"
        start_s, end_s = _range(scene, path, faults)
        events = []
        for j, event in enumerate(_list(scene.get("events", []), f"{path}.events", faults) if isinstance(scene, dict) else []):
            event_path = f"{path}.events[{j}]"
            event_range = _range(event, event_path, faults)
            texts = _texts(event, SCORED_FIELDS, {"start", "end", *SCORED_FIELDS}, event_path, faults)
            if event_range[0] < start_s - 0.001 or event_range[1] > end_s + 0.001:
                faults.append(Fault(event_path, f"is not within its scene, {start_s:g} to {end_s:g}"))
            name = texts.get("character", "")
            names.setdefault(fold(name), name)
            events.append(_unit(*event_range, texts))
        fields = _texts(scene, SCENE_FIELDS, {"start", "end", "events", *SCENE_FIELDS}, path, faults)
        if scenes and start_s < scenes[-1].end_s - 0.001:
            faults.append(Fault(f"{path}.start", f"{start_s:g} is before the end of the scene before, {scenes[-1].end_s:g}"))
        scenes.append(_scene(start_s, end_s, fields, events))
        all_events += events
    if len(all_events) > MAX_UNITS:
        faults.append(Fault("scenes", f"{len(all_events)} events; at most {MAX_UNITS} are scored"))
    if faults:
        raise ScriptValidationError(faults)
    return ScoredScript(_sorted(all_events), _sorted(scenes), names)


def _is_plain(data: Mapping[str, Any]) -> bool:
    """The plain form says ``start`` where the Script says ``start_s``, and has no schema version."""
    return "schema_version" not in data and not any("start_s" in s for s in data.get("scenes") or [] if isinstance(s, dict))


def _unit(start_s: float, end_s: float, texts: Mapping[str, str]) -> Unit:
    folded = {key: fold(text) for key, text in texts.items() if text}
    return Unit(start_s, end_s, {key: text for key, text in folded.items() if text}, folded.get("character", ""))


def _scene(start_s: float, end_s: float, fields: Mapping[str, str], events: list[Unit]) -> Unit:
    joined = {key: " ".join(text for text in (event.text(key) for event in _sorted(events)) if text) for key in ("dialogue", "action")}
    return _unit(start_s, end_s, {**fields, **joined})


def _sorted(units: list[Unit]) -> tuple[Unit, ...]:
    # Texts break ties, so that the order of the input lists never matters.
    return tuple(sorted(units, key=lambda unit: (unit.start_s, unit.end_s, sorted(unit.texts.items()))))


def _list(value: Any, path: str, faults: list[Fault]) -> list[Any]:
    if isinstance(value, list):
        return value
    faults.append(Fault(path, "must be a list"))
    return []


def _range(part: Any, path: str, faults: list[Fault]) -> tuple[float, float]:
    if not isinstance(part, dict):
        faults.append(Fault(path, "must be an object"))
        return 0.0, math.inf
    times = []
    for key in ("start", "end"):
        value = part.get(key)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value < 0:
            faults.append(Fault(f"{path}.{key}", f"{value!r} is not a time in seconds"))
            return 0.0, math.inf
        times.append(float(value))
    if times[1] < times[0]:
        faults.append(Fault(f"{path}.end", f"{times[1]:g} is before the start, {times[0]:g}"))
    return times[0], times[1]


def _texts(part: Any, wanted: tuple[str, ...], known: set[str], path: str, faults: list[Fault]) -> dict[str, str]:
    if not isinstance(part, dict):
        return {}
    faults += _unknown(part, known, path)
    texts = {}
    for key in wanted:
        value = part.get(key)
        if value is not None and not isinstance(value, str):
            faults.append(Fault(f"{path}.{key}", f"{value!r} is not text"))
        elif value:
            texts[key] = value
    return texts


def _unknown(part: Mapping[str, Any], known: set[str], path: str) -> Iterator[Fault]:
    return (Fault(f"{path}.{key}", "is not a field that is scored") for key in part if key not in known)
