"""Time: were the aligned groups where they are said to be (paper, section 4.1.4)?

A group's interval is from its earliest start to its latest end, per side. It is a hit at threshold t if intersection ÷ union ≥ t; two equal
intervals of no length count as 1. With left-over units of either side as groups of their own:

    P@t = hits / (aligned + invented)     R@t = hits / (aligned + missed)     tIoU@t = harmonic mean     (eqs. 6, 7)

Which way each departure from the paper pushes the figures: two equal intervals of no length count as a hit where the quotient is not
defined, which pushes them up (a script with one timestamp an event has ends implied, :mod:`.inputs`, so this is rare). Other scorers
average the overlap itself (mean tIoU); this is a hit rate, and a script that is a little off everywhere scores 1 at low t, 0 at high t.

Contents: :class:`TemporalCount`, :func:`validate`, :func:`interval_iou`, :func:`group_interval`, :func:`evaluate`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .alignment import Group, validate_groups
from .inputs import Unit

THRESHOLDS = (0.1, 0.3, 0.5, 0.7, 0.9)


@dataclass(frozen=True)
class TemporalCount:
    """Hits by threshold and groups by kind; adds over a data set."""

    hits: dict[float, int] = field(default_factory=lambda: dict.fromkeys(THRESHOLDS, 0))
    num_aligned: int = 0
    num_missed: int = 0
    num_invented: int = 0

    def __add__(self, other: TemporalCount) -> TemporalCount:
        return TemporalCount(
            {t: self.hits[t] + other.hits[t] for t in self.hits},
            self.num_aligned + other.num_aligned,
            self.num_missed + other.num_missed,
            self.num_invented + other.num_invented,
        )

    def precision(self, threshold: float) -> float:
        """P_time@t (eq. 6)."""
        total = self.num_aligned + self.num_invented
        return self.hits[threshold] / total if total else 0.0

    def recall(self, threshold: float) -> float:
        """R_time@t (eq. 6)."""
        total = self.num_aligned + self.num_missed
        return self.hits[threshold] / total if total else 0.0

    def tiou(self, threshold: float) -> float:
        """tIoU@t, the hit rate (eq. 7)."""
        p, r = self.precision(threshold), self.recall(threshold)
        return 2 * p * r / (p + r) if p + r else 0.0


def validate(ref: Sequence[Unit], est: Sequence[Unit], groups: Sequence[Group]) -> None:
    """Check that the groups are the whole alignment: a unit left out would be neither missed nor invented.

    Raises:
        UnitsError: naming the side.
    """
    validate_groups(ref, est, groups)


def interval_iou(a: tuple[float, float], b: tuple[float, float]) -> float:
    """Intersection over union of two intervals ``(start, end)`` in seconds; in [0, 1]."""
    shared = max(0.0, min(a[1], b[1]) - max(a[0], b[0]))
    union = max(a[1], b[1]) - min(a[0], b[0])
    return shared / union if union > 0 else float(a == b)


def group_interval(units: Sequence[Unit]) -> tuple[float, float]:
    """From the earliest start to the latest end, in seconds."""
    return min(unit.start_s for unit in units), max(unit.end_s for unit in units)


def evaluate(ref: Sequence[Unit], est: Sequence[Unit], groups: Sequence[Group]) -> TemporalCount:
    """Counts over one script's whole alignment; a hit at t is an overlap of at least t, without tolerance.

    Raises:
        UnitsError: see :func:`validate`.
    """
    validate(ref, est, groups)
    aligned = [group for group in groups if group.is_aligned]
    overlaps = [interval_iou(group_interval([ref[i] for i in g.ref]), group_interval([est[j] for j in g.est])) for g in aligned]
    return TemporalCount(
        {t: sum(overlap >= t for overlap in overlaps) for t in THRESHOLDS},
        len(aligned),
        sum(bool(group.ref) and not group.est for group in groups),
        sum(bool(group.est) and not group.ref for group in groups),
    )
