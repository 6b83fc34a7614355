"""Linear timecode: whether a channel of sound is a clock and not something to be heard (SMPTE ST 12-1).

LTC is biphase mark code: 80 bits a frame, the level changes at each bit's start and, in a one, in its middle. Each frame ends with
the sixteen bits 0011 1111 1111 1101. A channel counts as timecode where most of its
frames are found; nothing else has that pattern twenty-five times a second.

Contents: :func:`is_ltc`, :func:`first_label`.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

_SYNC = np.array([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1], np.int8)
_RATES_HZ = (23.9, 30.1)
"""Frames a second of timecode at its proper speed."""
_DIGITS = ((0, 4), (8, 2), (16, 4), (24, 3), (32, 4), (40, 3), (48, 4), (56, 2))
"""First bit and number of bits of the digits in a frame: frames, seconds, minutes, hours, units before tens."""
_LEAST_PEAK = 0.003
_LEAST_SHARE = 0.6
"""Share of the frames that must be found: a lossy codec and the ends of a stretch spoil some."""


def is_ltc(samples: np.ndarray, rate_hz: int) -> bool:
    """Whether a stretch of one channel (float, at least half a second) is linear timecode."""
    if len(samples) < rate_hz / 2 or float(np.abs(samples).max(initial=0.0)) < _LEAST_PEAK:
        return False
    steps = np.diff(_changes(samples)).astype(np.float64)
    duration_s = len(samples) / rate_hz
    least, most = 80 * _RATES_HZ[0] * duration_s, 160 * _RATES_HZ[1] * duration_s
    if not 0.8 * least <= len(steps) <= 1.1 * most:
        return False
    bit = _bit_length(steps, rate_hz)
    if bit == 0.0:
        return False
    found = _num_syncs(_bits(steps, bit)[0])
    expected = len(samples) / (80 * bit)
    return found >= max(4, _LEAST_SHARE * (expected - 2))


def first_label(samples: np.ndarray, rate_hz: int) -> str:
    """The label (``HH:MM:SS:FF``, ``;`` before the frames of drop-frame) at the first sample of a stretch of timecode, or "" if unclear.

    Every frame that can be read tells it, by how far it is from there; most of them must say the same.
    """
    changes = _changes(samples)
    bit = _bit_length(np.diff(changes).astype(np.float64), rate_hz) if len(changes) > 1 else 0.0
    if bit == 0.0:
        return ""
    bits, ends = _bits(np.diff(changes).astype(np.float64), bit)
    frame_rate = round(rate_hz / (80 * bit))
    told: Counter[tuple[int, bool]] = Counter()
    for place in range(64, len(bits) - 15):
        word = bits[place - 64 : place]
        if np.array_equal(bits[place : place + 16], _SYNC) and word.min() >= 0:
            units = [sum(int(b) << n for n, b in enumerate(word[first : first + count])) for first, count in _DIGITS]
            frames, seconds, minutes, hours = (units[n] + 10 * units[n + 1] for n in (0, 2, 4, 6))
            if frames < frame_rate and seconds < 60 and minutes < 60 and hours < 24:
                start = changes[0] + ends[place + 15] - 80 * bit
                number = ((hours * 60 + minutes) * 60 + seconds) * frame_rate + frames
                told[number - round(start / (80 * bit)), bool(word[10])] += 1
    (number, is_drop), votes = told.most_common(1)[0] if told else ((0, False), 0)
    if votes < 3 or 2 * votes <= told.total():
        return ""
    seconds, frames = divmod(number % (24 * 3600 * frame_rate), frame_rate)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{';' if is_drop else ':'}{frames:02d}"


def _changes(samples: np.ndarray) -> np.ndarray:
    """Where the level changes, as numbers of samples."""
    is_loud = np.abs(samples) > 0.1 * float(np.abs(samples).max(initial=0.0))  # hysteresis: ripple around zero is no change of level
    places = np.flatnonzero(is_loud)
    return places[1:][np.diff(np.signbit(samples[is_loud]).astype(np.int8)) != 0]


def _bit_length(steps: np.ndarray, rate_hz: int) -> float:
    """Samples of one bit: the length of the long steps, refined over all of them; 0.0 where they fit no rate."""
    shortest, longest = rate_hz / (80 * _RATES_HZ[1]), rate_hz / (80 * _RATES_HZ[0])
    long = steps[(steps > 0.8 * shortest) & (steps < 1.25 * longest)]
    if len(long) < 10:
        return 0.0
    bit = float(np.mean(long))
    return bit if 0.9 * shortest <= bit <= 1.1 * longest else 0.0


def _bits(steps: np.ndarray, bit: float) -> tuple[np.ndarray, np.ndarray]:
    """Two short steps are a one, a long one is a zero, anything else is -1; and how far from the first change each bit ends, in samples."""
    bits: list[int] = []
    ends: list[float] = []
    is_half = False
    for step, end in zip(steps, np.cumsum(steps), strict=True):
        if step < 0.75 * bit:
            if is_half:
                bits.append(1)
                ends.append(end)
            is_half = not is_half
        else:
            bits.append(0 if step < 1.4 * bit and not is_half else -1)
            ends.append(end)
            is_half = False
    return np.array(bits, np.int8), np.array(ends)


def _num_syncs(bits: np.ndarray) -> int:
    """How often the sync word stands in the bits, in either direction (a tape may run backwards)."""
    if len(bits) < len(_SYNC):
        return 0
    windows = np.lib.stride_tricks.sliding_window_view(bits, len(_SYNC))
    return max(int((windows == word).all(axis=1).sum()) for word in (_SYNC, _SYNC[::-1]))
