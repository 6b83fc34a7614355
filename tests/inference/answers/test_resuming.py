"""Cycles are found and honest text is not; from a cut or a loop one can go on; schemas bound what may be written."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.answers.clip_times import can_become, format_time, read_tenths, time_pattern
from inference.answers.cycles import MAX_PERIOD_TOKENS, text_period, token_period, without_cycle
from inference.answers.reading import read_script
from inference.answers.resuming import resume_point
from inference.answers.schema import EventAnswer, SceneAnswer, ScriptAnswer, script_schema, to_wire

EVENTS = [EventAnswer(start=3.0 * i, end=3.0 * i + 2, character="Tom", dialogue=f"Line {i}") for i in range(4)]
SCRIPT = ScriptAnswer(
    scenes=[
        SceneAnswer(location="Kitchen", type="Interior", events=EVENTS[:2]),
        SceneAnswer(location="Street", mood="Tense", events=EVENTS[2:]),
    ]
)
WHOLE = "<thinking>\nPlot: They talk.\n</thinking>\n" + to_wire(SCRIPT)


@pytest.mark.parametrize("period", [1, 2, 7, 16, 60, MAX_PERIOD_TOKENS])
def test_a_cycle_of_tokens_is_found_with_its_period(period):
    copies = max(3, 48 // period + 1)
    assert token_period([1000, 1001, *list(range(period)) * copies]) == period
    assert token_period([*list(range(period)) * 2]) == 0


def test_honest_tokens_and_short_repetitions_are_no_cycle():
    assert token_period([5] * 47) == 0
    assert token_period(list(range(500))) == 0
    assert token_period([]) == 0
    assert text_period(WHOLE) == 0


def test_a_cycle_of_text_is_reduced_to_one_copy():
    assert without_cycle("She says: " + "no, no, never, " * 20) == "She says: no, no, never,"
    assert without_cycle(WHOLE) == WHOLE


def test_every_cut_gives_a_whole_document_and_a_beginning_that_leads_to_it():
    for length in range(WHOLE.index('"dialogue": "Line 0"') + 25, len(WHOLE)):
        point = resume_point(WHOLE[:length])
        if point is None:
            continue
        closed = read_script(point.closed, 60.0)
        assert not closed.repairs
        assert closed.answer.events() == EVENTS[: point.num_events]
        assert closed.thinking == "Plot: They talk."
        assert point.closed.startswith(point.begun)
        assert WHOLE.startswith(point.begun)


def test_the_last_event_of_a_document_that_was_closed_for_lack_of_budget_is_not_trusted():
    point = resume_point(WHOLE)
    assert point is not None
    assert point.num_events == len(EVENTS) - 1


def test_repeated_events_of_a_loop_are_dropped():
    looping = WHOLE.removesuffix("]}]}") + (', {"start": "00:12", "end": "00:14", "character": "Tom", "dialogue": "Round we go"}' * 30)
    point = resume_point(looping)
    assert point is not None
    assert point.num_events <= len(EVENTS) + 1
    assert point.closed.count("Round we go") <= 1


def test_without_one_whole_event_there_is_nothing_to_go_on_from():
    assert resume_point('{"scenes": [{"location": "Kitchen", "events": [{"start": "00:0') is None
    assert resume_point("I cannot help with that.") is None


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_pattern_order_and_spelling_of_times_agree(highest, tenths):
    text = format_time(tenths / 10)
    assert read_tenths(text) == tenths
    assert bool(re.search(time_pattern(highest / 10), text)) == (tenths <= highest)
    for length in range(len(text) + 1):
        assert can_become(text[:length], 0, highest) or tenths > highest
        assert can_become(text[:length], tenths, tenths)
    assert not can_become(text, tenths + 10, tenths + 20)


@pytest.mark.parametrize(("duration_s", "most"), [(10, 8), (300, 210), (2700, 1890)])
def test_lists_are_as_long_as_the_clip_can_need(duration_s, most):
    scenes = script_schema(duration_s)["properties"]["scenes"]["items"]
    assert scenes["properties"]["events"]["maxItems"] == most
    assert list(scenes["properties"])[-1] == "events"
    event = scenes["properties"]["events"]["items"]["properties"]
    assert list(event)[:4] == ["start", "end", "character", "dialogue"]
    assert list(json.loads(to_wire(SCRIPT))["scenes"][0]) == ["location", "type", "events"]
