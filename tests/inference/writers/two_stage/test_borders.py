"""Where two stretches meet: nothing lost, nothing doubled, everything in its time."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.writers.two_stage.borders import join, join_parts, place
from inference.writers.two_stage.drafts import DraftEvent, DraftScene


def said(start_s: float, end_s: float, text: str, who: str = "char_001") -> DraftEvent:
    return DraftEvent(start_s=start_s, end_s=end_s, character=who, dialogue=text)


def scene(*events: DraftEvent, location: str = "", **fields: str) -> DraftScene:
    return DraftScene(location=location, events=list(events), **fields)


def texts(placed) -> list[str]:
    return [event.dialogue or event.action or event.audio_cue for each in placed for event in each.scene.events]


def met(left: DraftScene, right: DraftScene, border_s: float = 10.0):
    return join(place([left], (0.0, border_s)), place([right], (border_s, 20.0)))


@pytest.mark.parametrize(
    "left, right, merged",
    [
        (said(8.0, 10.0, "I will never leave"), said(10.0, 12.0, "I will never leave this house"), "I will never leave this house"),
        (said(8.0, 10.0, "I will never leave this house"), said(10.2, 11.0, "leave this house"), "I will never leave this house"),
        (said(8.0, 9.8, "Где ты был вчера?"), said(10.0, 10.5, "где ты был вчера"), "Где ты был вчера?"),
        (said(9.9, 10.0, "No!"), said(10.0, 10.4, "No!"), "No!"),
    ],
)
def test_what_both_sides_tell_is_told_once(left, right, merged):
    assert texts(met(scene(left, location="Attic"), scene(right, location="Cellar"))) == [merged]


@pytest.mark.parametrize(
    "left, right",
    [
        (said(8.0, 9.0, "No!"), said(10.5, 11.0, "No!")),
        (said(8.0, 10.0, "I will never leave"), said(10.0, 12.0, "I will never leave", who="char_002")),
        (said(5.0, 8.0, "I will never leave"), said(10.0, 12.0, "I will never leave")),
        (said(8.0, 10.0, "I will never leave"), said(12.0, 13.0, "I will never leave")),
        (said(8.0, 10.0, "Come here at once"), said(10.0, 12.0, "Where have you been")),
        (said(8.0, 10.0, "I will never leave"), DraftEvent(start_s=10, end_s=11, character="char_001", action="I will never leave")),
    ],
)
def test_what_is_told_of_two_things_stays_twice(left, right):
    assert len(texts(met(scene(left, location="Attic"), scene(right, location="Cellar")))) == 2


def test_the_one_event_lies_where_most_of_it_happens():
    left, right = met(
        scene(said(9.5, 10.0, "I will never leave"), location="A"), scene(said(10.0, 14.0, "I will never leave"), location="B")
    )
    assert texts([left]) == [] and [(e.start_s, e.end_s) for e in right.scene.events] == [(10.0, 14.0)]


def test_a_sound_that_goes_on_is_one_event_in_a_scene_that_goes_on():
    rain = DraftEvent(start_s=4.0, end_s=10.0, character="Environment", audio_cue="steady rain on the roof")
    more = rain.model_copy(update={"start_s": 10.0, "end_s": 15.0})
    (whole,) = met(scene(rain, location="Attic", time="Night"), scene(more, said(16, 17, "Hm."), location="the attic", mood="sad"))
    assert (whole.start_s, whole.end_s, whole.scene.mood, whole.scene.time) == (0.0, 20.0, "sad", "Night")
    assert [(e.start_s, e.end_s) for e in whole.scene.events] == [(4.0, 15.0), (16.0, 17.0)]


@pytest.mark.parametrize(
    "left, right",
    [
        ({"location": "Attic", "mood": "sad"}, {"location": "Attic", "mood": "gay"}),
        ({"location": "Attic"}, {"location": "Cellar"}),
        ({"time": "Night"}, {"time": "Night"}),
    ],
)
def test_scenes_that_differ_or_say_nothing_of_the_place_stay_two(left, right):
    assert len(met(scene(said(1, 2, "one"), **left), scene(said(11, 12, "two"), **right))) == 2


def test_scenes_are_placed_by_their_events():
    placed = place([scene(said(1, 2, "a")), scene(location="nowhere"), scene(said(5, 99, "c"), said(3, 4, "b"))], (0.0, 10.0))
    assert [(p.start_s, p.end_s) for p in placed] == [(0.0, 3.0), (3.0, 10.0)]
    assert [(e.dialogue, e.end_s) for e in placed[1].scene.events] == [("b", 4.0), ("c", 10.0)]
    assert [p.scene.location for p in place([scene(location="A"), scene(location="B")], (0.0, 5.0))] == ["A"]
    assert place([], (0.0, 5.0)) == []


def test_pieces_of_a_segment_are_joined():
    first = scene(said(2, 5.9, "The first half of a long line"), location="Hall")
    second = scene(said(6.1, 8, "The first half of a long line, and the second"), location="Hall")
    (one,) = join_parts([((0.0, 6.0), [first]), ((6.0, 12.0), [second])])
    assert one.start_s == 0.0 and [e.dialogue for e in one.events] == ["The first half of a long line, and the second"]


WORDS = "alder birch cedar dogwood elm fir ginkgo hazel ironwood juniper kapok larch maple nutmeg oak pine quince rowan spruce teak".split()


@st.composite
def films(draw):
    """Segments with scenes whose events are all different; times anywhere, also wrong ones."""
    num = draw(st.integers(1, 5))
    edges = [20.0 * i for i in range(num + 1)]
    count = itertools.count()
    segments = []
    for start_s, end_s in itertools.pairwise(edges):
        scenes = []
        for _ in range(draw(st.integers(0, 3))):
            events = []
            for _ in range(draw(st.integers(0, 4))):
                number = next(count)
                at_s = draw(st.floats(start_s - 3, end_s + 3))
                text = f"{WORDS[number % 20]} {WORDS[number // 20 % 20]} {number * 7919}"
                events.append(said(at_s, at_s + draw(st.floats(-1, 30)), text, draw(st.sampled_from(["char_001", "char_002", ""]))))
            place_name = draw(st.sampled_from(["", "Hall", "Yard"]))
            scenes.append(scene(*events, location=place_name, time=draw(st.sampled_from(["", "Night"]))))
        segments.append(((start_s, end_s), scenes))
    return segments


def joined(segments):
    placed = []
    for span, scenes in segments:
        placed = join(placed, place(scenes, span))
    return placed


@given(films())
def test_distinct_events_are_never_lost_nor_doubled(segments):
    placed = joined(segments)
    before = sorted(e.dialogue for _, scenes in segments for s in scenes for e in s.events)
    assert sorted(texts(placed)) == before
    assert all(a.end_s <= b.start_s + 1e-9 for a, b in itertools.pairwise(placed))
    for each in placed:
        starts = [e.start_s for e in each.scene.events]
        assert each.end_s > each.start_s and starts == sorted(starts)
        assert all(each.start_s <= e.start_s <= e.end_s <= each.end_s for e in each.scene.events)
    assert placed == joined(segments)


@given(films(), st.lists(st.integers(1, 4), max_size=4, unique=True), st.sampled_from(["", "Hall"]))
def test_an_event_told_on_both_sides_of_a_border_is_told_once(segments, borders, location):
    distinct = {e.dialogue for _, scenes in segments for s in scenes for e in s.events}
    for number in (n for n in borders if n < len(segments)):
        border_s = segments[number][0][0]
        line = f"Across the border number {number} they go on talking"
        distinct.add(line)
        segments[number - 1][1].append(scene(said(border_s - 0.3, border_s, line), location=location))
        segments[number][1].insert(0, scene(said(border_s, border_s + 0.4, line), location=location))
    assert sorted(texts(joined(segments))) == sorted(distinct)
