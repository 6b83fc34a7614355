"""Mel spectra in numpy, as the sound tagger and the voice embedder were trained on.

Conventions: sound is 16 kHz mono float32 in [-1, 1]; frames are 25 ms long (400 samples), one every 10 ms (160), not padded at the
ends, with a transform of 512 points. Spectra are arrays [frames, bands].

Contents: :func:`frames_of`, :func:`mel_bank`, :func:`magnitudes`.
"""

from __future__ import annotations

import functools

import numpy as np
import numpy.typing as npt

from inference.sampling import SAMPLE_RATE_HZ

Array = npt.NDArray[np.float32]

FRAME = 400
HOP = 160
FFT = 512


def frames_of(audio: Array) -> Array:
    """Overlapping frames [frames, FRAME] of a sound; none if it is shorter than one."""
    if len(audio) < FRAME:
        return np.zeros((0, FRAME), np.float32)
    return np.lib.stride_tricks.sliding_window_view(np.ascontiguousarray(audio, np.float32), FRAME)[::HOP]


def magnitudes(audio: Array, window: str) -> Array:
    """Magnitude spectra [frames, FFT // 2 + 1] under a periodic "hann" or "hamming" window."""
    edge = {"hann": 0.5, "hamming": 0.54}[window]
    shape = edge - (1 - edge) * np.cos(2 * np.pi * np.arange(FRAME) / FRAME)
    return np.abs(np.fft.rfft(frames_of(audio) * shape.astype(np.float32), FFT)).astype(np.float32)


@functools.lru_cache(maxsize=4)
def mel_bank(num_bands: int, low_hz: float, high_hz: float, scale: str) -> Array:
    """Triangular filters [FFT // 2 + 1, num_bands].

    Args:
        scale: "htk" (2595 log10(1 + f/700), unit peaks, triangles straight in mel, as in TensorFlow) or "slaney" (linear below
            1 kHz, logarithmic above, triangles straight in hertz and of unit area, as in librosa).
    """
    bins_hz = np.arange(FFT // 2 + 1) * SAMPLE_RATE_HZ / FFT
    if scale == "htk":
        edges = np.linspace(_htk(low_hz), _htk(high_hz), num_bands + 2)
        points = _htk(bins_hz)
    else:
        edges = _slaney_to_hz(np.linspace(_slaney(low_hz), _slaney(high_hz), num_bands + 2))
        points = bins_hz
    rising = (points[:, None] - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - points[:, None]) / (edges[2:] - edges[1:-1])
    bank = np.maximum(0.0, np.minimum(rising, falling))
    if scale == "htk":
        bank[0] = 0.0  # TensorFlow leaves the constant component out
    else:
        bank *= 2.0 / (edges[2:] - edges[:-2])
    return bank.astype(np.float32)


def _htk(hz: npt.ArrayLike) -> npt.NDArray[np.float64]:
    return 2595.0 * np.log10(1.0 + np.asarray(hz, np.float64) / 700.0)


def _slaney(hz: float) -> float:
    return hz / (200 / 3) if hz < 1000 else 15.0 + float(np.log(hz / 1000)) / (np.log(6.4) / 27)


def _slaney_to_hz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.where(mel < 15.0, mel * 200 / 3, 1000 * np.exp((mel - 15.0) * np.log(6.4) / 27))
