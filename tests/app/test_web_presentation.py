"""What templates print, as plain values: clocks, colours, sprites, captions, marks, highlights, the relationship picture."""

from __future__ import annotations

import re
from itertools import combinations
from pathlib import Path

import pytest

import omniscript_mam.web
from inference.writers.cards import WriterCard
from inference.writers.two_stage.weighing.codes import WEIGHINGS
from omniscript_mam import repairs
from omniscript_mam.script import (
    Character,
    Event,
    Interaction,
    InteractionKind,
    Meta,
    PlotSegment,
    Provenance,
    Relationship,
    Scene,
    Script,
    TimeRange,
)
from omniscript_mam.selectors.jobs import SegmentRow, Spending
from omniscript_mam.selectors.planning import Continuity, Recognition
from omniscript_mam.web.presentation import values
from omniscript_mam.web.presentation.cast import profiles
from omniscript_mam.web.presentation.clock import Clock, bytes_text, clock_of, elapsed, length_text, seconds_text
from omniscript_mam.web.presentation.hits import pieces_of
from omniscript_mam.web.presentation.moments import plot
from omniscript_mam.web.presentation.passing import WORDS
from omniscript_mam.web.presentation.relations import MAX_NODES, WIDTH, picture
from omniscript_mam.web.presentation.screenplay import screenplay
from omniscript_mam.web.presentation.search import toggled
from omniscript_mam.web.presentation.segments import cells, live_segments, notes, spent
from omniscript_mam.web.presentation.sprites import sheet_of
from omniscript_mam.web.presentation.timeline import presence
from omniscript_mam.web.presentation.writers import choices
from search.types import Highlight


def test_clock_prefers_the_script_then_the_probe() -> None:
    info = {"video": {"frame_rate": "30000/1001"}, "start_timecode": "01:00:00;00", "drop_frame": True}
    assert clock_of(None, info).label(60.06) == "01:01:00;02"
    assert (
        clock_of(Script(meta=Meta(frame_rate="25", start_timecode="10:00:00:00")), info | {"drop_frame": False}).label(1.04)
        == "10:00:01:01"
    )
    assert clock_of(None, info).rate_text == "29.97 drop-frame"


def test_clock_without_legal_labels_shows_elapsed_time() -> None:
    assert clock_of(None, {}).label(61.5) == "1:01"
    assert clock_of(None, {"video": {"frame_rate": "24000/1001"}, "start_timecode": "00:00:99:99"}).label(1.0) == "00:00:00:23"
    assert clock_of(None, {"video": {"frame_rate": "nonsense"}}) == Clock()


def test_times_and_sizes_in_words() -> None:
    assert [elapsed(value) for value in (0, 59.999, 60, 3723.4)] == ["0:00", "0:59", "1:00", "1:02:03"]
    assert [seconds_text(value) for value in (12.3, 5.0, 1 / 3)] == ["12.3", "5", "0.333"]
    assert [length_text(value) for value in (48.2, 200, 5520)] == ["48 s", "3 min", "1 h 32 min"]
    assert [bytes_text(value) for value in (10, 640_000, 3_200_000, 1_450_000_000)] == ["1 kB", "640 kB", "3.2 MB", "1.45 GB"]


def test_colours_differ_stay_and_do_not_follow_the_order() -> None:
    keys = [f"char_{number}" for number in range(12)]
    classes = values.assign(keys)
    assert len(set(classes.values())) == 12
    assert values.assign(reversed(keys)) == classes
    assert len(values.assign(f"k{number}" for number in range(40))) == 40


def test_style_sheet_has_the_hues_that_colours_are_chosen_by() -> None:
    css = (Path(omniscript_mam.web.__file__).parents[1] / "static/omniscript/css/base.css").read_text()
    assert tuple(int(hue) for _, hue in sorted((int(n), h) for n, h in re.findall(r"\.tone-(\d+) \{ --hue: (\d+)", css))) == values.HUES


def test_sources_are_told() -> None:
    scene = Scene(
        id="s",
        start_s=0,
        end_s=1,
        mood="tense",
        time="Night",
        provenance={
            "mood": Provenance(writer="lite", version="0.1", confidence=0.82, evidence="the music is loud"),
            "time": Provenance(writer="person", version="ana"),
        },
    )
    mood = values.value_of(scene, "mood")
    assert (mood.why, mood.sure, mood.unsure) == ("Mood: lite 0.1, 82 % sure, because the music is loud", 8, False)
    assert values.value_of(scene, "time").why == "Time of day: corrected by ana"
    assert not values.value_of(scene, "location")


def test_rows_name_the_environment_by_nothing() -> None:
    events = [
        Event(id="a", start_s=0, end_s=1, audio_cue="rain"),
        Event(id="b", start_s=1, end_s=2, character_id="char_x", dialogue="Hi", voice_type="VO"),
    ]
    script = Script(characters=[Character(id="char_x", name="X")], scenes=[Scene(id="s", start_s=0, end_s=2, events=events)])
    rain, line = screenplay(script, Clock())[0].rows
    assert not rain.who and rain.tone == "tone-none"
    assert line.who.text == "X" and line.voice.text == "V.O." and line.tone != "tone-none"


def test_sprite_tiles() -> None:
    sheet = sheet_of("/media/1", {"columns": 10, "num_tiles": 24, "tile_width_px": 160, "tile_height_px": 90, "interval_s": 1.0})
    assert sheet.view_box(0) == "0 0 160 90"
    assert sheet.view_box(12.9) == "320 90 160 90"
    assert sheet.view_box(999) == "480 180 160 90"
    assert sheet.sheet_height_px == 270
    assert sheet_of("/media/1", {"columns": 0}) is None and sheet_of("", {}) is None


def test_marks_that_touch_are_joined() -> None:
    ranges = [TimeRange(start_s=0, end_s=1), TimeRange(start_s=1.01, end_s=2), TimeRange(start_s=50, end_s=51)]
    assert [(mark.x, mark.width) for mark in presence(ranges, 100)] == [("0.000%", "2.000%"), ("50.000%", "1.000%")]


@pytest.mark.parametrize(
    ("highlight", "expected"),
    [
        (None, (("a long line here", False),)),
        (Highlight("dialogue", (("long ", False), ("line", True))), (("a ", False), ("long ", False), ("line", True), (" here", False))),
        (Highlight("dialogue", (("other text", True),)), (("a long line here", False),)),
    ],
)
def test_highlights_never_change_the_text(highlight, expected) -> None:
    pieces = pieces_of("a long line here", highlight)
    assert pieces == expected
    assert "".join(text for text, _ in pieces) == "a long line here"


def test_facets_toggle() -> None:
    assert toggled({"mood": ("Tense",)}, "mood", "Tense") == ()
    assert toggled({"mood": ("Tense",)}, "time", "Night") == (("mood", "Tense"), ("time", "Night"))


def test_profiles_and_picture() -> None:
    people = [Character(id=f"char_{name}", name=name) for name in ("Ann", "Bob", "Cid")]
    events = [
        Event(id=f"e{n}", start_s=n, end_s=n + 1, character_id=f"char_{who}", dialogue="x")
        for n, who in enumerate(("Ann", "Ann", "Bob", "Cid"))
    ]
    relation = Relationship(source_id="char_Ann", target_id="char_Bob", relation="sister of")
    script = Script(characters=people, relationships=[relation], scenes=[Scene(id="s", start_s=0, end_s=4, events=events)])
    ann, *_ = profiles(script, 4.0, Clock())
    assert (ann.name.text, ann.num_lines, ann.share, ann.first.start) == ("Ann", 2, 50, "0")
    drawn = picture(script)
    assert [edge.sentence for edge in drawn.edges] == ["Ann sister of Bob", "Ann and Cid share 1 scene", "Bob and Cid share 1 scene"]
    assert [edge.is_shared for edge in drawn.edges] == [False, True, True]
    assert [bool(edge.head) for edge in drawn.edges] == [True, False, False], "only a stated relation has a direction"
    assert [(node.name, node.num_ties) for node in drawn.nodes] == [("Ann", 2), ("Bob", 2), ("Cid", 2)]
    assert [(tie.words.text, tie.other, tie.is_outgoing) for tie in ann.ties] == [("sister of", "Bob", True)]
    assert picture(Script()).nodes == []


def test_what_passes_between_people_is_shown_where_ties_are() -> None:
    people = [Character(id="a", name="Ann"), Character(id="b", name="Bob")]
    sure = {"kind": Provenance(writer="lite", confidence=0.7, evidence="“How dare you” at 2.0 s", against="neither voice is loud")}
    scene = Scene(id="s", start_s=0, end_s=90, interactions=[
        Interaction(id="i1", start_s=2, end_s=3, source_id="a", target_id="b", kind="argue", provenance=sure),
        Interaction(id="i2", start_s=70, end_s=71, source_id="a", target_id="b", kind="argue"),
        Interaction(id="i3", start_s=80, end_s=81, source_id="b", target_id="a", kind="apologise"),
    ])  # fmt: skip
    plan = PlotSegment(id="p", start_s=0, end_s=75, active_characters=["a", "b"])
    script = Script(characters=people, scenes=[scene], plot=[plan])
    there, back = picture(script).edges
    assert (there.label, there.sentence) == ("argues with", "Ann argues with Bob (0:02, 1:10)")
    assert there.why == "Kind: lite, 70 % sure, because “How dare you” at 2.0 s, but neither voice is loud"
    assert (back.label, back.sentence) == ("apologises to", "Bob apologises to Ann (1:20)")
    ann = next(each for each in profiles(script, 90.0, Clock()) if each.id == "a")
    assert [(tie.words.text, tie.other, tie.is_outgoing) for tie in ann.ties] == [
        ("argues with", "Bob", True),
        ("apologises to", "Bob", False),
    ]
    (entry,) = plot(script, Clock())
    assert entry.relations == ["Ann argues with Bob (0:02, 1:10)"]
    assert set(WORDS) == set(InteractionKind)


def crowd(count: int) -> Script:
    """Many people, everybody tied to the next and to the one after."""
    people = [Character(id=f"char_{n}", name=f"Person with the number {n}") for n in range(count)]
    ties = [
        Relationship(source_id=f"char_{n}", target_id=f"char_{(n + step) % count}", relation="looks after and laughs at")
        for n in range(count)
        for step in (1, 2)
    ]
    return Script(characters=people, relationships=ties)


def boxes_of_labels(drawn) -> list[tuple[float, float, float, float]]:
    shown = [edge for edge in drawn.edges if edge.label and not edge.is_crowded]
    return [(e.label_x - 3.1 * len(e.label), e.label_y - 11, e.label_x + 3.1 * len(e.label), e.label_y + 3) for e in shown]


@pytest.mark.parametrize("count", [2, 5, 10, 14, 20])
def test_labels_of_the_picture_never_cover_each_other(count: int) -> None:
    drawn = picture(crowd(count))
    assert len(drawn.nodes) == min(count, MAX_NODES) and drawn.num_left_out == max(0, count - MAX_NODES)
    boxes = boxes_of_labels(drawn)
    assert boxes, "no label has a place"
    for first, second in combinations(boxes, 2):
        assert first[2] <= second[0] or second[2] <= first[0] or first[3] <= second[1] or second[3] <= first[1]
    assert all(left >= 0 and right <= WIDTH for left, _, right, _ in boxes)
    for first, second in combinations(drawn.nodes, 2):
        assert (first.x - second.x) ** 2 + (first.y - second.y) ** 2 > (first.radius + second.radius) ** 2


def test_two_directions_of_a_pair_lie_apart() -> None:
    people = [Character(id="a", name="A"), Character(id="b", name="B")]
    ties = [Relationship(source_id="a", target_id="b", relation="fears"), Relationship(source_id="b", target_id="a", relation="loves")]
    there, back = picture(Script(characters=people, relationships=ties)).edges
    assert (there.label, back.label) == ("fears", "loves")
    assert there.label_y != back.label_y and there.path != back.path and there.head and back.head


def test_a_late_name_says_what_it_was_before_and_until_when() -> None:
    person = Character(
        id="char_003",
        name="Karl",
        named=True,
        aliases=["Man 1", "Charlie"],
        naming_evidence="Ann says “Karl!” at 760.4 s",
        provenance={
            "name": Provenance(writer="omniscript", version="8b", confidence=0.9),
        },
    )
    (karl,) = profiles(Script(characters=[person]), 900.0, Clock(), [Recognition("char_003", 0.8, "the same red coat")])
    assert (karl.was, karl.named_at.elapsed, karl.named_at.start) == ("Man 1", "12:40", "760.4")
    assert (karl.match_sure, karl.match_why) == ("80 %", "the same red coat")
    assert karl.name.why == "Name: omniscript 8b, 90 % sure"
    noted = Recognition("char_003", None, "", "Man 7", 61.0)
    (karl,) = profiles(Script(characters=[person]), 900.0, Clock(), [noted])
    assert (karl.was, karl.named_at.start) == ("Man 7", "61"), "the planner knows better than the evidence"
    plain = Character(id="unknown_1", name="Man 2", aliases=["Man 1"])
    (stranger,) = profiles(Script(characters=[plain]), 900.0, Clock())
    assert (stranger.was, stranger.named_at, stranger.match_sure) == ("", None, "")


def segment(index: int, state: str = "done", **fields) -> SegmentRow:
    return SegmentRow(index=index, start_s=60.0 * index, end_s=60.0 * index + 60, state=state, num_writes=1, **fields)


def test_segments_say_who_wrote_them_and_what_is_being_written() -> None:
    live = [{"start_s": 61.0 + n, "end_s": 62.0 + n, "character": "Ann", "dialogue": f"Line {n}"} for n in range(9)]
    rows = [
        segment(0, writer="lite", writer_version="1.0", fault="The server was down.", num_retries=1),
        segment(1, "running", writer="omniscript", live=(*live, {"start_s": 75.0, "end_s": 76.0, "audio_cue": "rain"})),
        segment(2, "queued"),
    ]
    assert [cell.state for cell in cells(rows)] == ["degraded", "running", "queued"]
    assert cells(rows)[0].title == "Segment 1, 0:00 – 1:00: written by a stand-in (lite)"
    (now,) = live_segments(rows)
    assert [line.text for line in now.lines] == ["rain", "Line 8", "Line 7", "Line 6", "Line 5", "Line 4"]
    assert len({line.id for line in now.lines}) == len(now.lines)
    (note,) = notes(rows)
    assert spent(Spending()) == "" and spent(Spending(1500)) == "1,500 tokens"
    assert spent(Spending(1500, 0.03, "EUR")) == "1,500 tokens, 0.03 EUR"
    assert spent(Spending(9, 0.003, "EUR")) == "9 tokens, under 0.01 EUR" and spent(Spending(9, 0.0, "EUR")) == "9 tokens, 0.00 EUR"
    script = Script(
        characters=[Character(id="a", name="Ann"), Character(id="b", name="Bob")],
        relationships=[Relationship(source_id="a", target_id="b", relation="warns")],
        plot=[
            PlotSegment(id="p0", start_s=0, end_s=60, summary="They meet.", active_characters=["a", "b"]),
            PlotSegment(id="p1", start_s=60, end_s=120, active_characters=["a"]),
        ],
    )
    first, second = plot(script, Clock(), (note,), [Continuity(60.0, 120.0, "Ann still has the key.")])
    assert (first.written, second.written) == (note, None)
    assert (first.relations, second.relations) == (["Ann warns Bob"], [])
    assert (first.continuity, second.continuity) == ("", "Ann still has the key.")


def test_writers_to_choose_from() -> None:
    lite = WriterCard("lite", "Small models", "1.0", True, "", "", True, True)
    remote = WriterCard("remote", "A big one", "x", False, "There is no key.", "Set X.", False, True, "api.example", "1 + 2 USD")
    archive, *cards = choices([lite, remote], ["lite", "mine", "remote"], "lite")
    assert (archive.value, archive.name, archive.ready) == ("", "lite", True)
    assert cards[0].lines == ["Sees the pictures and hears the sound.", "Footage stays on this machine."]
    assert cards[1].lines[1:] == ["Footage is sent to api.example.", "Costs 1 + 2 USD."] and not cards[1].ready
    assert cards[2].value == "mine", "a writer of OMNISCRIPT_WRITERS has no card"
    assert choices([lite], ["lite", "mine"], "mine")[0].name == "mine"


def test_every_note_of_weighing_has_words_and_long_lists_are_cut_with_a_count() -> None:
    assert set(repairs.WORDS) == set(WEIGHINGS)
    notes_of_text = [{"code": "json.comma", "place": "line 1, column 2", "detail": ""}]
    lost = [{"code": "line.unheard", "place": f"{n}.0 s", "detail": f"“line {n}”"} for n in range(100)]
    lines = repairs.repair_lines([*notes_of_text, *lost])
    assert len(lines) == repairs.MAX_SHOWN and lines[0].detail == "“line 0”"
    assert lines[-1].what == "62 more" and "Repaired (json.comma) (1)" in lines[-1].detail
    assert repairs.borne_out({}) == "" and repairs.borne_out({"is_weighed": False}) == ""
    told = repairs.borne_out({"is_weighed": True, "num_heard": 4, "num_put_in": 3, "ears": [1, 5], "hears": False, "num_values": 9})
    assert told == "4 lines heard; 3 put in; 0 of 9 values doubtful; by ear 1 of 5 claims borne out; the writer does not hear"
