"""The sound track: spoken lines, and everything else synthesised from noise and sines (rain, knocks, birds, music …).

All sounds are mono float32 at :data:`.voices.RATE_HZ`, seeded. :func:`sound_of` reads an audio cue's words; :func:`mix` puts lines and
sounds on one track, sounds well under the speech, so that every word is understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from .voices import RATE_HZ, Samples

DUCKED = 0.35
"""Level of sounds while somebody speaks."""

MUSIC = {
    "tense": ((45, 48, 51), 2.0, 0.5),
    "sad": ((45, 52, 57, 60), 3.2, 0.0),
    "happy": ((60, 64, 67, 72), 1.2, 1.0),
    "calm": ((48, 55, 60, 64), 3.6, 0.0),
}
"""Mood of music → notes (MIDI numbers), seconds per chord, share of plucked notes."""


def sound_of(cue: str) -> str | None:
    """The sound that an audio cue asks for, or ``None`` if it names none that can be made."""
    lowered = cue.lower()
    if "music" in lowered or "melody" in lowered or "piano" in lowered:
        return "music " + next((mood for mood in MUSIC if mood in lowered), "calm")
    return next((name for word, name in _WORDS.items() if re.search(rf"\b{word}", lowered)), None)


def make(name: str, seconds: float, seed: int) -> Samples:
    """One sound of a given length."""
    rng = np.random.default_rng(seed)
    count = max(1, round(seconds * RATE_HZ))
    if name.startswith("music "):
        return _music(name.removeprefix("music "), count)
    made = _MAKERS[name](count, rng)
    return _faded(made[:count])


def mix(duration_s: float, lines: Sequence[tuple[float, Samples]], sounds: Sequence[tuple[float, Samples]]) -> Samples:
    """The whole track: (start in seconds, samples) of lines and of sounds; sounds step back while somebody speaks."""
    count = round(duration_s * RATE_HZ)
    speech, around = np.zeros(count, np.float32), np.zeros(count, np.float32)
    for track, parts in ((speech, lines), (around, sounds)):
        for start_s, samples in parts:
            first = round(start_s * RATE_HZ)
            part = samples[: max(0, count - first)]
            track[first : first + len(part)] += part
    hop = RATE_HZ // 50
    busy = np.abs(speech[: count // hop * hop]).reshape(-1, hop).max(axis=1, initial=0.0) > 0.01
    spread = np.convolve(busy, np.ones(25), "same") > 0
    levels = np.convolve(np.where(spread, DUCKED, 1.0), np.ones(9) / 9, "same") if len(spread) else np.ones(1)
    gain = np.interp(np.arange(count), np.arange(len(levels)) * hop, levels).astype(np.float32)
    return np.clip(speech + around * gain, -0.98, 0.98).astype(np.float32)


def _noise(count: int, rng: np.random.Generator, low: float, high: float) -> np.ndarray:
    """Noise between two frequencies in Hz, RMS 1."""
    spectrum = np.fft.rfft(rng.standard_normal(count))
    frequencies = np.fft.rfftfreq(count, 1 / RATE_HZ)
    spectrum[(frequencies < low) | (frequencies > high)] = 0
    made = np.fft.irfft(spectrum, count)
    return made / max(1e-9, float(np.sqrt(np.mean(made**2))))


def _time(count: int) -> np.ndarray:
    return np.arange(count) / RATE_HZ


def _rain(count: int, rng: np.random.Generator) -> np.ndarray:
    return 0.035 * _noise(count, rng, 500, 9000)


def _thunder(count: int, rng: np.random.Generator) -> np.ndarray:
    return 0.3 * _noise(count, rng, 30, 180) * np.exp(-_time(count) * 0.9)


def _bursts(count: int, every_s: float, burst: Callable[[], np.ndarray]) -> np.ndarray:
    made = np.zeros(count)
    for start in range(0, count, round(every_s * RATE_HZ)):
        part = burst()[: count - start]
        made[start : start + len(part)] += part
    return made


def _knock(count: int, rng: np.random.Generator) -> np.ndarray:
    def burst() -> np.ndarray:
        length = RATE_HZ // 5
        return 0.5 * (np.sin(2 * np.pi * 160 * _time(length)) + 0.4 * _noise(length, rng, 200, 1500)) * np.exp(-_time(length) * 45)

    return _bursts(min(count, RATE_HZ), 0.24, burst) if count else np.zeros(0)


def _footsteps(count: int, rng: np.random.Generator) -> np.ndarray:
    def burst() -> np.ndarray:
        length = RATE_HZ // 8
        return 0.12 * _noise(length, rng, 120, 2200) * np.exp(-_time(length) * 55)

    return _bursts(count, 0.5, burst)


def _birds(count: int, rng: np.random.Generator) -> np.ndarray:
    def burst() -> np.ndarray:
        length = round(rng.uniform(0.12, 0.3) * RATE_HZ)
        t = _time(length)
        sweep = rng.uniform(2600, 4200) + rng.uniform(-3000, 3000) * t + 300 * np.sin(2 * np.pi * rng.uniform(18, 30) * t)
        return rng.uniform(0.03, 0.07) * np.sin(2 * np.pi * np.cumsum(sweep) / RATE_HZ) * np.hanning(length)

    return _bursts(count, 0.45, burst)


def _crickets(count: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(count)
    return 0.03 * np.sin(2 * np.pi * 4300 * t) * (np.sin(2 * np.pi * 27 * t) > 0) * ((t % 0.9) < 0.5)


def _phone(count: int, rng: np.random.Generator) -> np.ndarray:
    t = _time(count)
    return 0.12 * (np.sin(2 * np.pi * 480 * t) + np.sin(2 * np.pi * 620 * t)) * ((t % 3.0) < 1.4) * (np.sin(2 * np.pi * 20 * t) > -0.3)


def _waves(count: int, rng: np.random.Generator) -> np.ndarray:
    return 0.06 * _noise(count, rng, 100, 2500) * (0.35 + 0.65 * np.sin(np.pi * _time(count) / 5.0) ** 2)


def _traffic(count: int, rng: np.random.Generator) -> np.ndarray:
    return 0.05 * _noise(count, rng, 40, 500) * (0.7 + 0.3 * np.sin(2 * np.pi * _time(count) / 7.0))


def _applause(count: int, rng: np.random.Generator) -> np.ndarray:
    return 0.07 * _noise(count, rng, 700, 7000) * (0.6 + 0.4 * rng.random(count))


_MAKERS: dict[str, Callable[[int, np.random.Generator], np.ndarray]] = {
    "rain": _rain,
    "thunder": _thunder,
    "knock": _knock,
    "footsteps": _footsteps,
    "birds": _birds,
    "crickets": _crickets,
    "phone": _phone,
    "waves": _waves,
    "traffic": _traffic,
    "applause": _applause,
}
_WORDS = {
    "rain": "rain",
    "thunder": "thunder",
    "knock": "knock",
    "footstep": "footsteps",
    "bird": "birds",
    "cricket": "crickets",
    "phone": "phone",
    "wave": "waves",
    "sea": "waves",
    "traffic": "traffic",
    "applau": "applause",
}


def _music(mood: str, count: int) -> Samples:
    """Chords of soft tones, or plucked notes where the mood is lively."""
    notes, chord_s, plucked = MUSIC[mood]
    t = _time(count)
    made = np.zeros(count)
    for i, note in enumerate(notes):
        frequency = 440.0 * 2 ** ((note - 69) / 12)
        swell = 0.6 + 0.4 * np.sin(2 * np.pi * (t / (2 * chord_s) + i / len(notes)))
        tone = np.sin(2 * np.pi * frequency * t) + 0.35 * np.sin(4 * np.pi * frequency * t) + 0.15 * np.sin(6 * np.pi * frequency * t)
        since = (t + i * chord_s / len(notes)) % chord_s
        made += tone * ((1 - plucked) * swell + plucked * np.exp(-since * 5))
    if mood == "tense":
        made *= 0.7 + 0.3 * np.sign(np.sin(2 * np.pi * 4 * t))
    return _faded((0.05 * made / len(notes) * 2).astype(np.float32))


def _faded(samples: np.ndarray) -> Samples:
    faded = samples.astype(np.float32)
    length = min(len(faded) // 2, RATE_HZ // 10)
    if length:
        faded[:length] *= np.linspace(0, 1, length, dtype=np.float32)
        faded[-length:] *= np.linspace(1, 0, length, dtype=np.float32)
    return faded
