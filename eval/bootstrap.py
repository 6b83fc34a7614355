"""Paired bootstrap over videos: how sure is a figure, and is one system better than another?

Videos are drawn with replacement; a figure is the corpus score of the drawn videos (sums of counts, then one division). For two systems
the same draw is used for both, so that hard videos are hard for both. Seeded: the same input gives the same interval.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

from .errors import ScoresError
from .score import ScriptScore

Figure = Callable[[ScriptScore], float]


@dataclass(frozen=True)
class Interval:
    """A figure with its percentile interval. ``share_below_zero``: for a difference, the share of draws in which it was not positive."""

    value: float
    low: float
    high: float
    share_below_zero: float = 0.0


def interval(scores: Sequence[ScriptScore], figure: Figure, *, level: float = 0.95, num_draws: int = 1000, seed: int = 0) -> Interval:
    """The confidence interval of one system's figure.

    Raises:
        ScoresError: there are no scores.
    """
    return _interval(scores, lambda drawn: figure(_total([scores[i] for i in drawn])), level, num_draws, seed)


def difference(
    first: Sequence[ScriptScore],
    second: Sequence[ScriptScore],
    figure: Figure,
    *,
    level: float = 0.95,
    num_draws: int = 1000,
    seed: int = 0,
) -> Interval:
    """The interval of ``second`` − ``first`` over the same videos in the same order.

    Raises:
        ScoresError: the two systems were not scored on equally many videos, or on none.
    """
    if len(first) != len(second):
        raise ScoresError(f"A paired comparison needs the same videos: there are {len(first)} and {len(second)} scores.")

    def gain(drawn: Sequence[int]) -> float:
        return figure(_total([second[i] for i in drawn])) - figure(_total([first[i] for i in drawn]))

    return _interval(first, gain, level, num_draws, seed)


def _interval(scores: Sequence[ScriptScore], value: Callable[[Sequence[int]], float], level: float, num_draws: int, seed: int) -> Interval:
    if not scores:
        raise ScoresError("There are no scores to draw from.")
    generator = random.Random(seed)
    indices = range(len(scores))
    drawn = sorted(value(generator.choices(indices, k=len(scores))) for _ in range(num_draws))
    tail = (1 - level) / 2
    low, high = drawn[int(tail * num_draws)], drawn[min(num_draws - 1, int((1 - tail) * num_draws))]
    return Interval(value(indices), low, high, sum(x <= 0 for x in drawn) / num_draws)


def _total(scores: Sequence[ScriptScore]) -> ScriptScore:
    return reduce(add, scores)
