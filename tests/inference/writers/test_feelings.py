"""Emotions of lines and what passes between people: told with reasons, rarely, and never where nobody speaks."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inference.evidence.feeling.emotion_words import words_of
from inference.evidence.feeling.emotions import FLOOR, WORDS_ALONE, Spoken, emotion_head, feelings_of
from inference.evidence.feeling.interactions import interactions_of
from inference.evidence.joining.reconcile import Utterance
from inference.evidence.observed import Evidence
from inference.writers.lite.attributes import SceneEvidence
from inference.writers.lite.merge import merge_evidence
from inference.writers.lite.mood import find_mood
from omniscript_mam.corrections import add_to, apply_again, difference
from omniscript_mam.script import Emotion, InteractionKind, Provenance, Script, dumps, loads
from tests.inference.evidence.evidence_maker import TOOLS, film, line, look, plan_of, segment

QUARREL = (
    "It's midnight. Where were you? You promised me!",
    "I was at work. I told you so.",
    "That is not true. You lied to me!",
    "You never listen to me.",
    "Get out! Leave me alone!",
    "Fine. I will go.",
)
TALK = ("The train leaves at nine.", "From platform two.", "It was built in 1901.", "The bridge is made of iron.")


def written(tmp_path: Path, lines: Sequence[str], language: str = "en", **more: object) -> Script:
    spoken = [line(4.0 * i, 4.0 * i + 3.0, text, i % 2, language) for i, text in enumerate(lines)]
    made = segment(4.0 * len(lines) + 4.0, spoken, looks=[look(0, 4.0 * len(lines) + 4.0)])
    return merged(tmp_path, made, **more)


def merged(tmp_path: Path, made: Evidence, **more: object) -> Script:
    return merge_evidence(replace(film(tmp_path, made.end_s), **more), plan_of(made), [made], "1.1", TOOLS)


def pointing(emotion: int) -> np.ndarray:
    """A unit vector that the head takes for one emotion: its weights, less what they share with the others."""
    weights = emotion_head().weights[:-6]
    vector = weights[:, emotion] - weights[:, [i for i in range(4) if i != emotion]].mean(axis=1)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


def test_a_quarrel_is_told_with_who_how_sure_and_why(tmp_path: Path):
    script = written(tmp_path, QUARREL)
    (argument,) = [each for each in script.interactions() if each.kind is InteractionKind.ARGUE]
    assert {argument.source_id, argument.target_id} == {event.character_id for event in script.events() if event.dialogue}
    source = argument.provenance["kind"]
    assert source.writer == "lite" and 0.3 < (source.confidence or 0.0) <= 0.75
    assert source.evidence.startswith("5 lines: ") and "“That is not true”, anger 0.50" in source.evidence
    assert (argument.start_s, argument.end_s) == (0.0, 19.0)
    assert loads(dumps(script)) == script


def test_plain_talk_has_no_feelings_and_nothing_passes(tmp_path: Path):
    script = written(tmp_path, TALK)
    assert [event.dialogue for event in script.events() if event.dialogue] == list(TALK)
    assert [event.emotion for event in script.events() if event.emotion] == []
    assert script.interactions() == []


def test_a_film_without_a_line_has_no_feelings(tmp_path: Path):
    asked: list[str] = []
    script = merged(tmp_path, segment(20.0, looks=[look(0, 20)]), sentence_vectors=asked.extend)
    assert asked == []
    assert not script.interactions() and not any(event.emotion for event in script.events())


def test_nobody_speaks_with_themselves(tmp_path: Path):
    spoken = [line(4.0 * i, 4.0 * i + 3.0, text, 0) for i, text in enumerate(QUARREL)]
    assert merged(tmp_path, segment(30.0, spoken, looks=[look(0, 30)])).interactions() == []


def test_sentence_vectors_give_an_emotion_with_confidence_and_reason(tmp_path: Path):
    asked: list[str] = []

    def vectors(texts: Sequence[str]) -> np.ndarray:
        asked.extend(texts)
        return np.array([pointing(1) for _ in texts])

    events = [event for event in written(tmp_path, TALK, sentence_vectors=vectors).events() if event.dialogue]
    assert asked[:4] == list(TALK)
    assert [event.emotion for event in events] == [Emotion.ANGER] * 4
    source = events[1].provenance["emotion"]
    assert source.writer == "lite" and FLOOR < (source.confidence or 0.0) < 0.9 and source.evidence == "words 1.00"


def test_vectors_that_cannot_be_had_leave_the_word_lists(tmp_path: Path):
    assert written(tmp_path, QUARREL, sentence_vectors=lambda texts: None) == written(tmp_path, QUARREL)


def test_chinese_is_read_by_words_and_never_by_the_english_model(tmp_path: Path):
    asked: list[str] = []
    script = written(tmp_path, ("你骗我！", "我没有骗你。", "滚出去！混蛋！", "够了，别说了。"), "zh", sentence_vectors=asked.extend)
    assert asked == []
    told = [event for event in script.events() if event.emotion]
    assert [(event.emotion, event.dialogue) for event in told] == [(Emotion.ANGER, "滚出去！混蛋！"), (Emotion.ANGER, "够了，别说了。")]
    assert {event.confidence_of("emotion") for event in told} == {WORDS_ALONE}
    assert [each.kind for each in script.interactions()] == [InteractionKind.ARGUE]


@pytest.mark.parametrize("text", ["I'm not scared.", "I am not afraid of you", "我不害怕", "Don't be worried"])
def test_a_denied_word_says_nothing(text: str):
    assert words_of(text) == {}


def test_voice_face_and_sounds_are_reasons_but_never_enough_alone():
    plain = Spoken(0.0, 2.0, "The train leaves at nine.", "a", vector=np.zeros(384, np.float32))
    bare, loud = feelings_of([plain])[0], feelings_of([replace(plain, voice=("loud voice", "high voice", "fast"))])[0]
    assert loud.probabilities["anger"] > bare.probabilities["anger"] and not loud.emotion
    shown = replace(plain, face={"sadness": 0.6}, sounds=("Crying, sobbing",), voice=("quiet voice", "slow"))
    (sad,) = feelings_of([shown])
    assert sad.emotion == "sadness"
    assert sad.evidence.split(", ", 1)[1] == "quiet voice, slow, face sadness +0.60, crying, sobbing"


def test_a_louder_line_is_loud_against_the_speakers_own(tmp_path: Path):
    spoken = [line(4.0 * i, 4.0 * i + 3.0, text, 0) for i, text in enumerate(["The train is late.", *TALK, "Leave me alone, shut up!"])]
    made = segment(24.0, spoken, looks=[look(0, 24)], loudness_db=[-30.0] * 20 + [-12.0] * 4)
    (event,) = [event for event in merged(tmp_path, made).events() if event.emotion]
    assert "loud voice" in event.provenance["emotion"].evidence


def test_lines_that_feel_make_the_mood_of_a_scene():
    said = [Utterance(0.0, 3.0, "He was seventy.", "en", 0.9)]
    plain = SceneEvidence(0.0, 20.0, utterances=said, expressions={"sadness": 0.5})
    assert find_mood(plain) is None
    mood = find_mood(replace(plain, emotions={"sadness": 0.5, "joy": 0.2}))
    assert mood is not None and mood.value == "Sad" and "sadness in lines 1.00" in mood.evidence


def test_hostile_lines_are_read_quickly_and_told_safely(tmp_path: Path):
    texts = ("you " * 50_000, "<script>alert(1)</script> you lied\x00\u202e", "!" * 100_000, "不" * 100_000 + "恨", "\ud83d\ude00" * 9, "")
    spoken = [Spoken(float(i), i + 0.5, text, "ab"[i % 2]) for i, text in enumerate(texts)]
    start_s = time.perf_counter()
    feelings = feelings_of(spoken)
    passings = interactions_of(spoken, feelings)
    assert time.perf_counter() - start_s < 5.0
    assert len(feelings) == len(texts) and all(0.0 <= p <= 1.0 for f in feelings for p in f.probabilities.values())
    assert all(len(passing.evidence) <= 300 for passing in passings)


def test_what_a_person_says_somebody_feels_survives_the_film_being_written_anew(tmp_path: Path):
    first = written(tmp_path, QUARREL)
    event = next(event for event in first.events() if event.dialogue.startswith("You never"))
    corrected = first.model_copy(deep=True)
    told = next(each for each in corrected.events() if each.id == event.id)
    told.emotion = Emotion.SADNESS
    told.provenance["emotion"] = Provenance(writer="person", version="ann")
    gone = next(each for scene in corrected.scenes for each in scene.interactions if each.kind is InteractionKind.ARGUE)
    for scene in corrected.scenes:
        scene.interactions = [each for each in scene.interactions if each.id != gone.id]
    corrections = add_to([], difference(first, corrected), author="ann", at="2026-11-28T00:00:00+00:00", revision=2)
    assert len(corrections) == 2
    anew = apply_again(corrections, written(tmp_path, QUARREL)).script
    assert next(each for each in anew.events() if each.dialogue.startswith("You never")).emotion is Emotion.SADNESS
    assert InteractionKind.ARGUE not in {each.kind for each in anew.interactions()}
