"""What templates print, as plain values: clocks, colours, sprites, captions, marks, highlights, the relationship picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import omniscript_mam.web
from omniscript_mam.script import Character, Event, Meta, Provenance, Relationship, Scene, Script, TimeRange
from omniscript_mam.web.presentation import values
from omniscript_mam.web.presentation.captions import webvtt
from omniscript_mam.web.presentation.cast import picture, profiles
from omniscript_mam.web.presentation.clock import Clock, bytes_text, clock_of, elapsed, length_text, seconds_text
from omniscript_mam.web.presentation.hits import pieces_of
from omniscript_mam.web.presentation.screenplay import screenplay, slug_line
from omniscript_mam.web.presentation.search import toggled
from omniscript_mam.web.presentation.sprites import sheet_of
from omniscript_mam.web.presentation.timeline import presence
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
    found = values.assign(keys)
    assert len(set(found.values())) == 12
    assert values.assign(reversed(keys)) == found
    assert len(values.assign(f"k{number}" for number in range(40))) == 40


def test_style_sheet_has_the_hues_that_colours_are_chosen_by() -> None:
    css = (Path(omniscript_mam.web.__file__).parent / "static/omniscript/css/base.css").read_text()
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


def test_slug_line_holds_only_what_is_known() -> None:
    assert slug_line(Scene(id="s", start_s=0, end_s=1, location="Kitchen", type="Interior", time="Night")) == "INT. KITCHEN – NIGHT"
    assert slug_line(Scene(id="s", start_s=0, end_s=1, time="Night")) == "NIGHT"
    assert slug_line(Scene(id="s", start_s=0, end_s=1)) == ""


def test_rows_name_the_environment_by_nothing() -> None:
    events = [
        Event(id="a", start_s=0, end_s=1, audio_cue="rain"),
        Event(id="b", start_s=1, end_s=2, character_id="char_x", dialogue="Hi", voice_type="VO"),
    ]
    script = Script(characters=[Character(id="char_x", name="X")], scenes=[Scene(id="s", start_s=0, end_s=2, events=events)])
    rain, line = screenplay(script, Clock())[0].rows
    assert not rain.who and rain.tone == "tone-none"
    assert line.who.text == "X" and line.voice == "V.O." and line.tone != "tone-none"


def test_captions_hold_short_lines_until_the_next() -> None:
    events = [Event(id="a", start_s=1.0, end_s=1.1, dialogue="Oh."), Event(id="b", start_s=1.3, end_s=3.0, dialogue="Two\n\nlines")]
    text = webvtt(Script(scenes=[Scene(id="s", start_s=0, end_s=4, events=events)]))
    assert text == "WEBVTT\n\n00:00:01.000 --> 00:00:01.300\nOh.\n\n00:00:01.300 --> 00:00:03.000\nTwo\nlines\n"


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
    assert (ann.name, ann.num_lines, ann.share, ann.first) == ("Ann", 2, 50, "0")
    drawn = picture(script)
    assert [edge.sentence for edge in drawn.edges] == ["Ann sister of Bob", "Ann and Cid share 1 scene", "Bob and Cid share 1 scene"]
    assert [edge.is_shared for edge in drawn.edges] == [False, True, True]
    assert picture(Script()).nodes == []
