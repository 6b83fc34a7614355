"""Script → records: what each record must carry, and what free words become."""

from __future__ import annotations

import pytest

from omniscript_mam.script import Character, Event, PlotSegment, Provenance, Scene, SceneType, Script
from search import FACETS, TEXT_FIELDS, build_records
from search.analysis import analyse, analyse_query, fold, tokens
from search.fields import STORED_FACETS
from search.lexicon import MOOD_WORDS, TIME_WORDS, canonical
from search.passages import token_hash, unpack, window_bounds
from tests.search.archive import FILMS, script_of


@pytest.fixture
def records():
    events = [
        Event(id="e1", start_s=1, end_s=3, character_id="g", dialogue="Stay here, Eep!", action="pushes Thunk aside", provenance={
            "character_id": Provenance(writer="lite", confidence=0.4), "action": Provenance(writer="lite", confidence=0.7)}),
        Event(id="e2", start_s=4, end_s=5, character_id="e", dialogue="你好吗", language="zh"),
        Event(id="e3", start_s=40, end_s=42, audio_cue="a door slams", on_screen_text="THE END"),
    ]  # fmt: skip
    scene = Scene(
        id="s1", start_s=0, end_s=60, location="Cave", type=SceneType.BOTH, time="late at night", mood="tense, suspenseful", events=events,
        provenance={"time": Provenance(writer="lite", confidence=0.6)},
    )  # fmt: skip
    people = [Character(id="g", name="Grug", aliases=["Dad"]), Character(id="e", name="Eep"), Character(id="t", name="Thunk")]
    plot = [
        PlotSegment(id="p1", start_s=0, end_s=60, summary="The family hides."),
        PlotSegment(id="p2", start_s=60, end_s=90, summary="Later."),
    ]
    script = Script(characters=people, scenes=[scene], plot=plot)
    script.meta.languages = ["en"]
    return {record.id.removeprefix("a1:3:"): record for record in build_records(script, "a1", "The Film", 3)}


def test_ids_times_and_kinds(records):
    assert [record.id for record in records.values()] == [
        "a1:3:s1", "a1:3:e1", "a1:3:e2", "a1:3:e3", "a1:3:s1:w0", "a1:3:s1:n0",
    ]  # fmt: skip
    assert (records["s1"].start_s, records["s1"].end_s, records["e2"].start_s) == (0.0, 60.0, 4.0)
    assert {record.revision for record in records.values()} == {3}


def test_an_event_carries_its_scene(records):
    event = records["e1"]
    assert event.text["location"] == "Cave" and event.text["title"] == "The Film"
    assert event.facets["time"] == ("Night",) and event.facets["mood"] == ("Tense",) and event.facets["type"] == ("Interior", "Exterior")
    assert event.confidence == {"time": 0.6, "character": 0.4, "action": 0.7}


def test_who_acts_who_is_near_and_who_is_spoken_of(records):
    assert records["e1"].facets["character"] == ("Grug", "Thunk")
    assert records["e1"].facets["near_character"] == ("Eep",)
    assert "character" not in records["e3"].facets and "near_character" not in records["e3"].facets
    assert records["e3"].facets["scene_character"] == ("Grug", "Eep", "Thunk")
    assert "Dad\tGrug" in records["e1"].facets["alias"] and "Dad" in records["s1"].characters


def test_a_scene_holds_its_events_and_plot(records):
    scene = records["s1"]
    assert scene.text["dialogue"] == "Stay here, Eep!\n你好吗" and scene.text["plot"] == "The family hides."
    assert scene.facets["kind"] == ("Dialogue", "Sound", "On-screen text", "Action")
    assert scene.facets["language"] == ("en", "zh")


def test_what_is_embedded_is_what_happens(records):
    assert records["e1"].embedding_text == "Stay here, someone! pushes someone aside."
    assert records["e3"].embedding_text == "a door slams. THE END."
    assert records["s1"].embedding_text == "Cave, late at night, tense, suspenseful. The family hides."
    assert records["s1:w0"].embedding_text == "Stay here, someone! pushes someone aside. 你好吗. a door slams. THE END."
    assert records["s1:n0"].embedding_text == "Grug: Stay here, Eep! pushes Thunk aside. Eep: 你好吗. a door slams. THE END."
    assert records["s1:w0"].event_ids == records["s1"].event_ids == ("e1", "e2", "e3") and records["s1:w0"].text == {}


def test_a_scene_is_packed_line_by_line(records):
    packed = unpack(records["s1"].lines)
    assert [int(speaker) for speaker in packed.speakers] == [token_hash("Grug"), token_hash("Eep"), 0]
    first = packed.tokens[: packed.line_ends[0]].tolist()
    assert first == [token_hash(token) for token in ("stay", "here", "eep", "¶", "push", "thunk", "asid", "¶")]
    assert token_hash("cave") in packed.tokens[packed.line_ends[-1] :] and len(packed.fields) == len(packed.tokens)
    assert token_hash("你") in packed.tokens  # what a question of one character looks for


def test_windows_cover_every_line_of_a_scene():
    assert window_bounds(0) == [] and window_bounds(4) == [(0, 4)] and window_bounds(6) == [(0, 6)]
    assert window_bounds(11) == [(0, 6), (3, 9), (5, 11)]
    for num_lines in range(1, 40):
        assert set().union(*(range(*bounds) for bounds in window_bounds(num_lines))) == set(range(num_lines))


def test_every_field_and_facet_is_one_that_engines_store():
    for asset_id, (title, *_) in FILMS.items():
        for record in build_records(script_of(asset_id), asset_id, title, 1):
            assert set(record.text) <= set(TEXT_FIELDS) and set(record.facets) <= set(STORED_FACETS)
    assert set(FACETS) <= set(STORED_FACETS)


def test_an_empty_script_has_no_records():
    assert build_records(Script(), "a", "t", 1) == []


@pytest.mark.parametrize(
    ("text", "table", "expected"),
    [
        ("Night", TIME_WORDS, ("Night",)), ("early morning light", TIME_WORDS, ("Morning",)), ("深夜的街道", TIME_WORDS, ("Night",)),
        ("half past three", TIME_WORDS, ("Half past three",)), ("", TIME_WORDS, ()), ("joyful but uneasy", MOOD_WORDS, ("Happy", "Tense")),
    ],
)  # fmt: skip
def test_free_words_become_canonical_values(text, table, expected):
    assert canonical(text, table) == expected


def test_tokens_know_where_they_stand():
    text = "Grug’s CAFÉ—don't! 你好吗 ＡＢＣ"
    assert [text[token.start : token.end] for token in analyse(text)][:3] == ["Grug’s", "CAFÉ", "don't"]
    assert tokens(text) == ("grug", "cafe", "dont", "你好", "好吗", "吗", "abc")
    assert [token.text for token in analyse_query("你好吗")] == ["你好", "好吗"]
    assert tuple(token.text for token in analyse(text * 40)) == tokens(text * 40)


def test_folding():
    assert fold("  CRÈME   Brûlée ß ") == "creme brulee ss"
