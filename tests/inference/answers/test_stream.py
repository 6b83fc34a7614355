"""Events while they are written: in pieces of any size, the same ones as the whole answer has, in time in proportion to the text."""

from __future__ import annotations

import itertools
import re
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.answers.event_stream import EventStream
from inference.answers.reading import read_script
from inference.answers.schema import EventAnswer, SceneAnswer, ScriptAnswer, to_wire
from inference.errors import AnswerError

FOLDER = Path(__file__).parent / "malformed"
KITCHEN, TEA_HOUSE, RELEASE = (
    (FOLDER / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n") for name in ("kitchen", "tea_house", "release")
)
DURATION_S = 20.0

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=25) | st.sampled_from(
    ['{"start": "00:01"}', '"}', "\\", "```", "]}"]
)


@st.composite
def answers(draw: st.DrawFn) -> ScriptAnswer:
    """A script whose times go on and whose events differ."""
    ticks = sorted(draw(st.lists(st.integers(0, 200), unique=True, max_size=8)))
    events = [
        EventAnswer(start=tick / 10, end=min(tick + 7, 200) / 10, character=draw(TEXTS) or "Tom", dialogue=draw(TEXTS), action=f"n{tick}")
        for tick in ticks
    ]
    cut = draw(st.integers(0, len(events)))
    return ScriptAnswer(scenes=[SceneAnswer(location=draw(TEXTS), events=part) for part in (events[:cut], events[cut:])])


def streamed(text: str, pieces: list[int]) -> list[EventAnswer]:
    """The events, the text cut at these places (counted round)."""
    stream, events = EventStream(DURATION_S), []
    borders = sorted({0, len(text), *(place % (len(text) + 1) for place in pieces)})
    for start, end in itertools.pairwise(borders):
        events += stream.feed(text[start:end])
    return events


@settings(max_examples=80, deadline=None)
@given(
    answers(), st.lists(st.integers(0, 10_000), max_size=30), st.sampled_from(["", '<thinking>\nPlot: {a} "b\n</thinking>\n', "```json\n"])
)
def test_a_valid_answer_streams_as_it_is_read(answer: ScriptAnswer, pieces: list[int], before: str):
    text = before + to_wire(answer)
    read = read_script(text, DURATION_S)
    assert read.answer.events() == answer.events()
    assert streamed(text, pieces) == answer.events()


@pytest.mark.parametrize("text", [KITCHEN, TEA_HOUSE], ids=["kitchen", "tea house"])
@pytest.mark.parametrize("size", [1, 2, 3, 7, 64])
def test_pieces_of_any_size(text: str, size: int):
    assert streamed(text, list(range(0, len(text), size))) == read_script(text, DURATION_S).answer.events()


def test_an_event_is_told_as_soon_as_its_object_closes():
    stream, told = EventStream(DURATION_S), []
    for at, char in enumerate(KITCHEN):
        told += [(at, event.start) for event in stream.feed(char)]
    closes = [match.end() - 1 for match in re.finditer(r'\{"start"(?:"(?:[^"\\]|\\.)*"|[^"}])*\}', KITCHEN)]
    assert told == list(zip(closes, [1.0, 4.0, 7.2, 12.0, 16.0], strict=True))


@pytest.mark.parametrize(
    "change",
    [
        lambda text: f"Here it is:\n```json\n{text}\n```",
        lambda text: text.replace('"', "'"),
        lambda text: re.sub(r'"(\w+)":', r"\1:", text),
        lambda text: text.replace("}", ",}"),
        lambda text: re.sub(r'"((?:[^"\\])*)"', r"“\1”", text),
        lambda text: text.replace(": ", "： "),
        lambda text: text.replace("{", "{\n  // one\n  "),
        lambda text: text.replace("still up", 'still "up"'),
        lambda text: text.replace("00:04", "00:00:04.0"),
        lambda text: text.replace("<thinking>", "<think>").replace("</thinking>", ""),
        lambda text: text[: text.index('"character": "the old')],
    ],
)
def test_the_commonest_faults_are_read_while_they_are_written(change):
    text = change(KITCHEN.replace("{ever}", "ever"))
    expected = read_script(text, DURATION_S).answer.events()
    assert len(expected) >= 4
    assert streamed(text, list(range(0, len(text), 5))) == expected


def test_the_authors_dialect_streams_too():
    events = streamed(RELEASE, list(range(0, len(RELEASE), 3)))
    assert [(event.start, event.character, event.dialogue) for event in events] == [
        (2.0, "Ben", "Carl! Over here."), (7.0, "Carl", ""), (13.0, "Carl", "It's been ten years."),
    ]  # fmt: skip


def test_what_is_outside_of_the_clip_or_told_already_is_not_told():
    stream = EventStream(DURATION_S)
    one = '{"start": "00:01", "end": "00:02", "character": "Tom", "dialogue": "No."}'
    assert len(stream.feed(f'{{"scenes": [{{"events": [{one}, {one}, {one.replace("00:0", "05:0")}')) == 1


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_nothing_that_comes_in_raises(data: st.DataObject):
    text = data.draw(st.text(max_size=60) | st.text('{}[]",:\\ \n“”start0', max_size=120))
    streamed(KITCHEN[: data.draw(st.integers(0, 400))] + text + KITCHEN[400:], [100, 300, 390, 410, 500])


@pytest.mark.parametrize("unit", ['{"start": "00:01', '{"start": "', '"', "{", "}", '{"start"}', "a", '"\\', "{ "])
def test_time_is_in_proportion_to_the_text(unit: str):
    def seconds(num: int) -> float:
        stream, text = EventStream(DURATION_S), unit * (num // len(unit))
        begun = time.process_time()
        for at in range(0, len(text), 200):
            stream.feed(text[at : at + 200])
        return time.process_time() - begun

    seconds(20_000)
    short_s, long_s = (min(seconds(num) for _ in range(3)) for num in (20_000, 200_000))  # a busy machine may delay any one
    assert long_s < 0.25 + 30 * short_s


def test_a_live_stream_of_a_long_answer_agrees_with_the_reader():
    events = [EventAnswer(start=i, end=i + 1, character="Tom", dialogue=f"line {i}") for i in range(2000)]
    text = to_wire(ScriptAnswer(scenes=[SceneAnswer(location="Hall", events=events)]))
    stream, told = EventStream(2001.0), []
    for at in range(0, len(text), 8):
        told += stream.feed(text[at : at + 8])
    assert told == events == read_script(text, 2001.0).answer.events()
    with pytest.raises(AnswerError):
        read_script(text[:60], 2001.0)
