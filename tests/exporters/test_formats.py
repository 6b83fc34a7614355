"""The formats: what each writes, which stretches, and how one is asked for."""

from __future__ import annotations

import ast
import json
from fractions import Fraction
from pathlib import Path

import pytest

import omniscript_mam.exporters
from omniscript_mam.exporters import FORMATS, Deliverable, UnknownFormatError, export, format_named
from omniscript_mam.exporters.clock import Clock, elapsed
from omniscript_mam.exporters.formats import Format
from omniscript_mam.exporters.screenplay import slug_line
from omniscript_mam.script import Character, Event, Meta, Scene, Script, TimeRange, loads

from .test_losses import full

FOLDER = Path(omniscript_mam.exporters.__file__).parent


@pytest.mark.parametrize("name", FORMATS)
def test_a_format_says_what_a_file_needs(name: str) -> None:
    written = format_named(name)
    assert written.suffix.startswith(".") and "/" in written.media_type and written.title
    assert isinstance(export(name, Deliverable.of(Script())), str | bytes), "an empty script is a script"


def test_every_module_with_a_format_is_registered_once() -> None:
    declaring = {
        path.stem
        for path in FOLDER.glob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.Assign) and [getattr(target, "id", "") for target in node.targets] == ["FORMAT"]
    }
    assert sorted(FORMATS.values()) == sorted(declaring)


def test_a_format_is_one_line_and_one_module(monkeypatch) -> None:
    import sys
    from types import ModuleType

    module = ModuleType("omniscript_mam.exporters.shouting")
    module.FORMAT = Format("Shouting", "text/plain", ".txt", (), lambda deliverable: deliverable.heading.upper())
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setitem(FORMATS, "shouting", "shouting")
    assert export("shouting", Deliverable.of(full())) == "DOORS"


def test_an_unknown_format_is_named_with_those_that_there_are() -> None:
    with pytest.raises(UnknownFormatError, match="ghost") as caught:
        export("ghost", Deliverable.of(Script()))
    assert caught.value.code == "export.format" and all(name in caught.value.remedy for name in FORMATS)


def test_a_deliverable_takes_its_clock_from_the_script() -> None:
    film = Deliverable.of(full(), source_name="A001.mxf")
    assert (film.frame_rate, film.start_timecode, film.source_name) == (Fraction(25), "10:00:00:00", "A001.mxf")
    exact = Deliverable.of(Script(meta=Meta(frame_rate="30000/1001", start_timecode="01:00:00;00")))
    assert exact.frame_rate == Fraction(30000, 1001)
    sound = Deliverable.of(Script(meta=Meta(start_timecode="01:00:00:00")))
    assert (sound.frame_rate, sound.start_timecode) == (None, ""), "labels without frames are none"
    assert Deliverable.of(Script(meta=Meta(frame_rate="5000"))).frame_rate is None


def test_the_heading_is_the_catalogues_title_then_the_scripts_then_the_file() -> None:
    assert Deliverable.of(full(), title="Card", source_name="a.mov").heading == "Card"
    assert Deliverable.of(full(), source_name="a.mov").heading == "Doors"
    assert Deliverable.of(Script(), source_name="a.mov").heading == "a.mov"


def test_only_what_touches_the_ranges_is_exported() -> None:
    script = full()
    script.scenes.append(
        Scene(
            id="s2", start_s=10, end_s=20,
            events=[Event(id="e3", start_s=12, end_s=12, dialogue="Now."), Event(id="e4", start_s=15, end_s=16, dialogue="Late.")],
        )
    )  # fmt: skip
    part = Deliverable.of(script, ranges=(TimeRange(start_s=4.5, end_s=8), TimeRange(start_s=12, end_s=15)))
    back = loads(export("json", part))
    assert [event.id for event in back.events()] == ["e2", "e3"], "a range excludes its end, and a point in time is in one that holds it"
    assert [scene.id for scene in back.scenes] == ["s1", "s2"] and back.plot and not back.high_points
    assert [event.start_s for event in back.events()] == [4.0, 12.0], "times stay those of the film"
    assert "Late." not in export("vtt", part) and "Late." not in export("text", part)
    assert [len(scene["events"]) for scene in json.loads(export("official", part))["script"]] == [1, 1]
    assert len(script.events()) == 4, "the script itself is left alone"


def test_slug_line_holds_only_what_is_known() -> None:
    kitchen = Scene(id="s", start_s=0, end_s=1, location="Kitchen", type="Interior", time="Night", mood="tense")
    assert slug_line(kitchen) == "INT. KITCHEN – NIGHT"
    assert slug_line(kitchen, dash=" - ") == "INT. KITCHEN - NIGHT"
    assert slug_line(Scene(id="s", start_s=0, end_s=1, time="Night")) == "NIGHT"
    assert slug_line(Scene(id="s", start_s=0, end_s=1)) == ""


def test_a_page_to_read() -> None:
    script = full()
    script.scenes[0].events.append(Event(id="e3", start_s=6.0, end_s=7.0, audio_cue="rain", action="Rain falls"))
    script.scenes.append(Scene(id="s2", start_s=10, end_s=20, events=[Event(id="e4", start_s=11, end_s=12, expression="smiles")]))
    assert export("text", Deliverable.of(script)) == (
        "DOORS\n\nA night.\n\n"
        "1. INT. HALL – NIGHT (tense)   [0:00.0 – 0:10.0]\n"
        "      0:01.2  ANN (V.O.) (weary): Good night.\n"
        "      0:01.2  Ann locks the door\n"
        "      0:01.2  [a lock]\n"
        "      0:01.2  “EXIT” on screen\n"
        "      0:04.0  BOB: Wait!\n"
        "      0:06.0  Rain falls\n"
        "      0:06.0  [rain]\n\n"
        "2. SCENE   [0:10.0 – 0:20.0]\n"
        "      0:11.0  Environment: smiles\n"
    )


def test_captions_hold_short_lines_until_the_next() -> None:
    events = [Event(id="a", start_s=1.0, end_s=1.1, dialogue="Oh."), Event(id="b", start_s=1.3, end_s=3.0, dialogue="Two\n\nlines")]
    text = export("vtt", Deliverable.of(Script(scenes=[Scene(id="s", start_s=0, end_s=4, events=events)])))
    assert text == "WEBVTT\n\n00:00:01.000 --> 00:00:01.300\nOh.\n\n00:00:01.300 --> 00:00:03.000\nTwo\nlines\n"


def test_captions_never_run_what_they_hold() -> None:
    people = [Character(id="char_x", name="<b>X\n--> 00:00")]
    line = Event(id="a", start_s=1.0, end_s=2.0, character_id="char_x", dialogue="<script> --> & more")
    text = export("vtt", Deliverable.of(Script(characters=people, scenes=[Scene(id="s", start_s=0, end_s=4, events=[line])])))
    assert text.count("-->") == 1
    assert "<v &lt;b&gt;X --&gt; 00:00>&lt;script&gt; --&gt; &amp; more\n" in text


def test_clocks() -> None:
    assert Clock.at("25", "10:00:00:00").label(1.04) == "10:00:01:01"
    assert Clock.at("30000/1001", "01:00:00;00").label(60.06) == "01:01:00;02"
    assert Clock.at("30000/1001", drop_frame=True).drop_frame and Clock.at("30000/1001", "01:00:00;00").rate_text == "29.97 drop-frame"
    assert Clock.at("24000/1001", "00:00:99:99").label(1.0) == "00:00:00:23", "a label that does not exist counts as zero"
    assert Clock.at("nonsense") == Clock() and Clock().label(61.5) == "1:01"
    assert [elapsed(value) for value in (0, 59.999, 60, 3723.4, -1)] == ["0:00", "0:59", "1:00", "1:02:03", "0:00"]
    assert [elapsed(value, tenths=True) for value in (7.44, 59.96, 3723.4)] == ["0:07.4", "1:00.0", "1:02:03.4"]
