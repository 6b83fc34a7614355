"""Stretches of film as pairs of seconds, and how they are joined. Standard library only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

Span = tuple[float, float]
"""(start, end) in seconds from the first displayed frame; the end is excluded."""


class Timed(Protocol):
    """Anything with a start and an end, in seconds."""

    @property
    def start_s(self) -> float:
        """When it begins."""
        ...

    @property
    def end_s(self) -> float:
        """When it is over."""
        ...


def overlap_s(one: Timed, other: Timed) -> float:
    """For how many seconds both last; not above zero where they do not meet."""
    return min(one.end_s, other.end_s) - max(one.start_s, other.start_s)


def join_spans(spans: Sequence[Span], gap_s: float = 0.0) -> list[Span]:
    """Spans in order, joined where they overlap or leave less than ``gap_s`` between them."""
    joined: list[Span] = []
    for start_s, end_s in sorted(spans):
        if joined and start_s - joined[-1][1] <= gap_s:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_s))
        else:
            joined.append((start_s, end_s))
    return joined


def clip_spans(spans: Sequence[Span], start_s: float, end_s: float) -> list[Span]:
    """The parts of gapless spans that lie in a range, gapless from its start to its end."""
    clipped = [(max(a, start_s), min(b, end_s)) for a, b in spans if min(b, end_s) - max(a, start_s) > 1e-6]
    return clipped or [(start_s, end_s)]
