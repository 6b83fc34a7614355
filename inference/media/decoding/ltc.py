"""Linear timecode: whether a channel of sound is a clock and not something to be heard (SMPTE ST 12-1).

LTC is biphase mark code: 80 bits a frame, the level changes at each bit's start and, in a one, in its middle. Each frame ends with
the sixteen bits 0011 1111 1111 1101. A channel counts as timecode where most of its
frames are found; nothing else has that pattern twenty-five times a second.

Contents: :func:`is_ltc`.
"""

from __future__ import annotations

import numpy as np

_SYNC = np.array([0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1], np.int8)
_RATES_HZ = (23.9, 30.1)
"""Frames a second of timecode at its proper speed."""
_LEAST_PEAK = 0.003
_LEAST_SHARE = 0.6
"""Share of the frames that must be found: a lossy codec and the ends of a stretch spoil some."""


def is_ltc(samples: np.ndarray, rate_hz: int) -> bool:
    """Whether a stretch of one channel (float, at least half a second) is linear timecode."""
    peak = float(np.abs(samples).max(initial=0.0))
    if len(samples) < rate_hz / 2 or peak < _LEAST_PEAK:
        return False
    loud = samples[np.abs(samples) > 0.1 * peak]  # hysteresis: ripple around zero is no change of level
    places = np.flatnonzero(np.abs(samples) > 0.1 * peak)
    changes = places[1:][np.diff(np.signbit(loud).astype(np.int8)) != 0]
    steps = np.diff(changes).astype(np.float64)
    duration_s = len(samples) / rate_hz
    least, most = 80 * _RATES_HZ[0] * duration_s, 160 * _RATES_HZ[1] * duration_s
    if not 0.8 * least <= len(steps) <= 1.1 * most:
        return False
    bit = _bit_length(steps, rate_hz)
    if bit == 0.0:
        return False
    found = _num_syncs(_bits(steps, bit))
    expected = len(samples) / (80 * bit)
    return found >= max(4, _LEAST_SHARE * (expected - 2))


def _bit_length(steps: np.ndarray, rate_hz: int) -> float:
    """Samples of one bit: the length of the long steps, refined over all of them; 0.0 where they fit no rate."""
    shortest, longest = rate_hz / (80 * _RATES_HZ[1]), rate_hz / (80 * _RATES_HZ[0])
    long = steps[(steps > 0.8 * shortest) & (steps < 1.25 * longest)]
    if len(long) < 10:
        return 0.0
    bit = float(np.mean(long))
    return bit if 0.9 * shortest <= bit <= 1.1 * longest else 0.0


def _bits(steps: np.ndarray, bit: float) -> np.ndarray:
    """Two short steps are a one, a long one is a zero; anything else is -1."""
    bits: list[int] = []
    is_half = False
    for step in steps:
        if step < 0.75 * bit:
            if is_half:
                bits.append(1)
            is_half = not is_half
        else:
            bits.append(0 if step < 1.4 * bit and not is_half else -1)
            is_half = False
    return np.array(bits, np.int8)


def _num_syncs(bits: np.ndarray) -> int:
    """How often the sync word stands in the bits, in either direction (a tape may run backwards)."""
    if len(bits) < len(_SYNC):
        return 0
    windows = np.lib.stride_tricks.sliding_window_view(bits, len(_SYNC))
    return max(int((windows == word).all(axis=1).sum()) for word in (_SYNC, _SYNC[::-1]))
