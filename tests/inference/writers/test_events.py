"""Cues, onlookers, voices and line breaks: what the composer makes of made-up sounds, faces, pitches and words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from inference.errors import WriterError
from inference.evidence.hearing.sentence_marks import opens_sentence
from inference.evidence.hearing.spoken_lines import SpokenWord, split
from inference.evidence.joining.identity import describe_pitch
from inference.evidence.observed import Sound
from inference.writers.base import Film
from inference.writers.lite.cues import continuous_sounds, cue_events
from inference.writers.lite.merge import merge_evidence
from inference.writers.lite.writer import _longest_segment_s
from tests.inference.evidence.evidence_maker import TOOLS, face, film, line, look, plan_of, segment


def sound(start_s: float, end_s: float, label: str) -> Sound:
    return Sound(start_s=start_s, end_s=end_s, label=label, score=0.8)


def test_music_under_words_is_one_cue_told_where_it_begins():
    cues = continuous_sounds([sound(5, 20, "music"), sound(24, 60, "music"), sound(30, 31, "a bang")], lambda label: label)
    assert [(cue.start_s, cue.end_s, cue.phrase) for cue in cues] == [(5, 60, "music"), (30, 31, "a bang")]
    first, second = (cue_events(cues, span, "1") for span in ((0.0, 28.0), (28.0, 60.0)))
    assert [(e.start_s, e.end_s, e.audio_cue) for e in first] == [(5, 28, "music")]
    assert [e.audio_cue for e in second] == ["a bang"]


def test_a_sound_that_hardly_began_before_the_border_belongs_behind_it():
    cues = continuous_sounds([sound(9.7, 14, "rain")], lambda label: label)
    assert cue_events(cues, (0.0, 10.0), "1") == []
    assert [e.start_s for e in cue_events(cues, (10.0, 20.0), "1")] == [10.0]


def test_music_is_not_said_twice():
    cues = continuous_sounds([sound(0, 20, "music"), sound(2, 19, "sad music")], lambda label: label)
    assert [cue.phrase for cue in cues] == ["sad music"]


def test_who_keeps_the_mouth_still_while_another_speaks_listens(tmp_path: Path):
    lines = [line(0, 4, "I have been waiting for you.", 0), line(5, 9, "So have I, believe me.", 1)]
    faces = [face(0, 4, 3, speaks=True), face(5, 9, 4, speaks=True), face(5, 9, 3)]
    made = segment(10.0, lines, faces=faces, looks=[look(0, 10)])
    script = merge_evidence(film(tmp_path, 10.0), plan_of(made), [made], "1", TOOLS)
    listening = [e for e in script.events() if e.action == "Listens."]
    speaker = next(e.character_id for e in script.events() if e.dialogue.startswith("I have"))
    assert [(e.character_id, e.start_s) for e in listening] == [(speaker, 5.0)]


def test_serious_faces_of_a_film_are_not_all_sad(tmp_path: Path):
    faces = [face(5 * i, 5 * i + 3, i, expression={"sadness": 0.85, "neutral": 0.15}) for i in range(6)]
    faces.append(face(40, 43, 7, expression={"fear": 0.45, "surprise": 0.45, "neutral": 0.1}))
    made = segment(60.0, faces=faces, looks=[look(0, 60)])
    script = merge_evidence(film(tmp_path, 60.0), plan_of(made), [made], "1", TOOLS)
    assert [e.expression for e in script.events() if e.expression] == ["Frightened"]


@pytest.mark.parametrize(
    ("pitches", "appearance", "text"),
    [
        ([(90.0, 2.0), (92.0, 2.0)], "", "A low male voice."),
        ([(90.0, 2.0), (92.0, 2.0)], "A woman.", ""),
        ([(90.0, 1.0)], "", ""),
        ([(90.0, 2.0), (200.0, 2.0)], "", ""),
        ([(240.0, 4.0)], "", "A high voice."),
    ],
)
def test_voices_are_described_where_the_pitch_tells(pitches, appearance, text):
    assert describe_pitch(pitches, appearance) == text


def spoken(*words: tuple[str, float, float]) -> list[SpokenWord]:
    return [SpokenWord(start_s, end_s, f" {text}", 0.9, "en", -0.2, 0.0) for text, start_s, end_s in words]


def test_a_capital_opens_a_sentence_that_no_full_stop_closed():
    groups = split(spoken(("from", 0, 0.3), ("Chicago", 0.3, 0.9), ("Oh,", 1.0, 1.2), ("I'm", 1.2, 1.4), ("too.", 1.4, 1.8)))
    assert [len(group) for group in groups] == [2, 3]
    assert opens_sentence(" We're") and not opens_sentence(" I'm") and not opens_sentence(" Chicago")


def test_without_punctuation_shorter_pauses_part_lines():
    words = [(f"word{i}", i * 0.3, i * 0.3 + 0.3) for i in range(8)] + [(f"more{i}", 2.9 + i * 0.3, 3.2 + i * 0.3) for i in range(8)]
    assert [len(group) for group in split(spoken(*words))] == [8, 8]
    marked = [(f"{text}," if i % 4 == 3 else text, a, b) for i, (text, a, b) in enumerate(words)]
    assert [len(group) for group in split(spoken(*marked))] == [16]


def test_the_facade_loads_nothing_until_it_is_asked():
    code = (
        "import sys, inference; print('inference.pipeline' in sys.modules, 'numpy' in sys.modules); "
        "print(callable(inference.write_script) and set(inference.__all__) <= set(dir(inference)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["False", "False", "True"]


def with_options(tmp_path: Path, **options: object) -> Film:
    made = film(tmp_path, 10.0)
    return Film(made.path, made.info, made.spool, made.workdir, options=options)


def test_the_longest_segment_can_be_shortened(tmp_path: Path):
    assert _longest_segment_s(with_options(tmp_path)) == _longest_segment_s(with_options(tmp_path, segment_s=9000)) == 298.0
    assert _longest_segment_s(with_options(tmp_path, segment_s=20)) == 20.0
    with pytest.raises(WriterError, match="segment_s"):
        _longest_segment_s(with_options(tmp_path, segment_s="long"))


def test_a_folder_without_a_recogniser_is_named(tmp_path: Path):
    recogniser = pytest.importorskip("inference.evidence.hearing.recogniser")
    with pytest.raises(recogniser.WeightsError, match=str(tmp_path)):
        recogniser.languages(str(tmp_path))
