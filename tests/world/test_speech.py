"""The spoken lines are understood by a recogniser, and begin in the sound where the reference says."""

import re

import av
import numpy as np
import pytest

from eval.world import render, two_hander
from eval.world.voices import MEN, RATE_HZ, WOMEN, speak
from inference.weights import weights_path

LINES = (
    "Where have you been, Tom?",
    "You promised to be home for dinner!",
    "I am tired of your excuses.",
    "What happened to the car?",
    "Nobody knows where she went.",
    "Please sit down and listen to me.",
)
MAX_WORD_ERRORS = 0.25
"""Per voice over :data:`LINES`; measured with Whisper base: 0.00 to 0.12."""


def test_every_voice_differs_and_starts_with_sound():
    spoken = speak([(voice, LINES[0]) for voice in (*WOMEN, *MEN)])
    assert len({line.tobytes() for line in spoken}) == len(spoken)
    for line in spoken:
        loud = np.flatnonzero(np.abs(line) > 0.02 * np.abs(line).max())
        assert loud[0] < 0.005 * RATE_HZ and len(line) - loud[-1] < 0.005 * RATE_HZ


def test_chinese_lines_are_spoken():
    line = speak([(WOMEN[0], "你去哪里了？")])[0]
    assert 0.4 < len(line) / RATE_HZ < 3.0


def test_every_line_of_the_demo_begins_within_50_ms_of_its_time(tmp_path):
    """Onsets found in the decoded sound of the film itself, with its rain and music taken off."""
    script = two_hander()
    scenes = [scene.model_copy(update={"events": [e for e in scene.events if not e.audio_cue]}) for scene in script.scenes]
    reference = render(script.model_copy(update={"scenes": scenes}), tmp_path / "two.mp4", size=(160, 90))
    with av.open(str(tmp_path / "two.mp4")) as container:
        resampler = av.AudioResampler("fltp", "mono", RATE_HZ)
        sound = np.concatenate([p.to_ndarray()[0] for frame in container.decode(audio=0) for p in resampler.resample(frame)])
    for event in (e for e in reference.events() if e.dialogue):
        before = round((event.start_s - 0.2) * RATE_HZ)
        loud = np.flatnonzero(np.abs(sound[before : round(event.end_s * RATE_HZ)]) > 0.01)
        assert abs(loud[0] / RATE_HZ - 0.2) <= 0.05, event.dialogue


@pytest.mark.models
def test_a_recogniser_understands_the_first_voices():
    from faster_whisper import WhisperModel
    from jiwer import wer

    def words(text: str) -> str:
        return re.sub(r"[^a-z ]", "", text.lower().replace("i'm", "i am")).strip()

    model = WhisperModel(str(weights_path("whisper-base")), device="cpu", compute_type="int8")
    pause = np.zeros(RATE_HZ // 2, np.float32)
    for voice in (*WOMEN[:2], *MEN[:2]):
        sound = np.concatenate([part for line in speak([(voice, line) for line in LINES]) for part in (line, pause)])
        heard = model.transcribe(sound[::2].astype(np.float32), language="en", beam_size=1)[0]
        assert wer(words(" ".join(LINES)), words(" ".join(part.text.strip() for part in heard))) <= MAX_WORD_ERRORS, voice
