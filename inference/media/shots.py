"""Where one shot ends and the next begins.

Problem: the writer needs cuts that are exact to the frame, from the one decode that everything shares. Hard cuts come from
PySceneDetect's adaptive detector, fed with small pictures; it compares each frame's change with that of its neighbours, so
camera moves are no cuts. Fades through black come from the brightness curve of the whole film; dissolves are not found. Times
are seconds from the first displayed frame.

Contents: :class:`CutFinder` (heavy: OpenCV), :func:`black_stretches`, :func:`shots_between`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

MIN_SHOT_S = 0.4
"""Least length of a shot: two cuts closer than that are a flash, or one cut seen twice."""
WARM_UP_S = 1.5
"""Frames before a range that the detector must have seen, so that a cut at the border comes out right."""
LOOK_AHEAD_FRAMES = 12
"""Frames after a range that it must have seen: the adaptive window, and what tells a flash from a cut."""
_FLASH_S = 0.25
"""Longest change that is a flash and no shot."""
_ALIKE = 0.3
"""Share of a cut's change under which the pictures around it are alike."""

# Chosen by eye on the same trailers as the rules below: noise lifts black a little, and a dark scene must not count as black.
_BLACK = 6.0 / 255.0
_LIT = 10.0 / 255.0
_WINDOW_S = 3.0
"""How far before and after a black stretch there must be light, for it to be a fade and not a dark passage."""
_EDGE_S = 0.2
"""How far from the edge of a black stretch a cut still counts as that edge."""
_SHORT_BLACK_S = 1.0
"""Black shorter than this belongs to the transition: one cut, in its middle."""

_RULES = ((3.0, 12.0), (1.8, 25.0))
"""(times its neighbours' change, least change): a clear cut in a calm film, or a strong one among shaky frames. Chosen by
eye on two trailers.
"""


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
        least = max(1, round(MIN_SHOT_S * rate))
        self._detectors = [AdaptiveDetector(ratio, min_scene_len=least, min_content_val=change) for ratio, change in _RULES]
        self._times_s: list[float] = []
        self._looks: list[np.ndarray] = []
        self._cuts: set[int] = set()

    def take(self, time_s: float, image: np.ndarray) -> None:
        """Look at the next frame: uint8 BGR, any one size."""
        self._times_s.append(time_s)
        self._looks.append(np.ascontiguousarray(image[:: max(1, image.shape[0] // 24), :: max(1, image.shape[1] // 24)]))
        stamp = self._timecode(len(self._times_s) - 1, self._rate)
        for detector in self._detectors:
            self._cuts.update(cut.frame_num for cut in detector.process_frame(stamp, image))

    def _is_flash(self, cut: int) -> bool:
        """Whether the picture soon after a cut is as it was just before: lightning, a photographer, a dropped frame."""
        span = max(2, round(_FLASH_S * self._rate))
        before, after = self._looks[max(0, cut - span) : cut], self._looks[cut : cut + span + 1]
        if not before or len(after) < 2:
            return False
        change = _difference(before[-1], after[0])
        return min(_difference(old, new) for old in before for new in after) < _ALIKE * change

    def cuts(self, start_s: float, end_s: float) -> list[float]:
        """Times of the first frames of new shots in ``[start_s, end_s)``."""
        times = {self._times_s[cut] for cut in self._cuts if start_s <= self._times_s[cut] < end_s and not self._is_flash(cut)}
        return sorted(time_s for time_s in times if time_s > 0)


def _difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(np.int16) - other).mean())


def black_stretches(times_s: np.ndarray, luma: np.ndarray) -> list[tuple[float, float]]:
    """Where the film goes to black and comes back: (first black frame, first lit frame after it), with light before and after.

    Args:
        times_s: frame times in order.
        luma: mean luma of each frame, 0..1.
    """
    is_black = luma < _BLACK
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_black, [False]]).astype(np.int8)))
    stretches = []
    for first, past in zip(edges[::2], edges[1::2], strict=True):
        if first == 0 or past == len(luma) or past - first < 2:
            continue
        before = luma[max(0, np.searchsorted(times_s, times_s[first] - _WINDOW_S)) : first]
        after = luma[past : np.searchsorted(times_s, times_s[past] + _WINDOW_S) + 1]
        if before.max(initial=0.0) > _LIT and after.max(initial=0.0) > _LIT:
            stretches.append((float(times_s[first]), float(times_s[past])))
    return stretches


def shots_between(cuts_s: list[float], stretches: list[tuple[float, float]], duration_s: float) -> list[tuple[float, float]]:
    """Gapless shots over ``[0, duration_s)``.

    A short black stretch becomes one cut in its middle, whatever the cut finder saw at its edges; a long one is cut in the
    middle only where nothing at its edges was found.
    """
    kept = sorted({cut for cut in cuts_s if 0 < cut < duration_s})
    for first_s, past_s in stretches:
        near = [cut for cut in kept if first_s - _EDGE_S <= cut <= past_s + _EDGE_S]
        if past_s - first_s < _SHORT_BLACK_S:
            kept = [cut for cut in kept if cut not in near]
            near = []
        if not near:
            kept.append((first_s + past_s) / 2)
    bounds = [0.0]
    for cut in sorted(kept):
        if cut - bounds[-1] >= MIN_SHOT_S / 2:
            bounds.append(cut)
    if len(bounds) > 1 and duration_s - bounds[-1] < 1e-3:
        bounds.pop()
    return list(zip(bounds, [*bounds[1:], duration_s], strict=True))
