"""What goes wrong with an answer, by name: changes of a whole answer's text or of its JSON, each with what must come of it.

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
    return text[:at] + re.sub(r'"((?:[^"\\]|\\.)*)"', lambda found: left + found[1] + right, text[at:])


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


def of_key(data: Any, key: str, value: Any) -> Any:
    return {name: (value if name == key else item) for name, item in data.items()}


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


CUTS = [
    Change("cut in a key of the last event", cut, "document.cut item.cut", all_but_last),
    Change("cut before a value of the last event", lambda t: t[: t.rindex('"character"') + 13], "document.cut item.cut", all_but_last),
    Change("cut in a text of the last event", lambda t: t[: t.rindex('"character"') + 16], "document.cut item.cut", all_but_last),
    Change("cut in a time of the last event", lambda t: t[: t.index("00:", last_event(t)[0]) + 4], "document.cut item.cut", all_but_last),
    Change("cut behind the opening of the last event", lambda t: t[: last_event(t)[0] + 1], "document.cut item.cut", all_but_last),
    Change("cut behind the last event", lambda t: t[: last_event(t)[1]], "document.cut"),
    Change("cut behind the comma before the last event", lambda t: t[: last_event(t)[0]].rstrip(), "document.cut", all_but_last),
    Change("cut behind the first event", lambda t: t[: t.index("}", t.index('"character"')) + 1], "document.cut", lambda events: events[:1]),
    Change("cut before the first event is whole", lambda t: t[: t.index('"character"')], "", Refused(r"line \d+, column \d+")),
    Change("cut, in a fence", lambda t: f"```json\n{cut(t)}\n```", "document.cut item.cut fence", all_but_last),
    Change("cut, and a special token", lambda t: f"{cut(t)}<|im_end|>", "document.cut item.cut text.tokens", all_but_last),
    Change("left out with dots at the end", lambda t: t[: last_event(t)[1]] + ", ...", "document.cut json.comment"),
    Change("dots in the list", lambda t: t[: last_event(t)[1]] + ", …" + t[last_event(t)[1] :], "json.comment json.comma"),
]

LOOPS = [
    Change(
        "the last event thirty times",
        lambda t: t[: last_event(t)[1]] + f", {t[slice(*last_event(t))]}" * 29 + t[last_event(t)[1] :],
        "item.repeated",
    ),
    Change(
        "the last event over and over until the text is cut",
        lambda t: t[: last_event(t)[1]] + f", {t[slice(*last_event(t))]}" * 29 + f", {t[last_event(t)[0] : last_event(t)[1] - 9]}",
        "item.repeated document.cut item.cut",
    ),
    Change("the last event again and again, later and later", looped(1), "item.loop", is_data=True),
    Change("the last two events again and again, later and later", looped(2), "item.loop", is_data=True),
    Change("all scenes twice", lambda d: {k: v * 2 if k in ("scenes", "script") else v for k, v in d.items()}, "item.repeated", is_data=True),
    Change(
        "one passage round and round in a text",
        the_last(lambda event: event.update(dialogue="no way, " * 90)),
        "text.loop",
        last_with(dialogue="no way,"),
        is_data=True,
    ),
]

DOCUMENTS = [
    Change("written twice", lambda t: f"{t}\n{json_of(t)}", "document.repeated"),
    Change("written twice, in fences", lambda t: f"```json\n{t}\n```\n```json\n{json_of(t)}\n```", "document.repeated fence"),
    Change("begun, cut by a fence, and written again", lambda t: f"{cut(t)}\n```\n```json\n{json_of(t)}\n```", "document.repeated fence item.cut"),
    Change("written in two halves", in_halves, "document.joined prose", is_data=True),
    Change("two answers that differ", another, "", Refused(r"line \d+, column \d+"), is_data=True),
    Change("a line per event", lambda d: "\n".join(map(dumps, all_events(d))), "document.joined document.bare scene.flat", is_data=True),
    Change("a line per scene", lambda d: "\n".join(map(dumps, [*scenes(d), {"location": "", "events": []}])), "document.joined document.bare",
        is_data=True),
    Change("in an object of one key", lambda d: {"result": d}, "document.wrapped", is_data=True),
    Change("as a JSON text", lambda d: dumps(dumps(d)), "document.wrapped", is_data=True),
    Change("only the list of scenes", scenes, "document.bare", is_data=True),
    Change("only the events", all_events, "document.bare scene.flat", is_data=True),
    Change("a draft that cannot be read before it", lambda t: '{"scenes": [{"location", "events": [...]}]}\n' + t[t.index("{"):], "document.draft prose"),
]  # fmt: skip

AROUND = [
    Change("in a fence", lambda t: f"```json\n{t}\n```", "fence"),
    Change("in a fence without a language", lambda t: f"```\n{t}```", "fence"),
    Change("in a fence that is not closed", lambda t: f"```json\n{t}", "fence"),
    Change("after prose", lambda t: f"Here is the script you asked for:\n\n{json_of(t)}", "prose"),
    Change("after prose with braces", lambda t: f"As {{asked}}, in the form {{...}}: {json_of(t)}", "prose"),
    Change("before prose", lambda t: f'{t}\n\nI hope this "helps"! [1]', "prose"),
    Change("before a special token", lambda t: f"{t}<|im_end|>\n<|endoftext|>", "text.tokens"),
    Change("one bracket too many at the end", lambda t: t + "}", "prose"),
    Change("after <think>", lambda t: f"<think>Hm: is it {{night}}?</think>\n{json_of(t)}", ""),
    Change("after thinking that is not closed", lambda t: f"<thinking>\nPlot: somebody waits.\n{json_of(t)}", "thinking.tags"),
    Change("after thinking that is not opened", lambda t: f"Plot: somebody waits.\n</think>\n{json_of(t)}", "thinking.tags"),
    Change("inside the thinking", lambda t: f"<thinking>\nPlot: somebody waits.\n{json_of(t)}\n</thinking>", "thinking.answer"),
    Change("after a byte order mark", lambda t: f"\ufeff{t}", ""),
    Change("with a NUL between two values", lambda t: t.replace(", ", ",\x00 ", 1) if t.index("{") == 0 else t + "\x00", ""),
]

PUNCTUATION = [
    Change("Chinese commas and colons", lambda t: outside_texts(t, lambda p: p.replace(",", "，").replace(":", "：")), "json.punctuation"),
    Change("Chinese list marks", lambda t: outside_texts(t, lambda p: p.replace("[", "【").replace("]", "】")), "json.punctuation"),
    Change("full-width braces", lambda t: outside_texts(t, lambda p: p.replace("{", "｛").replace("}", "｝")), "json.punctuation"),
    Change("Chinese quotation marks", lambda t: quoted(t, "“", "”"), "json.quotes", may="json.inner_quote"),
    Change("Chinese quotation marks, commas and colons",
        lambda t: quoted(outside_texts(t, lambda p: p.replace(", ", "，").replace(": ", "：")), "“", "”"), "json.quotes json.punctuation", may="json.inner_quote"),
    Change("single quotation marks", lambda t: quoted(t, "'", "'"), "json.quotes", may="json.inner_quote"),
    Change("keys without quotation marks", lambda t: re.sub(r'"(\w+)":', r"\1:", t), "json.quotes"),
    Change("full-width digits in times", each_event(spelt(lambda s: f"００：{s:04.1f}".translate(str.maketrans("0123456789", "０１２３４５６７８９")))),
        "time.spelling", is_data=True),
    Change("times without quotation marks", lambda t: re.sub(r'"(start|end|timestamp)": "([\d:.]+)"', r'"\1": \2', t), "json.bare"),
    Change("comma after the last item", lambda t: outside_texts(t, lambda p: p.replace("}]", "},]")), "json.comma"),
    Change("comma after the last member", lambda t: outside_texts(t, lambda p: p.replace("}", ",}")), "json.comma"),
    Change("no comma between events", lambda t: outside_texts(t, lambda p: p.replace("}, {", "} {")), "json.comma"),
    Change("no comma between members", lambda t: outside_texts(t, lambda p: "\n" if p == ", " else p), "json.comma"),
    Change("two commas between events", lambda t: outside_texts(t, lambda p: p.replace("}, {", "},, {")), "json.comma"),
    Change("an event's closing brace is missing", lambda t: t[: last_event(t)[0]].rstrip(", ")[:-1] + ", " + t[last_event(t)[0] :], "json.bracket json.comma"),
    Change("the last events' closing bracket is missing", lambda t: t[: last_event(t)[1]] + t[last_event(t)[1] + 1 :], "json.bracket"),
    Change("comments", lambda t: t.replace('"events": [', '"events": [ // in order\n /* of time */'), "json.comment"),
    Change("as Python writes it", lambda d: repr(d | {"meta": None}), "json.quotes", is_data=True),
    Change("a closing quotation mark is missing", lambda t: re.sub(r'("location": "[^"]*)"', r"\1", t), "json.unclosed"),
]  # fmt: skip

TEXTS = [
    Change("line break in a text", the_last(lambda e: e.update(dialogue="one@two")), "json.newline", last_with(dialogue="one\ntwo"), is_data=True),
    Change("quotation marks in a text", the_last(lambda e: e.update(dialogue="say #no#, twice")), "json.inner_quote",
        last_with(dialogue='say "no", twice'), is_data=True),
    Change("a text that ends in a quotation mark", the_last(lambda e: e.update(dialogue="say #no#")), "json.inner_quote",
        last_with(dialogue='say "no"'), is_data=True),
    Change("needless backslash", the_last(lambda e: e.update(dialogue="it~'s late")), "json.escape", last_with(dialogue="it's late"), is_data=True),
    Change("control character in a text", the_last(lambda e: e.update(dialogue="a\x07b")), "text.control", last_with(dialogue="ab"), is_data=True),
    Change("half a surrogate pair", the_last(lambda e: e.update(dialogue="a^b")), "text.control", last_with(dialogue="ab"), is_data=True),
    Change("list for a text", the_last(lambda e: e.update(action=["nods", "sits"])), "text.type", last_with(action="nods, sits"), is_data=True),
    Change("number for a text", the_last(lambda e: e.update(dialogue=42)), "text.type", last_with(dialogue="42"), is_data=True),
    Change("object for a text", the_last(lambda e: e.update(action={"text": "nods"})), "text.type", last_with(action="nods"), is_data=True),
    Change("object of many keys for a text", the_last(lambda e: e.update(action={"a": 1, "b": 2})), "", Refused(r"scenes\[\d\]\.events\[\d\]\.action"), is_data=True),
    Change("null for a text", the_last(lambda e: e.update(action=None)), "", last_with(action=""), is_data=True),
    Change("N/A for a text", the_last(lambda e: e.update(action="N/A")), "text.nothing", last_with(action=""), is_data=True),
    Change("null for a character", the_last(lambda e: e.update(character=None)), "", last_with(character="Environment"), is_data=True),
]  # fmt: skip

SHAPES = [
    Change("one object for a list of scenes", lambda d: of_key(d, "scenes" if "scenes" in d else "script", scenes(d)[0] | {"events": all_events(d)}),
        "list.type", is_data=True),
    Change("numbered scenes for a list", lambda d: of_key(d, "scenes" if "scenes" in d else "script", {f"s{i}": s for i, s in enumerate(scenes(d))}),
        "list.type", is_data=True),
    Change("a list in a list", lambda d: of_key(d, "scenes" if "scenes" in d else "script", [scenes(d)]), "list.type", is_data=True),
    Change("null among the events", lambda d: (scenes(d)[0]["events"].append(None), d)[1], "item.empty", is_data=True),
    Change("a text for the events", lambda d: (scenes(d)[0].update(events="none of note"), d)[1], "", Refused(r"scenes\[0\]\.events"), is_data=True),
    Change("a text among the events", lambda d: (scenes(d)[0]["events"].append("a pause"), d)[1], "", Refused(r"scenes\[0\]\.events\[\d\]"), is_data=True),
    Change("events between the scenes", lambda d: of_key(d, "scenes" if "scenes" in d else "script",
        [*scenes(d)[:-1], scenes(d)[-1] | {"events": scenes(d)[-1]["events"][:-1]}, scenes(d)[-1]["events"][-1]]), "scene.flat", is_data=True),
    Change("a key twice, equal", lambda t: after(t, "{", '"character": "x", ').replace('"character": "x"', re.search(r'"character": "[^"]*"', t[last_event(t)[0] :])[0]), "key.twice"),  # type: ignore[index]
    Change("a key twice, once empty", lambda t: after(t, "{", '"character": "", '), "key.twice"),
    Change("a key twice, different", lambda t: after(t, "{", '"character": "Somebody else", '), "", Refused(r"scenes\[\d\]\.events\[\d\]\.character")),
    Change("keys that nobody asked for", each_event(lambda e: e.update(camera="close", confidence=0.5)), "key.unknown", is_data=True),
    Change("keys in camel case", lambda t: t.replace('"character"', '"Character"').replace('"audio_cue"', '"audioCue"'), "key.spelling"),
    Change("scene types as in screenplays", lambda d: (scenes(d)[0].update(type="INT."), d)[1], "enum.spelling", is_data=True),
    Change("a scene type nobody knows", lambda d: (scenes(d)[0].update(type="Underwater"), d)[1], "enum.unknown", is_data=True),
    Change("a voice type as in screenplays", the_last(lambda e: e.update(voice_type="V.O.")), "enum.spelling", is_data=True),
    Change("NaN for a text", lambda t: after(t, "{", '"subtext": NaN, ') if '"subtext"' not in t else after(t, "{", '"expression": NaN, '), "json.number"),
]  # fmt: skip

TIMES = [
    Change("times with hours", each_event(spelt(lambda s: f"00:00:{s:06.3f}")), "time.spelling", is_data=True),
    Change("times as seconds", each_event(spelt(float)), "time.spelling", is_data=True),
    Change("times as seconds, as texts", each_event(spelt(lambda s: f"{s}")), "time.spelling", is_data=True),
    Change("times with a unit", each_event(spelt(lambda s: f"{s:g}s")), "time.spelling", is_data=True),
    Change("times in words", each_event(spelt(lambda s: f"0分{s:g}秒")), "time.spelling", is_data=True),
    Change("times in brackets", each_event(spelt(lambda s: f"[00:{s:04.1f}]")), "time.spelling", is_data=True),
    Change("a start just past the end", the_last(lambda e: e.update({start_key(e): "00:20.6", "end": "00:20.9"})), "time.clamped",
        last_with(start=20.0, end=20.0), is_data=True),
    Change("a start far past the end", the_last(lambda e: e.update({start_key(e): "01:20"})), "time.outside", all_but_last, is_data=True),
    Change("all starts past the end", each_event(lambda e: e.update({start_key(e): "12:20"})), "", Refused(r"scenes\[0\]\.events\[0\]\.start"), is_data=True),
    Change("an end far past the end", the_last(lambda e: e.update({start_key(e): "00:18", "end": "03:00"})), "time.no_end",
        last_with(start=18.0, end=20.0), is_data=True),
    Change("an end before its start", the_last(lambda e: e.update({start_key(e): "00:16", "end": "00:15"})), "time.no_end",
        last_with(start=16.0, end=20.0), is_data=True),
    Change("a start that is no time", the_last(lambda e: e.update({start_key(e): "soon"})), "time.unreadable", all_but_last, is_data=True),
    Change("no start", the_last(lambda e: e.pop(start_key(e))), "time.unreadable", all_but_last, is_data=True),
    Change("no end", the_last(lambda e: e.update({start_key(e): "00:14", "end": None})), "time.no_end", last_with(start=14.0, end=19.0), is_data=True),
    Change("start and end in one text", the_last(lambda e: (e.pop("end", None), e.update({start_key(e): "00:17 - 00:18"}))), "time.spelling",
        last_with(start=17.0, end=18.0), is_data=True),
    Change("events backwards", lambda d: ([scene["events"].reverse() for scene in scenes(d)], d)[1], "time.order", is_data=True),
]  # fmt: skip

PEOPLE = [
    Change("an identifier that was not listed", the_last(lambda e: e.update(character="char_077")), "character.unknown",
        last_with(character="char 077"), is_data=True),
    Change("somebody unknown who was not listed", the_last(lambda e: e.update(character="unknown_5")), "character.unknown",
        last_with(character="unknown 5"), is_data=True),
    Change("an identifier with fewer digits", the_last(lambda e: e.update(character="Char-2")), "character.spelling",
        last_with(character="char_002"), is_data=True),
    Change("an identifier with its name", the_last(lambda e: e.update(character="char_002 (Anna)")), "character.spelling",
        last_with(character="char_002"), is_data=True),
    Change("two for a character", the_last(lambda e: e.update(character=["char_001", "char_002"])), "text.type",
        last_with(character="char_001, char_002"), is_data=True),
]  # fmt: skip

CHANGES = [*CUTS, *LOOPS, *DOCUMENTS, *AROUND, *PUNCTUATION, *TEXTS, *SHAPES, *TIMES, *PEOPLE]

MARKS = str.maketrans({"@": "\n", "#": '"', "~": "\\", "^": "\\ud83d"})  # type: ignore[arg-type]
"""Written in changed texts for what a JSON encoder would escape."""
