"""Spoken lines in distinct synthetic voices.

A :class:`Voice` is an eSpeak NG voice with a speed, a pitch and a *size* (the length of the throat: the sound is resampled, so that formants
move too). Speech comes from a child process: the library of the ``espeakng-loader`` wheel (:mod:`.espeak_child`), else the
system's ``espeak-ng``. Lines are mono float32 at :data:`RATE_HZ`, without the silence around them: the first sample is the onset.
"""

from __future__ import annotations

import importlib.util
import io
import json
import shutil
import struct
import subprocess
import sys
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from eval.errors import MissingVoiceError

RATE_HZ = 32000
"""Sample rate of the whole sound track."""

SILENCE = 0.02
"""Samples below this share of the loudest one, at the ends of a line, are silence."""

Samples = np.ndarray
"""Mono float32 at :data:`RATE_HZ`, -1..1."""


@dataclass(frozen=True)
class Voice:
    """One character's voice. ``size`` below 1 is a smaller person: higher formants; ``pitch`` is 0..99, ``speed`` in words per minute."""

    name: str
    pitch: int
    speed: int
    size: float
    woman: bool


WOMEN = (
    Voice("en-us", 62, 150, 0.86, True),
    Voice("en", 56, 152, 0.85, True),
    Voice("en-us+f2", 58, 142, 0.97, True),
    Voice("en-us", 78, 160, 0.82, True),
)
MEN = (
    Voice("en-us", 40, 150, 1.0, False),
    Voice("en", 22, 146, 1.08, False),
    Voice("en-us+m7", 48, 156, 0.96, False),
    Voice("en-us", 12, 138, 1.12, False),
)


def is_chinese(text: str) -> bool:
    """True if the text holds a Han character."""
    return any("\u4e00" <= char <= "\u9fff" for char in text)


def speak(lines: list[tuple[Voice, str]]) -> list[Samples]:
    """Speak lines, each trimmed to its sound and brought to the same loudness.

    Raises:
        MissingVoiceError: there is no synthesiser, or it said nothing.
    """
    if not lines:
        return []
    requests = [_request(voice, text) for voice, text in lines]
    if importlib.util.find_spec("espeakng_loader") is not None:
        raw = _by_library(requests)
    elif program := shutil.which("espeak-ng"):
        raw = [_by_program(program, request) for request in requests]
    else:
        raise MissingVoiceError("There is no eSpeak NG on this machine to speak the lines with.")
    spoken = []
    for (voice, text), (rate_hz, samples) in zip(lines, raw, strict=True):
        line = _trim(_resample(samples, rate_hz / voice.size, RATE_HZ))
        if len(line) == 0:
            raise MissingVoiceError(f"The voice {voice.name} said nothing for {text!r}.", remedy="Use words that can be spoken.")
        spoken.append(line)
    return spoken


def _request(voice: Voice, text: str) -> dict[str, object]:
    name = voice.name
    if is_chinese(text):
        name = "cmn" + voice.name[voice.name.index("+") :] if "+" in voice.name else "cmn"
    return {"voice": name, "speed": round(voice.speed * voice.size), "pitch": voice.pitch, "text": " ".join(text.split())}


def _by_library(requests: list[dict[str, object]]) -> list[tuple[int, np.ndarray]]:
    text = "".join(json.dumps(request) + "\n" for request in requests)
    root = Path(__file__).resolve().parents[__name__.count(".")]
    done = subprocess.run(
        [sys.executable, "-m", f"{__package__}.espeak_child"], input=text.encode(), capture_output=True, cwd=root, timeout=600, check=False
    )
    if done.returncode != 0:
        raise MissingVoiceError(f"eSpeak NG failed: {done.stderr.decode(errors='replace')[-300:]}")
    result, position = [], 0
    for _ in requests:
        rate_hz, num_samples = struct.unpack_from("<II", done.stdout, position)
        samples = np.frombuffer(done.stdout, "<i2", num_samples, position + 8)
        result.append((rate_hz, samples.astype(np.float32) / 32768))
        position += 8 + 2 * num_samples
    return result


def _by_program(program: str, request: dict[str, object]) -> tuple[int, np.ndarray]:
    command = [program, "-v", str(request["voice"]), "-s", str(request["speed"]), "-p", str(request["pitch"]), "--stdout", "--stdin"]
    done = subprocess.run(command, input=str(request["text"]).encode(), capture_output=True, timeout=120, check=False)
    if done.returncode != 0 or len(done.stdout) < 44:
        raise MissingVoiceError(f"espeak-ng failed: {done.stderr.decode(errors='replace')[-300:]}")
    with wave.open(io.BytesIO(done.stdout)) as file:
        samples = np.frombuffer(done.stdout[44:], "<i2").astype(np.float32) / 32768
        return file.getframerate(), samples


def _resample(samples: np.ndarray, from_hz: float, to_hz: int) -> np.ndarray:
    """Linear resampling; the steps are fine enough for 22 kHz speech."""
    count = int(len(samples) * to_hz / from_hz)
    return np.interp(np.arange(count) * (from_hz / to_hz), np.arange(len(samples)), samples).astype(np.float32) if count else samples[:0]


def _trim(samples: np.ndarray) -> Samples:
    """Cut silence at both ends, fade 3 ms, and bring the louder parts to an RMS of 0.12."""
    peak = float(np.abs(samples).max(initial=0.0))
    loud = np.flatnonzero(np.abs(samples) > SILENCE * peak) if peak > 0 else np.empty(0, int)
    if len(loud) == 0:
        return samples[:0]
    line = samples[loud[0] : loud[-1] + 1].copy()
    fade = min(len(line) // 2, RATE_HZ * 3 // 1000)
    line[:fade] *= np.linspace(0, 1, fade, dtype=np.float32)
    line[len(line) - fade :] *= np.linspace(1, 0, fade, dtype=np.float32)
    level = float(np.sqrt(np.mean(line[np.abs(line) > 0.1 * np.abs(line).max()] ** 2)))
    return np.clip(line * (0.16 / max(level, 1e-6)), -0.95, 0.95).astype(np.float32)


def mouth_levels(line: Samples, rate_hz: float) -> np.ndarray:
    """How far the mouth is open, 0..1, ``rate_hz`` times a second, from the loudness of a line."""
    hop = int(RATE_HZ / rate_hz)
    count = max(1, -(-len(line) // hop))
    padded = np.pad(line, (0, count * hop - len(line)))
    level = np.sqrt(np.mean(padded.reshape(count, hop) ** 2, axis=1))
    return np.clip(level / 0.18, 0, 1) ** 0.7
