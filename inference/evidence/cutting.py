"""Where to cut the film into segments: the first stage of two-stage generation (paper, section 5.3).

A cut wants to be a shot boundary that is also silent, best where the picture changes place; it is never inside speech; no segment
is as long as five minutes; segments are gapless from 0 to the film's end. Where a stretch offers no silent shot boundary, the
longest pause is taken, and where nobody pauses for five minutes, the quietest instant; the outline's remarks then say so.

Times in seconds. Contents: :func:`cut_segments` (pure), :func:`shot_change` (how much the picture changes there), :func:`quietest`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from inference.film import MAX_SEGMENT_S
from inference.sampling import SAMPLE_RATE_HZ

from .observed import Cut
from .spans import Span, join_spans

if TYPE_CHECKING:
    from inference.media import Spool

LONGEST_S = MAX_SEGMENT_S - 2.0
"""Segments stay under five minutes also after rounding."""
WANTED_S = 180.0
"""Length at which a cut is liked best: long enough for context, short enough to be redone cheaply."""
SHORTEST_S = 45.0
"""A cut sooner than this after the one before is considered only if there is no other."""
MARGIN_S = 0.12
"""Least distance of a cut from speech: voice-activity borders are about this exact."""


def cut_segments(
    duration_s: float,
    shots: Sequence[Span],
    speech: Sequence[Span],
    change: Callable[[float], float] = lambda time_s: 0.0,
    quiet: Callable[[float, float], float] = lambda start_s, end_s: end_s,
    longest_s: float = LONGEST_S,
) -> list[Cut]:
    """The borders between segments, in order (0 and the end are not among them).

    Args:
        shots: the shots, gapless and in order.
        speech: where somebody speaks or sings; may overlap, any order.
        change: how much the picture changes at a shot boundary, 0..1.
        quiet: the quietest instant between two times; asked only when a stretch has neither boundary nor pause.
        longest_s: the longest segment; the wanted and the shortest length shrink with it.
    """
    spoken = join_spans(speech, gap_s=2 * MARGIN_S)
    pauses = _pauses(duration_s, spoken)
    boundaries = [start for start, _ in shots if 0.0 < start < duration_s and _is_silent(start, spoken)]
    cuts: list[Cut] = []
    position_s = 0.0
    while duration_s - position_s > longest_s:
        cut = _next_cut(position_s, duration_s, longest_s, boundaries, pauses, change, quiet)
        cuts.append(cut)
        position_s = cut.time_s
    return cuts


def _next_cut(
    position_s: float,
    duration_s: float,
    longest_s: float,
    boundaries: Sequence[float],
    pauses: Sequence[Span],
    change: Callable[[float], float],
    quiet: Callable[[float, float], float],
) -> Cut:
    scale = longest_s / LONGEST_S
    wanted, shortest = WANTED_S * scale, SHORTEST_S * scale
    latest_s = min(position_s + longest_s, duration_s - 1.0)
    for earliest_s in (position_s + shortest, position_s + 1.0):
        inside = [time_s for time_s in boundaries if earliest_s <= time_s <= latest_s]
        if inside:
            return Cut(time_s=max(inside, key=lambda t: (_liking(t, position_s, duration_s, scale) + change(t), -t)), how="shot")
        rests = [(max(a, earliest_s), min(b, latest_s)) for a, b in pauses]
        rests = [(a, b) for a, b in rests if b > a]
        if rests:
            start_s, end_s = max(rests, key=lambda rest: (min(rest[1] - rest[0], 10.0), -abs(rest[0] - position_s - wanted)))
            # A silence longer than the window is cut where the length is liked best, not in its middle.
            wanted_s = position_s + wanted if end_s - start_s > 20.0 else (start_s + end_s) / 2
            return Cut(time_s=round(min(max(wanted_s, start_s), end_s), 3), how="pause")
    return Cut(time_s=round(min(max(quiet(position_s + shortest, latest_s), position_s + 1.0), latest_s), 3), how="quiet")


def _liking(time_s: float, position_s: float, duration_s: float, scale: float) -> float:
    """-1..0: how far the two lengths that a cut makes are from the wanted one."""
    left = abs(time_s - position_s - WANTED_S * scale) / (WANTED_S * scale)
    stub = max(0.0, SHORTEST_S * scale - (duration_s - time_s)) / (SHORTEST_S * scale)
    return -min(1.0, left) - stub


def _pauses(duration_s: float, spoken: Sequence[Span]) -> list[Span]:
    edges = [0.0, *(edge for span in spoken for edge in span), duration_s]
    shrunk = [(a + MARGIN_S, b - MARGIN_S) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [(a, b) for a, b in shrunk if b > a]


def _is_silent(time_s: float, spoken: Sequence[Span]) -> bool:
    at = bisect_left(spoken, (time_s, time_s))
    return not any(start_s - MARGIN_S < time_s < end_s + MARGIN_S for start_s, end_s in spoken[max(0, at - 1) : at + 1])


def shot_change(spool: Spool, time_s: float) -> float:
    """How much the picture changes at a shot boundary, 0..1: distance of colour histograms within a second before and after.

    One frame on either side is read from the spool; nothing is decoded from the film.
    """
    before = _histogram(spool, max(0.0, time_s - 1.0), time_s)
    after = _histogram(spool, time_s, min(spool.duration_s, time_s + 1.0))
    return 0.0 if before is None or after is None else float(np.abs(before - after).sum() / 2)


def _histogram(spool: Spool, start_s: float, end_s: float) -> np.ndarray | None:
    frame = next(iter(spool.frames(start_s, end_s, rate_hz=1.0)), None)
    if frame is None:
        return None
    bins = (frame.image[::8, ::8].reshape(-1, 3) // 64).astype(np.int32) @ np.array([16, 4, 1])
    counts = np.bincount(bins, minlength=64).astype(np.float64)
    return counts / counts.sum()


def quietest(spool: Spool, start_s: float, end_s: float, window_s: float = 0.2) -> float:
    """The middle of the quietest ``window_s`` between two times, in seconds."""
    audio = spool.audio(start_s, end_s)
    size = int(window_s * SAMPLE_RATE_HZ)
    num = len(audio) // size
    if num == 0:
        return (start_s + end_s) / 2
    power = np.square(audio[: num * size].reshape(num, size)).mean(axis=1)
    return start_s + (int(power.argmin()) + 0.5) * window_s
