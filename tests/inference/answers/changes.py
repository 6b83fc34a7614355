"""What goes wrong with an answer, by name, each with what must come of it."""

from __future__ import annotations

import re

from .malforming import (
    Change,
    Refused,
    after,
    all_but_last,
    all_events,
    another,
    cut,
    dumps,
    each_event,
    in_halves,
    json_of,
    last_event,
    last_with,
    looped,
    of_data,
    outside_texts,
    quoted,
    scenes,
    spelt,
    start_key,
    the_last,
    with_scenes,
)

CUTS = [
    Change("cut in a key of the last event", cut, "document.cut item.cut", all_but_last),
    Change("cut before a value of the last event", lambda t: t[: t.rindex('"character"') + 13], "document.cut item.cut", all_but_last),
    Change("cut in a text of the last event", lambda t: t[: t.rindex('"character"') + 16], "document.cut item.cut", all_but_last),
    Change("cut in a time of the last event", lambda t: t[: t.index("00:", last_event(t)[0]) + 4], "document.cut item.cut", all_but_last),
    Change("cut behind the opening of the last event", lambda t: t[: last_event(t)[0] + 1], "document.cut item.cut", all_but_last),
    Change("cut behind the last event", lambda t: t[: last_event(t)[1]], "document.cut"),
    Change("cut behind the comma before the last event", lambda t: t[: last_event(t)[0]].rstrip(), "document.cut", all_but_last),
    Change(
        "cut behind the first event", lambda t: t[: t.index("}", t.index('"character"')) + 1], "document.cut", lambda events: events[:1]
    ),
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
    of_data("the last event again and again, later and later", looped(1), "item.loop"),
    of_data("the last two events again and again, later and later", looped(2), "item.loop"),
    of_data("all scenes twice", lambda d: with_scenes(d, scenes(d) * 2), "item.repeated"),
    of_data(
        "one passage round and round in a text",
        the_last(lambda event: event.update(dialogue="no way, " * 90)),
        "text.loop",
        last_with(dialogue="no way,"),
    ),
]

DOCUMENTS = [
    Change("written twice", lambda t: f"{t}\n{json_of(t)}", "document.repeated"),
    Change("written twice, in fences", lambda t: f"```json\n{t}\n```\n```json\n{json_of(t)}\n```", "document.repeated fence"),
    Change(
        "begun, cut by a fence, and written again",
        lambda t: f"{cut(t)}\n```\n```json\n{json_of(t)}\n```",
        "document.repeated fence item.cut",
    ),
    of_data("written in two halves", in_halves, "document.joined prose"),
    of_data("two answers that differ", another, "", Refused(r"line \d+, column \d+")),
    of_data("a line per event", lambda d: "\n".join(map(dumps, all_events(d))), "document.joined document.bare scene.flat"),
    of_data(
        "a line per scene", lambda d: "\n".join(map(dumps, [*scenes(d), {"location": "", "events": []}])), "document.joined document.bare"
    ),
    of_data("in an object of one key", lambda d: {"result": d}, "document.wrapped"),
    of_data("as a JSON text", lambda d: dumps(dumps(d)), "document.wrapped"),
    of_data("only the list of scenes", scenes, "document.bare"),
    of_data("only the events", all_events, "document.bare scene.flat"),
    Change(
        "a draft that cannot be read before it",
        lambda t: '{"scenes": [{"location", "events": [...]}]}\n' + t[t.index("{") :],
        "document.draft prose",
    ),
]

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
    Change(
        "Chinese quotation marks, commas and colons",
        lambda t: quoted(outside_texts(t, lambda p: p.replace(", ", "，").replace(": ", "：")), "“", "”"),
        "json.quotes json.punctuation",
        may="json.inner_quote",
    ),
    Change("single quotation marks", lambda t: quoted(t, "'", "'"), "json.quotes", may="json.inner_quote"),
    Change("keys without quotation marks", lambda t: re.sub(r'"(\w+)":', r"\1:", t), "json.quotes"),
    of_data(
        "full-width digits in times",
        each_event(spelt(lambda s: f"００：{s:04.1f}".translate(str.maketrans("0123456789", "０１２３４５６７８９")))),
        "time.spelling",
    ),
    Change("times without quotation marks", lambda t: re.sub(r'"(start|end|timestamp)": "([\d:.]+)"', r'"\1": \2', t), "json.bare"),
    Change("comma after the last item", lambda t: outside_texts(t, lambda p: p.replace("}]", "},]")), "json.comma"),
    Change("comma after the last member", lambda t: outside_texts(t, lambda p: p.replace("}", ",}")), "json.comma"),
    Change("no comma between events", lambda t: outside_texts(t, lambda p: p.replace("}, {", "} {")), "json.comma"),
    Change("no comma between members", lambda t: outside_texts(t, lambda p: "\n" if p == ", " else p), "json.comma"),
    Change("two commas between events", lambda t: outside_texts(t, lambda p: p.replace("}, {", "},, {")), "json.comma"),
    Change(
        "an event's closing brace is missing",
        lambda t: t[: last_event(t)[0]].rstrip(", ")[:-1] + ", " + t[last_event(t)[0] :],
        "json.bracket json.comma",
    ),
    Change("the last events' closing bracket is missing", lambda t: t[: last_event(t)[1]] + t[last_event(t)[1] + 1 :], "json.bracket"),
    Change("comments", lambda t: t.replace('"events": [', '"events": [ // in order\n /* of time */'), "json.comment"),
    of_data("as Python writes it", lambda d: repr(d | {"meta": None}), "json.quotes"),
    Change("a closing quotation mark is missing", lambda t: re.sub(r'("location": "[^"]*)"', r"\1", t), "json.unclosed"),
]

TEXTS = [
    of_data("line break in a text", the_last(lambda e: e.update(dialogue="one@two")), "json.newline", last_with(dialogue="one\ntwo")),
    of_data(
        "quotation marks in a text",
        the_last(lambda e: e.update(dialogue="say #no#, twice")),
        "json.inner_quote",
        last_with(dialogue='say "no", twice'),
    ),
    of_data(
        "a text that ends in a quotation mark",
        the_last(lambda e: e.update(dialogue="say #no#")),
        "json.inner_quote",
        last_with(dialogue='say "no"'),
    ),
    of_data("needless backslash", the_last(lambda e: e.update(dialogue="it~'s late")), "json.escape", last_with(dialogue="it's late")),
    of_data("control character in a text", the_last(lambda e: e.update(dialogue="a\x07b")), "text.control", last_with(dialogue="ab")),
    of_data("half a surrogate pair", the_last(lambda e: e.update(dialogue="a^b")), "text.control", last_with(dialogue="ab")),
    of_data("list for a text", the_last(lambda e: e.update(action=["nods", "sits"])), "text.type", last_with(action="nods, sits")),
    of_data("number for a text", the_last(lambda e: e.update(dialogue=42)), "text.type", last_with(dialogue="42")),
    of_data("object for a text", the_last(lambda e: e.update(action={"text": "nods"})), "text.type", last_with(action="nods")),
    of_data(
        "object of many keys for a text",
        the_last(lambda e: e.update(action={"a": 1, "b": 2})),
        "",
        Refused(r"scenes\[\d\]\.events\[\d\]\.action"),
    ),
    of_data("null for a text", the_last(lambda e: e.update(action=None)), "", last_with(action="")),
    of_data("N/A for a text", the_last(lambda e: e.update(action="N/A")), "text.nothing", last_with(action="")),
    of_data("null for a character", the_last(lambda e: e.update(character=None)), "", last_with(character="Environment")),
]

SHAPES = [
    of_data("one object for a list of scenes", lambda d: with_scenes(d, scenes(d)[0] | {"events": all_events(d)}), "list.type"),
    of_data("numbered scenes for a list", lambda d: with_scenes(d, {f"s{i}": s for i, s in enumerate(scenes(d))}), "list.type"),
    of_data("a list in a list", lambda d: with_scenes(d, [scenes(d)]), "list.type"),
    of_data("null among the events", lambda d: (scenes(d)[0]["events"].append(None), d)[1], "item.empty"),
    of_data("a text for the events", lambda d: (scenes(d)[0].update(events="none of note"), d)[1], "", Refused(r"scenes\[0\]\.events")),
    of_data(
        "a text among the events", lambda d: (scenes(d)[0]["events"].append("a pause"), d)[1], "", Refused(r"scenes\[0\]\.events\[\d\]")
    ),
    of_data(
        "events between the scenes",
        lambda d: with_scenes(
            d,
            [*scenes(d)[:-1], scenes(d)[-1] | {"events": scenes(d)[-1]["events"][:-1]}, scenes(d)[-1]["events"][-1]],
        ),
        "scene.flat",
    ),
    Change(
        "a key twice, equal",
        lambda t: after(t, "{", '"character": "x", ').replace(
            '"character": "x"', re.search(r'"character": "[^"]*"', t[last_event(t)[0] :])[0]
        ),
        "key.twice",
    ),  # type: ignore[index]
    Change("a key twice, once empty", lambda t: after(t, "{", '"character": "", '), "key.twice"),
    Change(
        "a key twice, different",
        lambda t: after(t, "{", '"character": "Somebody else", '),
        "",
        Refused(r"scenes\[\d\]\.events\[\d\]\.character"),
    ),
    of_data("keys that nobody asked for", each_event(lambda e: e.update(camera="close", confidence=0.5)), "key.unknown"),
    Change("keys in camel case", lambda t: t.replace('"character"', '"Character"').replace('"audio_cue"', '"audioCue"'), "key.spelling"),
    of_data("scene types as in screenplays", lambda d: (scenes(d)[0].update(type="INT."), d)[1], "enum.spelling"),
    of_data("a scene type nobody knows", lambda d: (scenes(d)[0].update(type="Underwater"), d)[1], "enum.unknown"),
    of_data("a voice type as in screenplays", the_last(lambda e: e.update(voice_type="V.O.")), "enum.spelling"),
    Change(
        "NaN for a text",
        lambda t: after(t, "{", '"subtext": NaN, ') if '"subtext"' not in t else after(t, "{", '"expression": NaN, '),
        "json.number",
    ),
]

TIMES = [
    of_data("times with hours", each_event(spelt(lambda s: f"00:00:{s:06.3f}")), "time.spelling"),
    of_data("times as seconds", each_event(spelt(float)), "time.spelling"),
    of_data("times as seconds, as texts", each_event(spelt(lambda s: f"{s}")), "time.spelling"),
    of_data("times with a unit", each_event(spelt(lambda s: f"{s:g}s")), "time.spelling"),
    of_data("times in words", each_event(spelt(lambda s: f"0分{s:g}秒")), "time.spelling"),
    of_data("times in brackets", each_event(spelt(lambda s: f"[00:{s:04.1f}]")), "time.spelling"),
    of_data(
        "a start just past the end",
        the_last(lambda e: e.update({start_key(e): "00:20.6", "end": "00:20.9"})),
        "time.clamped",
        last_with(start=20.0, end=20.0),
    ),
    of_data("a start far past the end", the_last(lambda e: e.update({start_key(e): "01:20"})), "time.outside", all_but_last),
    of_data(
        "all starts past the end", each_event(lambda e: e.update({start_key(e): "12:20"})), "", Refused(r"scenes\[0\]\.events\[0\]\.start")
    ),
    of_data(
        "an end far past the end",
        the_last(lambda e: e.update({start_key(e): "00:18", "end": "03:00"})),
        "time.no_end",
        last_with(start=18.0, end=20.0),
    ),
    of_data(
        "an end before its start",
        the_last(lambda e: e.update({start_key(e): "00:16", "end": "00:15"})),
        "time.no_end",
        last_with(start=16.0, end=20.0),
    ),
    of_data("a start that is no time", the_last(lambda e: e.update({start_key(e): "soon"})), "time.unreadable", all_but_last),
    of_data("no start", the_last(lambda e: e.pop(start_key(e))), "time.unreadable", all_but_last),
    of_data("no end", the_last(lambda e: e.update({start_key(e): "00:14", "end": None})), "time.no_end", last_with(start=14.0, end=19.0)),
    of_data(
        "start and end in one text",
        the_last(lambda e: (e.pop("end", None), e.update({start_key(e): "00:17 - 00:18"}))),
        "time.spelling",
        last_with(start=17.0, end=18.0),
    ),
    of_data("events backwards", lambda d: ([scene["events"].reverse() for scene in scenes(d)], d)[1], "time.order"),
]

PEOPLE = [
    of_data(
        "an identifier that was not listed",
        the_last(lambda e: e.update(character="char_077")),
        "character.unknown",
        last_with(character="char 077"),
    ),
    of_data(
        "somebody unknown who was not listed",
        the_last(lambda e: e.update(character="unknown_5")),
        "character.unknown",
        last_with(character="unknown 5"),
    ),
    of_data(
        "an identifier with fewer digits",
        the_last(lambda e: e.update(character="Char-2")),
        "character.spelling",
        last_with(character="char_002"),
    ),
    of_data(
        "an identifier with its name",
        the_last(lambda e: e.update(character="char_002 (Anna)")),
        "character.spelling",
        last_with(character="char_002"),
    ),
    of_data(
        "two for a character",
        the_last(lambda e: e.update(character=["char_001", "char_002"])),
        "text.type",
        last_with(character="char_001, char_002"),
    ),
]

CHANGES = [*CUTS, *LOOPS, *DOCUMENTS, *AROUND, *PUNCTUATION, *TEXTS, *SHAPES, *TIMES, *PEOPLE]
