"""Exact frame rates: which fraction a film runs at, from what its container declares and what its stamps show.

Problem: containers round (23.976 for 24000/1001), lie, or say nothing, and a rate that is off by a thousandth is a second off after a
quarter of an hour. So a rate is a fraction, never a float, and a standard one wherever the stamps allow it.

Contents: :data:`STANDARD_RATES`, :func:`exact_rate`, :func:`constant_rate`, :func:`varies`.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

STANDARD_RATES = tuple(
    Fraction(rate)
    for rate in (
        "24000/1001",
        "24",
        "25",
        "30000/1001",
        "30",
        "48000/1001",
        "48",
        "50",
        "60000/1001",
        "60",
        "15",
        "12",
        "10",
        "20",
        "100",
        "120",
    )
)
"""Rates that cameras and editing systems use, the usual ones first."""


def exact_rate(declared: Fraction | None, stamps: np.ndarray, time_base: Fraction) -> Fraction:
    """The frame rate as a fraction.

    The declared rate holds if it is one of the standard rates or agrees with the stamps; otherwise a standard rate within the
    rounding of the stamps; otherwise what was measured.

    Args:
        declared: what the container says, or None.
        stamps: sorted presentation stamps of the frames, int64.
        time_base: their unit.
    """
    span = int(stamps[-1] - stamps[0]) if len(stamps) > 1 else 0
    if span <= 0:
        return declared if declared and 0 < declared <= 1000 else Fraction(25)
    measured = Fraction(len(stamps) - 1) / (span * time_base)
    tolerance = max(0.0004, 1.5 / span)
    if declared and declared > 0 and abs(float(declared / measured) - 1) < max(tolerance, 0.002):
        if declared in STANDARD_RATES:
            return declared
        near = min(STANDARD_RATES, key=lambda rate: abs(rate / declared - 1))
        return near if abs(float(near / declared) - 1) < 0.0004 else declared
    near = min(STANDARD_RATES, key=lambda rate: abs(rate / measured - 1))
    return near if abs(float(near / measured) - 1) < tolerance else measured.limit_denominator(10_000)


def constant_rate(mean: Fraction) -> Fraction:
    """The constant rate that a film of variable rate is shown at: the next standard one from 24 up, at most 60."""
    return min((r for r in STANDARD_RATES if mean * Fraction(99, 100) <= r <= 60 and r >= 24), default=Fraction(30))


def varies(stamps: np.ndarray, time_base: Fraction) -> bool:
    """Whether the distances between frames differ by more than the rounding of the stamps (more than 1 in 100 of them).

    Args:
        stamps: sorted presentation stamps, int64.
    """
    if len(stamps) < 3:
        return False
    steps = np.diff(stamps)
    usual = float(np.median(steps))
    slack = max(1.5, 0.1 * usual) if usual * time_base > Fraction(1, 500) else 1.5
    return bool(np.mean(np.abs(steps - usual) > slack) > 0.01)
