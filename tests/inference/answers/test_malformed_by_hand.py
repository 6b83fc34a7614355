"""Malformed answers written by hand, plans, and whatever anybody may write: nothing but AnswerError, and no word that was not there."""

from __future__ import annotations

import json
import re
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.answers.documents import MAX_CHARS
from inference.answers.faults import COUNTED, REPAIRS
from inference.answers.reading import Reading, read_plan, read_script
from inference.answers.vocabulary import KEYS
from inference.errors import AnswerError
from inference.writers.two_stage.weighing.codes import WEIGHINGS

from .test_malformed import BASES, CASES, DURATION_S, FOLDER, KNOWN, told

ROOT = Path(__file__).resolve().parents[3]
PLAN = (FOLDER / "plan.txt").read_text(encoding="utf-8").rstrip("\n")
BY_HAND = re.findall(r"^== (.*)\n((?:.*\n)*?)--\n((?:.+\n)*)", (FOLDER / "by_hand.txt").read_text(encoding="utf-8"), re.MULTILINE)
OURS = frozenset({"Environment", "OnScreen", "VO", "OS", "Interior", "Exterior", "char", "001", "002"})
"""Words that the reader may write: values of enumerations, and the listed identifiers."""


def plan_of(**changed: Any) -> str:
    return json.dumps({**json.loads(PLAN), **changed}, ensure_ascii=False)


PLANS = [
    ("as it is", PLAN, "", None),
    ("in a fence", f"```json\n{PLAN}\n```", "fence", None),
    ("twice", f"{PLAN}\n{PLAN}", "document.repeated", None),
    ("two that differ", f"{PLAN}\n{plan_of(summary='Another.')}", "", "line 2, column 1"),
    ("in two parts", PLAN.replace(', "segments"', '}\n{"segments"'), "document.joined", None),
    ("cut in the summary", PLAN[: PLAN.index("and quarrels")], "document.cut", None),
    ("cut in the last segment", PLAN[: PLAN.index("They quarrel.")], "document.cut item.cut", None),
    ("cut in the first character", PLAN[: PLAN.index("grey")], "document.cut item.cut", None),
    ("single quotation marks", PLAN.replace('"', "'"), "json.quotes", None),
    ("names in one text", plan_of(segments=[{"start": "00:00", "end": "00:20", "plot": "", "active_characters": "char_001、unknown_002"}]),
        "list.type", None),
    ("confidence in per cent", PLAN.replace("0.9", '"90%"'), "number.type", None),
    ("confidence that cannot be", PLAN.replace("0.9", "9"), "number.range", None),
    ("a character without an identifier", plan_of(characters=[{"name": "Tom"}]), "item.empty", None),
    ("a relation to nobody", plan_of(relations=[{"source": "char_001", "target": None, "relation": "son"}]), "item.empty", None),
    ("a character twice", plan_of(characters=[{"id": "char_001", "name": "Tom"}] * 2), "", None),
    ("segments without ends", plan_of(segments=[{"start": "00:00", "plot": "a"}, {"start": "00:12", "plot": "b"}]), "time.no_end", None),
    ("segments past the end", plan_of(segments=[{"start": "10:00", "end": "11:00", "plot": "a"}]), "", r"segments\[0\]\.start"),
    ("segments backwards", plan_of(segments=json.loads(PLAN)["segments"][::-1]), "time.order", None),
    ("somebody new", plan_of(characters=[{"id": "char_099", "name": "Eve"}]), "", None),
    ("a list", f"[{PLAN}]", "document.wrapped", None),
    ("a summary in parts", plan_of(summary=["Tom comes.", "He quarrels."]), "text.type", None),
    ("no document", "The plot is simple.", "", "line 1, column 1"),
]  # fmt: skip


def test_there_are_more_than_two_hundred_and_no_two_are_the_same():
    texts = [change.apply(BASES[name]) for name, change in CASES] + [text for _, text, _ in BY_HAND] + [text for _, text, *_ in PLANS[1:]]
    assert len(set(texts)) == len(texts) >= 200


@pytest.mark.parametrize(("name", "text", "expected"), BY_HAND, ids=[name for name, *_ in BY_HAND])
def test_what_was_written_by_hand(name: str, text: str, expected: str):
    lines = expected.splitlines()
    if lines and lines[-1].startswith("refused "):
        with pytest.raises(AnswerError) as caught:
            read_script(text.removesuffix("\n"), DURATION_S, KNOWN)
        assert caught.value.place == lines[-1].removeprefix("refused ")
        assert caught.value.remedy and caught.value.place in str(caught.value)
        return
    reading = read_script(text.removesuffix("\n"), DURATION_S, KNOWN)
    events = [line for line in lines if " | " in line or line.endswith("|")]
    codes = {code for line in lines if line not in events for code in line.split()}
    read = [f"{a:g} {b:g} {who} | {said} | {does}".replace("|  |", "| |").rstrip() for a, b, who, said, does in told(reading.answer)]
    assert read == events
    assert {repair.code for repair in reading.repairs} == codes


@pytest.mark.parametrize(("name", "text", "codes", "place"), PLANS, ids=[name for name, *_ in PLANS])
def test_plans(name: str, text: str, codes: str, place: str | None):
    if place is not None:
        with pytest.raises(AnswerError) as caught:
            read_plan(text, DURATION_S, KNOWN)
        assert re.fullmatch(place, caught.value.place)
        return
    reading = read_plan(text, DURATION_S, KNOWN)
    assert {repair.code for repair in reading.repairs} == set(codes.split())
    if name == "somebody new":
        assert reading.answer.characters[0].id == "char_099"
    if name == "segments without ends":
        assert [(segment.start, segment.end) for segment in reading.answer.segments] == [(0.0, 12.0), (12.0, 20.0)]


@pytest.mark.parametrize("name", BASES)
def test_cut_anywhere_every_whole_event_is_kept(name: str):
    text, whole = BASES[name], told(read_script(BASES[name], DURATION_S).answer)
    ends = [match.end() for match in re.finditer(r'"character": (?:"(?:[^"\\]|\\.)*"|[^"}])*\}', text)]
    assert len(ends) == len(whole)
    for at in range(0, len(text), 5):
        num = sum(end <= at for end in ends)
        if not num:
            with pytest.raises(AnswerError):
                read_script(text[:at], DURATION_S)
            continue
        reading = read_script(text[:at], DURATION_S)
        kept = told(reading.answer)
        assert [event[0] for event in kept] == [event[0] for event in whole[:num]]
        assert [event[2:] for event in kept] == [event[2:] for event in whole[:num]]
        assert reading.is_cut


def words_of(text: str) -> set[str]:
    """Words as they stand, and as they are behind JSON's escapes."""
    plain = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), re.sub(r"\\[nrtbf]", " ", text))
    return {*re.findall(r"[^\W_]+", text), *re.findall(r"[^\W_]+", plain)}


def texts_in(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts_in(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts_in(item)]
    return [value] if isinstance(value, str) else []


def read_all(text: str) -> list[Reading[Any]]:
    """What the readers make of it; anything but AnswerError comes out."""
    readings: list[Reading[Any]] = []
    for read in (read_script, read_plan):
        try:
            readings.append(read(text, DURATION_S, KNOWN))
        except AnswerError as error:
            assert error.place and error.remedy
    return readings


def check(text: str) -> None:
    known = "".join(sorted(words_of(text) | OURS))
    for reading in read_all(text):
        assert {repair.code for repair in reading.repairs} <= set(REPAIRS)
        for value in texts_in(reading.answer.model_dump()):
            assert all(word in known for word in re.findall(r"[^\W_]+", value)), value
            assert not re.search(r"[\x00-\x08\ud800-\udfff]", value)


JUNK = st.sampled_from(
    [*"{}[]\",:'\\`“”：，【\n 0x", "```", "//", "/*", "<thinking>", "</thinking>", "...", "null", '"start":', '"events": [', "NaN"]
)
EDITS = st.lists(st.tuples(st.sampled_from("cdsi"), st.integers(0, 5000), st.integers(0, 80), JUNK), min_size=1, max_size=5)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from([*BASES.values(), PLAN]), EDITS)
def test_a_mutated_answer_raises_nothing_else_and_invents_no_word(text: str, edits: list[tuple[str, int, int, str]]):
    for kind, place, size, junk in edits:
        at = place % (len(text) + 1)
        part = text[at : at + size]
        rest = text[at + size :]
        text = text[:at] + {"c": rest, "d": part + part + rest, "s": part[::-1] + rest, "i": junk + part + rest}[kind]
    check(text)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200) | st.text('{}[]",: \n“”：start0evn', max_size=200))
def test_any_text_raises_nothing_else(text: str):
    check(text)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from([*sorted(KEYS), "x"]),
                inner,
                max_size=5,
            )
        ),
        max_leaves=25,
    )
)
def test_any_json_raises_nothing_else(value: Any):
    read_all(json.dumps(value))


UNITS = [
    "{",
    "[",
    '{"a":',
    '"',
    "a ",
    "[{",
    '{"scenes": [',
    '{"scenes": "',
    "/*",
    "“",
    "```",
    "<thinking>",
    '{"start": 1} ',
    '"\\',
    "1,",
    "\n",
    '{"a": /*',
]


@pytest.mark.parametrize("unit", UNITS)
def test_garbage_takes_time_in_proportion(unit: str):
    def seconds(num: int) -> float:
        text = unit * (num // len(unit))
        begun = time.process_time()
        read_all(text)
        return time.process_time() - begun

    seconds(20_000)
    assert seconds(200_000) < 1.0 + 30 * seconds(20_000)


def test_what_is_too_long_is_refused_at_once():
    with pytest.raises(AnswerError, match=r"more than 4,000,000"):
        read_script("{" * (MAX_CHARS + 1), DURATION_S)


def test_without_a_list_of_identifiers_none_is_looked_up():
    text = BASES["kitchen"].replace("char_001", "char_123")
    assert read_script(text, DURATION_S).repairs == []
    assert read_script(text, DURATION_S).answer.events()[0].character == "char_123"
    assert read_script(text, DURATION_S, frozenset()).answer.events()[0].character == "char 123"


def test_a_repair_that_was_needed_often_is_told_once_with_its_count():
    text = BASES["kitchen"].replace('"', "'")
    (quotes,) = [repair for repair in read_script(text, DURATION_S).repairs if repair.code == "json.quotes"]
    assert quotes.place.startswith("line 5, column 2") and "times" in quotes.detail
    assert set(REPAIRS) >= COUNTED


def test_the_documentation_has_the_same_table():
    text = (ROOT / "docs" / "repairs.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([\w.]+)` \| (.*) \| (.*) \|$", text, re.MULTILINE)
    assert {code: (what, why) for code, what, why in rows} == {**REPAIRS, **WEIGHINGS}
