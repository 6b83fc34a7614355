"""The film renderer: frames, light, cuts, sound and subtitles are what the reference says; one seed gives one film."""

import itertools
import json
from fractions import Fraction

import av
import numpy as np
import pytest

from eval.world import MissingFontError, render, story, two_hander
from eval.world.places import Backdrop
from eval.world.rendering import PAUSE_S, retimed
from eval.world.sounds import DUCKED, make, mix, sound_of
from eval.world.staging import stage
from eval.world.subtitles import FONTS, find_font, text_in
from eval.world.voices import RATE_HZ
from omniscript_mam.script import Character, Event, Meta, Scene, SceneType, Script, loads, validate

SIZE = (320, 180)
pytestmark = pytest.mark.bare


def tiny():
    """Two scenes of five seconds: a line at night indoors, a line and a wave by day outdoors."""
    night = [
        Event(id="e1", start_s=0.5, end_s=2.0, character_id="char_001", dialogue="Good evening, Ben.", expression="happy"),
        Event(id="e2", start_s=2.6, end_s=4.6, character_id="char_002", dialogue="Hello, Clara."),
    ]
    day = [
        Event(id="e3", start_s=5.5, end_s=7.0, character_id="char_002", action="waves"),
        Event(id="e4", start_s=7.2, end_s=9.0, character_id="char_001", dialogue="What a day.", on_screen_text="多好的一天。"),
        Event(id="e5", start_s=5.0, end_s=9.8, audio_cue="birds sing"),
    ]
    return Script(
        meta=Meta(title="Tiny", duration_s=10.0),
        characters=[Character(id="char_001", name="Clara", named=True), Character(id="char_002", name="Ben", named=True)],
        scenes=[
            Scene(id="s1", start_s=0, end_s=5, location="Kitchen", type=SceneType.INTERIOR, time="Night", mood="calm", events=night),
            Scene(id="s2", start_s=5, end_s=10, location="Beach", type=SceneType.EXTERIOR, time="Day", mood="calm", events=day),
        ],
    )


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("world") / "tiny.mp4"
    return path, render(tiny(), path, seed=3, size=SIZE)


@pytest.fixture(scope="module")
def decoded(film):
    with av.open(str(film[0])) as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
    with av.open(str(film[0])) as container:
        audio = container.streams.audio[0]
        resampler = av.AudioResampler("fltp", "mono", RATE_HZ)
        parts = [part.to_ndarray()[0] for frame in container.decode(audio) for part in resampler.resample(frame)]
    return frames, np.concatenate(parts)


def test_the_reference_is_a_valid_script_beside_the_film(film):
    path, reference = film
    assert loads(path.with_suffix(".gt.json").read_text()) == reference
    validate(reference)
    assert all(character.appearance for character in reference.characters)


def test_every_frame_of_the_reference_is_there(film, decoded):
    path, reference = film
    with av.open(str(path)) as container:
        assert container.streams.video[0].average_rate == Fraction(24)
    assert len(decoded[0]) == round(reference.meta.duration_s * 24)


def test_lines_begin_and_end_in_the_sound_where_the_reference_says(film, decoded):
    _, sound = decoded
    for event in (e for e in film[1].events() if e.dialogue and e.start_s < 5):
        around = np.abs(sound[round((event.start_s - 0.2) * RATE_HZ) : round((event.end_s + 0.2) * RATE_HZ)])
        loud = np.flatnonzero(around > 0.03)
        assert abs(loud[0] / RATE_HZ - 0.2) <= 0.05
        assert abs((len(around) - loud[-1]) / RATE_HZ - 0.2) <= 0.08


def test_night_is_darker_than_day_and_the_picture_cuts_where_the_scene_does(film, decoded):
    frames, reference = decoded[0], film[1]
    border = round(reference.scenes[1].start_s * 24)
    assert np.mean(frames[:border]) < 0.7 * np.mean(frames[border:])
    change = [float(np.abs(a.astype(float) - b).mean()) for a, b in itertools.pairwise(frames)]
    assert int(np.argmax(change)) == border - 1


def test_mouths_move_only_while_somebody_speaks(film, decoded):
    frames, reference = decoded[0], film[1]
    line = next(e for e in reference.events() if e.dialogue)
    spoken = np.std([f.astype(float) for f in frames[round(line.start_s * 24) + 4 : round(line.end_s * 24) - 4 : 2]], axis=0)
    silent = np.std([f.astype(float) for f in frames[0 : round(line.start_s * 24) - 6 : 2]], axis=0)
    assert spoken.max() > 1.5 * silent.max()


def test_the_same_seed_is_the_same_film_and_another_is_not(film, tmp_path):
    again, other = tmp_path / "again.mp4", tmp_path / "other.mp4"
    render(tiny(), again, seed=3, size=SIZE)
    render(tiny(), other, seed=4, size=SIZE)
    assert again.read_bytes() == film[0].read_bytes() != other.read_bytes()


def test_without_sound_there_is_no_sound_stream(tmp_path):
    script = tiny().model_copy(update={"scenes": tiny().scenes[:1]})
    render(script, tmp_path / "mute.mp4", size=SIZE, with_sound=False, frame_rate=Fraction(30000, 1001))
    with av.open(str(tmp_path / "mute.mp4")) as container:
        assert not container.streams.audio
        assert container.streams.video[0].average_rate == Fraction(30000, 1001)


def test_lines_never_overlap_however_long_they_take():
    script = retimed(tiny(), {"e1": 4.0, "e2": 3.0, "e4": 1.0}, Fraction(24))
    lines = [e for e in script.events() if e.dialogue]
    assert all(b.start_s - a.end_s >= PAUSE_S - 1e-6 for a, b in itertools.pairwise(lines))
    validate(script)


def test_stories_have_any_length_and_the_asked_number_of_people():
    for seed, seconds, people in ((1, 10, 2), (2, 300, 4), (3, 2400, 6)):
        script = story(seed, seconds, people)
        validate(script)
        assert abs(script.meta.duration_s - seconds) < 1 and len(script.characters) == people
    assert story(1, 60) == story(1, 60) != story(2, 60)
    with pytest.raises(ValueError, match="2 to 10"):
        story(1, 60, 1)


def test_the_demo_film_argues_at_night_and_makes_up_by_day():
    script = two_hander()
    validate(script)
    assert [(scene.time, str(scene.type)) for scene in script.scenes] == [("Night", "Interior"), ("Day", "Exterior")]
    spoken = " ".join(event.dialogue for event in script.events())
    assert "Maria" in spoken and "It's me, Tom" in spoken


def test_speakers_are_seen_close_and_entrances_wide():
    staged = stage(two_hander().scenes[0])
    assert {shot.close for shot in staged.shots} == {"", "char_001", "char_002"}
    assert staged.shot_at(1.0).close == ""
    assert [placed.character_id for placed in staged.cast_at(0.0)] == ["char_001"], "Tom has not come in yet"
    assert all(a.end_s == b.start_s for a, b in zip(staged.shots, staged.shots[1:], strict=False))


@pytest.mark.parametrize("place", ["living room", "kitchen", "office", "bedroom", "cave", "park", "forest", "street", "beach"])
def test_every_place_is_darker_at_night(place):
    day, night = (np.asarray(Backdrop(place, time, SIZE).picture(1.0)).mean() for time in ("day", "night"))
    assert night < 0.8 * day


def test_sounds_step_back_while_somebody_speaks():
    tone = np.full(RATE_HZ * 4, 0.1, np.float32)
    track = mix(4.0, [(1.5, np.full(RATE_HZ, 0.001, np.float32) + 0.3)], [(0.0, tone)])
    assert track[RATE_HZ // 2] == pytest.approx(0.1, abs=0.01)
    assert track[2 * RATE_HZ] == pytest.approx(0.301 + 0.1 * DUCKED, abs=0.01)


@pytest.mark.parametrize("cue", ["rain against the window", "a knock at the door", "tense music", "birds sing", "a phone rings", "thunder"])
def test_cues_become_sounds(cue):
    name = sound_of(cue)
    assert name is not None
    made = make(name, 2.0, seed=1)
    assert 0.001 < float(np.sqrt(np.mean(made**2))) < 0.4
    assert np.array_equal(made, make(name, 2.0, seed=1))


def test_a_cue_that_nothing_can_make_is_silent():
    assert sound_of("an embarrassed silence") is None


def test_subtitles_are_the_line_in_each_language(monkeypatch):
    event = tiny().scenes[1].events[1]
    assert (text_in(event, "en"), text_in(event, "zh")) == ("What a day.", "多好的一天。")
    monkeypatch.setitem(FONTS, "zh", ("no-such-font.ttf",))
    with pytest.raises(MissingFontError, match="no-such-font") as caught:
        find_font("zh", 20)
    assert "Install a font" in caught.value.remedy


def test_the_command_line_renders_and_says_where(tmp_path, capsys, monkeypatch):
    from eval.world.__main__ import main

    monkeypatch.setattr("sys.argv", ["world", "--story", "random", "--seconds", "4", "--seed", "5", "--output", str(tmp_path / "r.mp4")])
    assert main() == 0
    assert json.loads((tmp_path / "r.gt.json").read_text())["meta"]["title"] == "Story 5"
