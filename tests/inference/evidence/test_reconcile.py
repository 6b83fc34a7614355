"""Burnt-in subtitles and speech: wording from one, timing from the other, translations kept apart."""

from __future__ import annotations

import pytest

from inference.evidence.joining.reconcile import reconcile, split_label
from inference.evidence.observed import SpeechSpan, Word
from tests.inference.evidence.evidence_maker import line, subtitle


def joined(lines=(), texts=(), speech=(), language="en", has_sound=True):
    utterances, rest = reconcile(list(lines), list(texts), list(speech), language, has_sound=has_sound)
    return utterances, rest


def test_subtitle_wording_speech_timing():
    (utterance,), rest = joined([line(10.2, 12.0, "The crowds live in a cave")], [subtitle(9.8, 13.5, "The Croods live in a cave.")])
    assert utterance.text == "The Croods live in a cave." and (utterance.start_s, utterance.end_s) == (10.2, 12.0)
    assert utterance.source == "both" and not rest


def test_two_subtitles_share_one_line():
    words = "we should go home before it gets dark out here".split()
    spoken = line(5.0, 10.0, " ".join(words))
    spoken.words = [Word(start_s=5 + i * 0.5, end_s=5.5 + i * 0.5, text=w, probability=0.9) for i, w in enumerate(words)]
    utterances, _ = joined([spoken], [subtitle(4.9, 7.1, "We should go home"), subtitle(7.1, 10.3, "before it gets dark out here.")])
    assert [(u.start_s, u.end_s, u.text) for u in utterances] == [
        (5.0, 7.0, "We should go home"),
        (7.0, 10.0, "before it gets dark out here."),
    ]


def test_a_translation_stays_beside_the_line():
    (utterance,), rest = joined([line(1, 3, "Where are you going?")], [subtitle(1, 3, "你要去哪里？")])
    assert utterance.text == "Where are you going?" and utterance.translation == "你要去哪里？" and not rest


def test_bilingual_subtitles_are_told_apart():
    (utterance,), _ = joined([line(1, 3, "Where are you goin")], [subtitle(1, 3, "你要去哪里？\nWhere are you going?")])
    assert utterance.text == "Where are you going?" and utterance.translation == "你要去哪里？"


def test_chinese_speech_and_subtitle():
    spoken = line(1, 3, "你要去那里", language="zh")
    (utterance,), _ = joined([spoken], [subtitle(0.8, 3.4, "你要去哪里？")], language="zh")
    assert utterance.text == "你要去哪里？" and utterance.start_s == 1.0 and not utterance.translation


def test_a_well_read_subtitle_outranks_a_bad_recognition():
    (utterance,), _ = joined([line(1, 3, "Hey feel bomb dish beep", confidence=0.3)], [subtitle(1, 3, "Evil born deep beneath the city")])
    assert utterance.text == "Evil born deep beneath the city"


def test_a_badly_read_subtitle_does_not():
    (utterance,), _ = joined([line(1, 3, "The guidance system has gone crazy")], [subtitle(1, 3, "~tl// Ke", confidence=0.4)])
    assert utterance.text == "The guidance system has gone crazy"


def test_a_subtitle_over_unrecognised_speech_is_dialogue_with_the_times_of_speech():
    speech = [SpeechSpan(start_s=5.4, end_s=6.8, kind="speech")]
    (utterance,), rest = joined([], [subtitle(5.0, 7.5, "Over there!")], speech)
    assert (utterance.start_s, utterance.end_s, utterance.source) == (5.4, 6.8, "subtitle") and not rest


def test_a_subtitle_over_silence_stays_on_screen():
    utterances, rest = joined([], [subtitle(5.0, 7.5, "Ten years later")])
    assert utterances == [] and [text.text for text in rest] == ["Ten years later"]


def test_a_line_beside_a_subtitle_is_not_lost():
    lines = [line(1, 3, "We stay here."), line(3.1, 6.0, "No, we leave at once, all of us.")]
    utterances, _ = joined(lines, [subtitle(0.9, 3.2, "We stay here.")])
    assert [u.text for u in utterances] == ["We stay here.", "No, we leave at once, all of us."]


@pytest.mark.parametrize(
    ("text", "label", "rest"),
    [
        ("GRUG: Wait for me!", "Grug", "Wait for me!"),
        ("[Eep] No.", "Eep", "No."),
        ("李明：等等我！", "李明", "等等我！"),
        ("[door slams]", "", "[door slams]"),
        ("Wait: there is more.", "Wait", "there is more."),
        ("It is 10:30 now.", "", "It is 10:30 now."),
        ("(sighs) Fine.", "", "(sighs) Fine."),
    ],
)
def test_speaker_labels(text, label, rest):
    assert split_label(text) == (label, rest)
