"""Where one shot ends and the next begins.

Problem: the writer needs cuts that are exact to the frame, from the one decode that everything shares. Hard cuts come from PySceneDetect's adaptive
detector, fed with small pictures; it compares each frame's change with that of its neighbours, so camera moves are no cuts. Fades through black
come from the brightness curve of the whole film: the cut is the middle of the black stretch. Times are seconds from the first displayed frame.

Contents: :class:`CutFinder` (heavy: OpenCV), :func:`fade_cuts`, :func:`shots_between`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

MIN_SHOT_S = 0.4
WARM_UP_S = 1.5
"""Frames before a range that the detector must have seen, so that a cut at the border comes out right."""
LOOK_AHEAD_FRAMES = 4
"""Frames after a range that it must have seen: the adaptive window, and one to spare."""

_BLACK = 16.0 / 255.0
_LIT = 28.0 / 255.0
_WINDOW_S = 3.0


class CutFinder:
    """Feed small BGR pictures in order; ask for the cuts at the end.

    Args:
        frame_rate: mean rate; only used to turn the least shot length into frames.
    """

    def __init__(self, frame_rate: Fraction) -> None:
        from scenedetect.common import FrameTimecode
        from scenedetect.detectors import AdaptiveDetector

        rate = min(max(float(frame_rate), 1.0), 240.0)
        self._timecode: Any = FrameTimecode
        self._rate = rate
        self._detector = AdaptiveDetector(min_scene_len=max(1, round(MIN_SHOT_S * rate)), min_content_val=12.0)
        self._times_s: list[float] = []
        self._cuts_s: list[float] = []

    def take(self, time_s: float, image: np.ndarray) -> None:
        """Look at the next frame: uint8 BGR, any one size."""
        self._times_s.append(time_s)
        stamp = self._timecode(len(self._times_s) - 1, self._rate)
        self._cuts_s += [self._times_s[cut.frame_num] for cut in self._detector.process_frame(stamp, image)]

    def cuts(self, start_s: float, end_s: float) -> list[float]:
        """Times of the first frames of new shots in ``[start_s, end_s)``."""
        return [cut for cut in self._cuts_s if start_s <= cut < end_s and cut > 0]


def fade_cuts(times_s: np.ndarray, luma: np.ndarray) -> list[float]:
    """Cuts at fades through black: the middle of each black stretch that has light before and after it.

    Args:
        times_s: frame times in order.
        luma: mean luma of each frame, 0..1.
    """
    is_black = luma < _BLACK
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_black, [False]]).astype(np.int8)))
    cuts = []
    for first, past in zip(edges[::2], edges[1::2], strict=True):
        if first == 0 or past == len(luma) or past - first < 2:
            continue
        before = luma[max(0, np.searchsorted(times_s, times_s[first] - _WINDOW_S)) : first]
        after = luma[past : np.searchsorted(times_s, times_s[past] + _WINDOW_S) + 1]
        if before.max(initial=0.0) > _LIT and after.max(initial=0.0) > _LIT:
            cuts.append(float(times_s[(first + past) // 2]))
    return cuts


def shots_between(cuts_s: list[float], fades_s: list[float], duration_s: float) -> list[tuple[float, float]]:
    """Gapless shots over ``[0, duration_s)``. A fade that a hard cut already marks, or that would leave a sliver, is dropped."""
    kept = sorted({cut for cut in cuts_s if 0 < cut < duration_s})
    for fade in fades_s:
        if 0 < fade < duration_s and all(abs(fade - cut) >= 2 * MIN_SHOT_S for cut in kept):
            kept.append(fade)
    bounds = [0.0, *sorted(kept), duration_s]
    return list(zip(bounds[:-1], bounds[1:], strict=True))
