"""Ways to spoil an answer: its text or its JSON, and what is left then (:mod:`.changes` has the list).

A :class:`Change` says which repairs must be told (beside those of the answer itself; ``may``: those that some answers need too) and which
events are left: the same ones, a function of them, or none because the answer is refused at a place.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Event = tuple[float, float, str, str, str]
"""Start, end, character, dialogue, action."""
Left = Callable[[list[Event]], list[Event]]


def same(events: list[Event]) -> list[Event]:
    return events


@dataclass(frozen=True)
class Refused:
    """Where, as a regular expression."""

    place: str


@dataclass(frozen=True)
class Change:
    """``make`` gets the whole text (a change of text) or the JSON value (a change of data)."""

    name: str
    make: Callable[[Any], Any]
    codes: str
    left: Left | Refused = same
    is_data: bool = False
    may: str = ""

    def apply(self, text: str) -> str:
        """The malformed text."""
        if not self.is_data:
            return str(self.make(text))
        head, data = split(text)
        made = self.make(copy.deepcopy(data))
        return head + (made if isinstance(made, str) else dumps(made))


def of_data(name: str, make: Callable[[Any], Any], codes: str, left: Left | Refused = same) -> Change:
    """A change of the JSON value."""
    return Change(name, make, codes, left, is_data=True)


def split(text: str) -> tuple[str, Any]:
    """The thinking, and the JSON value."""
    at = text.index("{")
    return text[:at], json.loads(text[at:])


def dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def scenes(data: Any) -> Any:
    return data["script" if "script" in data else "scenes"]


def all_events(data: Any) -> list[dict[str, Any]]:
    return [event for scene in scenes(data) for event in scene["events"]]


def start_key(event: dict[str, Any]) -> str:
    return "timestamp" if "timestamp" in event else "start"


def outside_texts(text: str, change: Callable[[str], str]) -> str:
    """The text with a change of everything that is not a JSON text."""
    head, at = text[: text.index("{")], text.index("{")
    parts = re.split(r'("(?:[^"\\]|\\.)*")', text[at:])
    return head + "".join(part if part.startswith('"') else change(part) for part in parts)


def quoted(text: str, left: str, right: str) -> str:
    """The text with other quotation marks around its JSON texts."""
    at = text.index("{")
    return text[:at] + re.sub(r'"((?:[^"\\]|\\.)*)"', lambda match: left + match[1] + right, text[at:])


def json_of(text: str) -> str:
    return text[text.index("{") :]


def last_event(text: str) -> tuple[int, int]:
    """From where to where the last event stands."""
    key = text.rindex('"character"')
    return text.rindex("{", 0, key), text.index("}", text.index("}", key) if "{ever}" in text[key : text.index("}", key) + 1] else key) + 1


def after(text: str, mark: str, more: str) -> str:
    """``more`` put in behind the first ``mark`` of the last event."""
    at = text.index(mark, last_event(text)[0]) + len(mark)
    return text[:at] + more + text[at:]


def each_event(change: Callable[[dict[str, Any]], None]) -> Callable[[Any], Any]:
    def make(data: Any) -> Any:
        for event in all_events(data):
            change(event)
        return data

    return make


def the_last(change: Callable[[dict[str, Any]], None]) -> Callable[[Any], Any]:
    def make(data: Any) -> Any:
        change(all_events(data)[-1])
        return data

    return make


def last_with(**changed: Any) -> Left:
    """The last event with other fields."""

    def left(events: list[Event]) -> list[Event]:
        names = ("start", "end", "character", "dialogue", "action")
        return [*events[:-1], tuple(changed.get(name, value) for name, value in zip(names, events[-1], strict=True))]  # type: ignore[list-item]

    return left


def all_but_last(events: list[Event]) -> list[Event]:
    return events[:-1]


def spelt(write: Callable[[float], Any]) -> Callable[[dict[str, Any]], None]:
    """Every time of an event written otherwise."""

    def change(event: dict[str, Any]) -> None:
        for key in {"start", "end", "timestamp"} & set(event):
            minutes, seconds = event[key].split(":")
            event[key] = write(int(minutes) * 60 + float(seconds))

    return change


def later(event: dict[str, Any], seconds: float) -> dict[str, Any]:
    """The event some time later, up to the clip's end."""
    moved = dict(event)
    spelt(lambda time_s: f"00:{min(time_s + seconds, 20):04.1f}")(moved)
    return moved


def looped(period: int) -> Callable[[Any], Any]:
    def make(data: Any) -> Any:
        events = scenes(data)[-1]["events"]
        copies = [later(event, 0.1 * number) for number in range(1, 9) for event in events[-period:]]
        events += copies
        return data

    return make


def with_scenes(data: Any, value: Any) -> Any:
    """Something else in the place of the scenes."""
    return {name: (value if name in ("scenes", "script") else item) for name, item in data.items()}


def in_halves(data: Any) -> str:
    """Two documents, the second going on where the first ends."""
    first, second = copy.deepcopy(data), copy.deepcopy(data)
    scenes(first)[-1]["events"].pop()
    first.pop("high_points", None)
    last = scenes(second)[-1]
    last["events"] = last["events"][-1:]
    second = {key: ([last] if key in ("scenes", "script") else value) for key, value in second.items()}
    return f"{dumps(first)}\n\nContinued:\n\n{dumps(second)}"


def another(data: Any) -> str:
    other = copy.deepcopy(data)
    all_events(other)[0]["dialogue"] = "Quite another line."
    return f"{dumps(data)}\n{dumps(other)}"


def cut(text: str) -> str:
    """In the middle of the last event."""
    return text[: text.rindex('"character"') + 4]


MARKS = str.maketrans({"@": "\n", "#": '"', "~": "\\", "^": "\\ud83d"})  # type: ignore[arg-type]
"""Written in changed texts for what a JSON encoder would escape."""
