"""A JSON value of almost the right shape -> the fields of an answer, guided by the answer's data classes.

Contents: :class:`Shaper`.
"""

from __future__ import annotations

import math
import re
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from inference.errors import AnswerError

from .cycles import MIN_CYCLE_CHARS, without_cycle
from .faults import Log, shown
from .loose_json import Open, Several
from .loose_times import split_range
from .schema import ENVIRONMENT, EventAnswer, SceneAnswer
from .vocabulary import ALIASES, DIALECT, NOTHING, canonical, scene_type, voice_type

_NOT_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff]")
_NUMBER = re.compile(r"\s*([-+]?\d{1,6}(?:\.\d{1,9})?)\s*(?:(%)|/\s*(\d{1,3}))?\s*")
_LIST_MARKS = re.compile(r"\s*[,;，；、\n|]\s*")
_TEXT_KEYS = ("text", "content", "value", "line", "name", "id")
_IDENTIFIER = re.compile(r"(char|unknown)[_ -]?(\d{1,6})", re.IGNORECASE)
_TIMES = frozenset({"start", "end"})
_HIGHEST = {"score": 10.0, "match_confidence": 1.0, "confidence": 1.0}
"""Upper end of each number's range; all begin at 0."""
_MADE_OF = {
    "same_as": ("id", "same_as"),
    "name_updates": ("id", "name"),
    "characters": ("id",),
    "relations": ("source", "target", "relation"),
}
"""Without these an item says nothing."""
_SPOKEN = frozenset({"dialogue", "character", "name"})
"""Where “null” may be a word or a name."""
_PEOPLE = frozenset({"character", "id", "same_as", "source", "target"})


class Shaper:
    """Shapes one document.

    Args:
        known: identifiers that the prompt listed; ``None`` where that is not known.
        labels: whether an identifier that was not listed becomes a label.
    """

    def __init__(self, log: Log, known: frozenset[str] | None, *, labels: bool) -> None:
        self.log, self.known, self.labels = log, known, labels
        spelt = [self._folded(identifier) for identifier in known or ()]
        self._spelt = {self._folded(identifier): identifier for identifier in known or () if spelt.count(self._folded(identifier)) == 1}

    def fields(self, model: type[BaseModel], value: Any, path: str) -> dict[str, Any]:
        """Every field of the model that the value has, shaped; times stay as they were written."""
        written: dict[str, Any] = {}
        for key, item in value.items():
            name = self._name(model, str(key), value, path)
            if name is not None:
                written[name] = self._one(item, f"{path}.{name}".lstrip(".")) if isinstance(item, Several) else item
        if "time_range" in written:
            start, end = split_range(written.pop("time_range"))
            written = {"start": start, "end": end, **written}
        return {name: self._field(model, name, item, f"{path}.{name}".lstrip(".")) for name, item in written.items()}

    def _name(self, model: type[BaseModel], key: str, siblings: dict[str, Any], path: str) -> str | None:
        if key in model.model_fields:
            return key
        name = canonical(key)
        if name not in model.model_fields:
            name = ALIASES.get(name, name)
        place = f"{path}.{shown(key)}".lstrip(".")
        if name == "time_range" and "start" in model.model_fields:
            self.log.add("key.spelling", place, shown(key))
            return name
        if name in model.model_fields and name not in siblings:
            self.log.add("key.spelling", place, shown(key))
            return name
        if name not in DIALECT:
            self.log.add("key.unknown", place, shown(key))
        return None

    def _one(self, values: Several, path: str) -> Any:
        """The value of a key that comes more than once."""
        told: list[Any] = []
        for value in values:
            if value not in (None, "", [], {}) and value not in told:
                told.append(value)
        self.log.add("key.twice", path, f"{len(values)} values")
        if len(told) <= 1:
            return told[0] if told else values[0]
        if all(isinstance(value, list) for value in told):
            return [item for value in told for item in value]
        raise AnswerError(path, f"this key has {len(told)} different values")

    def _field(self, model: type[BaseModel], name: str, value: Any, path: str) -> Any:
        kind: Any = model.model_fields[name].annotation
        if name in _TIMES:
            return value
        if get_origin(kind) is Literal:
            return self._choice(kind, value, path)
        if get_origin(kind) is list:
            (item,) = get_args(kind)
            return self._names(value, path) if item is str else self._items(item, name, value, path)
        if kind is float:
            return self._number(value, path, _HIGHEST[name])
        if kind is str:
            text = self._text(value, path, name)
            return self._person(text, path) if name in _PEOPLE else text
        if not isinstance(value, dict):  # the one object within an object is a high point's reasoning
            self.log.add("text.type", path, shown(str(value)))
            return {"text": self._text(value, path, name)}
        return self.fields(kind, value, path)

    def _items(self, model: Any, name: str, value: Any, path: str) -> list[dict[str, Any]]:
        shaped: list[dict[str, Any]] = []
        for index, item in enumerate(self._list(value, path)):
            place = f"{path}[{index}]"
            if not isinstance(item, dict):
                if item in (None, "", []):
                    self.log.add("item.empty", place)
                    continue
                raise AnswerError(place, f"an object was expected, not {shown(str(item))!r}")
            if isinstance(item, Open) and model is not SceneAnswer:
                self.log.add("item.cut", place)
                continue
            if model is SceneAnswer and _is_event(item):
                event = {**self.fields(EventAnswer, item, place), "": place}
                if shaped:
                    shaped[-1].setdefault("events", []).append(event)
                else:
                    shaped.append({"events": [event], "": place})
                self.log.add("scene.flat", place)
                continue
            fields = self.fields(model, item, place)
            lacking = [key for key in _MADE_OF.get(name, ()) if not fields.get(key)]
            if lacking or not item:
                self.log.add("item.empty", place, f"no {' and no '.join(lacking)}" if lacking else "")
                continue
            shaped.append({**fields, "": place})
        return shaped

    def _list(self, value: Any, path: str) -> list[Any]:
        if value in (None, "", {}):
            self.log.add("list.type", path, shown(str(value)))
            return []
        if isinstance(value, dict):
            self.log.add("list.type", path, "one object")
            numbered = value and all(isinstance(item, dict) for item in value.values())
            return list(value.values()) if numbered and not isinstance(value, Open) else [value]
        if not isinstance(value, list):
            raise AnswerError(path, f"a list was expected, not {shown(str(value))!r}")
        if any(isinstance(item, list) for item in value):
            self.log.add("list.type", path, "a list in a list")
            return [inner for item in value for inner in (item if isinstance(item, list) else [item])]
        return value

    def _names(self, value: Any, path: str) -> list[str]:
        if isinstance(value, str) or not isinstance(value, list):
            self.log.add("list.type", path, shown(str(value)))
            value = [] if value is None else _LIST_MARKS.split(value) if isinstance(value, str) else [value]
        texts = [self._text(item, f"{path}[{index}]", "name") for index, item in enumerate(value)]
        return [self._person(text, f"{path}[{index}]") for index, text in enumerate(texts) if text]

    def _text(self, value: Any, path: str, name: str) -> str:
        if isinstance(value, list) and not isinstance(value, Several):
            self.log.add("text.type", path, "a list")
            joined = " " if name == "dialogue" else ", "
            return joined.join(text for index, item in enumerate(value) if (text := self._text(item, f"{path}[{index}]", name)))
        if isinstance(value, dict):
            texts = [key for key in _TEXT_KEYS if isinstance(value.get(key), str)] or (list(value) if len(value) == 1 else [])
            if len(texts) != 1 and value:
                raise AnswerError(path, f"a text was expected, not an object with {len(value)} keys")
            self.log.add("text.type", path, "an object")
            return self._text(value[texts[0]], path, name) if texts else ""
        if not isinstance(value, str):
            if value is not None:
                self.log.add("text.type", path, shown(str(value)))
            return "" if value is None or isinstance(value, bool) else f"{value}"
        if value.strip().casefold() in NOTHING and name not in _SPOKEN:
            self.log.add("text.nothing", path, value)
            return ""
        text = _NOT_TEXT.sub("", value)
        if text != value:
            self.log.add("text.control", path)
        if len(text) >= MIN_CYCLE_CHARS and (once := without_cycle(text)) != text:
            self.log.add("text.loop", path, f"{len(text)} characters")
            return once
        return text

    def _person(self, text: str, path: str) -> str:
        """The identifier that is meant, or a label."""
        if self.known is None or text in self.known:
            return text
        mentioned = {self._folded(match[0]) for match in _IDENTIFIER.finditer(text)}
        meant = [self._spelt[each] for each in mentioned if each in self._spelt]
        if len(meant) == len(mentioned) == 1:
            self.log.add("character.spelling", path, shown(text))
            return meant[0]
        if self.labels and _IDENTIFIER.fullmatch(text.strip()):
            self.log.add("character.unknown", path, shown(text))
            return re.sub(r"[_-]", " ", text.strip())
        return text

    def _folded(self, identifier: str) -> str:
        """``char_001`` and ``Char-1`` are one; in a script also ``unknown_001``: who is named keeps the number, and nobody else gets it."""
        match = _IDENTIFIER.fullmatch(identifier)
        return f"{'' if self.labels else match[1].casefold()}{int(match[2])}" if match else identifier

    def _choice(self, kind: Any, value: Any, path: str) -> str:
        text = self._text(value, path, "type")
        allowed = get_args(kind)
        if text in allowed:
            return text
        meant = (scene_type if "Interior" in allowed else voice_type)(text)
        self.log.add("enum.spelling" if meant else "enum.unknown", path, shown(text))
        return meant

    def _number(self, value: Any, path: str, highest: float) -> float:
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
        if isinstance(value, str) and (match := _NUMBER.fullmatch(value)):
            number = float(match[1]) * highest / (100 if match[2] else float(match[3] or highest) or math.nan)
            self.log.add("number.type", path, value)
        if number is None or not 0 <= number <= highest:
            if value is not None:
                self.log.add("number.range", path, shown(str(value)))
            return 0.0
        return float(number)


def _is_event(item: dict[str, Any]) -> bool:
    """Whether this stands where a scene should, but is an event."""
    names = {canonical(str(key)) for key in item}
    names |= {ALIASES.get(name, name) for name in names}
    return "start" in names and "events" not in names and bool(names & {"character", "dialogue", "action", "audio_cue", "expression"})


def without_places(value: Any) -> Any:
    """The shaped value without the paths that it was found at (kept under the empty key while it is shaped)."""
    if isinstance(value, list):
        return [without_places(item) for item in value]
    if isinstance(value, dict):
        return {key: without_places(item) for key, item in value.items() if key}
    return value


def nobody_is_environment(event: dict[str, Any]) -> None:
    """An event without a character is the environment's."""
    if not event.get("character"):
        event["character"] = ENVIRONMENT
