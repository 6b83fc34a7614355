"""Where segments really begin: a model says it to the second at best, and a cut inside a word or a shot harms what is written.

Times in seconds. Contents: :func:`snap` (a model's borders to good ones, pure), :func:`split` (a stretch that is too long).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from inference.evidence.cutting import MARGIN_S, cut_segments
from inference.evidence.spans import Span, join_spans

SNAP_S = 4.0
"""A border moves at most this far to a shot border or a pause. Chosen."""


def snap(
    borders: Sequence[float], span: Span, shots: Sequence[Span], speech: Sequence[Span], shortest_s: float, longest_s: float
) -> list[Span]:
    """Gapless stretches over ``span``, cut near ``borders``: at a silent shot border, else in a pause, else at a shot border.

    A border too near to another or to the ends is left out; a stretch that stays too long is cut where it is best cut.

    Args:
        borders: where the model would cut.
        shots: of the film, gapless; their starts are the shot borders.
        speech: where somebody speaks.
        shortest_s, longest_s: bounds of a stretch; the span itself may be shorter.
    """
    start_s, end_s = span
    spoken = join_spans(speech)
    cuts: list[float] = []
    for border_s in sorted(borders):
        cut_s = _near(border_s, shots, spoken)
        if cut_s - (cuts[-1] if cuts else start_s) >= shortest_s and end_s - cut_s >= shortest_s:
            cuts.append(cut_s)
    edges = [start_s, *cuts, end_s]
    return [part for whole in itertools.pairwise(edges) for part in split(whole, shots, speech, longest_s)]


def split(span: Span, shots: Sequence[Span], speech: Sequence[Span], longest_s: float) -> list[Span]:
    """The span in stretches of at most ``longest_s``, cut as a film is cut into windows.

    Args:
        shots: of the film, gapless.
        speech: where somebody speaks; cuts keep off it where they can.
    """
    start_s, end_s = span
    if end_s - start_s <= longest_s:
        return [span]

    def inside(spans: Sequence[Span]) -> list[Span]:
        return [(max(a, start_s) - start_s, min(b, end_s) - start_s) for a, b in spans if a < end_s and b > start_s]

    cuts = cut_segments(end_s - start_s, inside(shots), inside(speech), longest_s=longest_s)
    return list(itertools.pairwise([start_s, *(round(start_s + cut.time_s, 4) for cut in cuts), end_s]))


def _near(border_s: float, shots: Sequence[Span], spoken: Sequence[Span]) -> float:
    starts = [start_s for start_s, _ in shots if abs(start_s - border_s) <= SNAP_S]
    silent = [start_s for start_s in starts if not _inside(start_s, spoken)]
    if silent:
        return min(silent, key=lambda time_s: (abs(time_s - border_s), time_s))
    if not _inside(border_s, spoken):
        return border_s
    ends = [edge for a, b in spoken for edge in (a - MARGIN_S, b + MARGIN_S) if abs(edge - border_s) <= SNAP_S]
    pauses = [round(edge, 3) for edge in ends if not _inside(edge, spoken, margin_s=MARGIN_S / 2)]
    return min(pauses or starts or [border_s], key=lambda time_s: (abs(time_s - border_s), time_s))


def _inside(time_s: float, spoken: Sequence[Span], margin_s: float = MARGIN_S) -> bool:
    return any(a - margin_s < time_s < b + margin_s for a, b in spoken)
