"""Event alignment: which estimated unit tells what which reference unit tells (paper, section 4.1.1).

Two lists of units, sorted by (start, end), are matched in order by what their texts say. A *candidate* is one unit on one side and a
run of one to ``max_group`` consecutive units on the other. Its score is

    S_text  = (5 · S_dialogue + 3 · S_action) / 8                         (eq. 2)
    bonus   = min(0.1, 0.1 · exp(−Δt_min / 15 s))                          (eq. 3)
    S_align = S_text + bonus

with S_field the edit similarity of the joined texts. The alignment is the set of candidates with the greatest sum of S_align in which
no unit is used twice and the order is kept on both sides. What is left over is missed (reference) or invented (estimate).

Where the paper is silent (options of :class:`AlignmentOptions`), and which way each choice pushes the figures that stand on the alignment:

    down  a run has at most 5 units: a system that cuts finer than that leaves units over;
    down  *every* pair of a candidate is at most 30 s apart, not just one;
    up    the distance of two units is the gap between their intervals: long units are near to more;
    up    a field absent on both sides drops out and the weights are renormalised, so that one field alone can reach S_text = 1
          (absent on one side it scores 0; both absent on both sides give S_text = 0);
    up    there is no least score: units that share no text but stand near count as aligned, not as missed and invented (above all tIoU).

Between alignments of equal score, the one whose last candidate ends first (reference, then estimate) is taken.

Cost: n · reach candidates, with reach the number of units within 30 s, each in one look-up of a Fenwick tree of prefix maxima
(weighted chaining). The plain table over all pairs is n².

Contents: :func:`validate`, :func:`validate_groups`, :func:`text_score`, :func:`time_bonus`, :func:`candidates`, :func:`evaluate`.
"""

from __future__ import annotations

import bisect
import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .errors import UnitsError
from .inputs import Unit
from .text import similarity


@dataclass(frozen=True)
class AlignmentOptions:
    """Named choices. ``weights``: field → weight in S_text. Times in seconds. ``min_score``: candidates must score above it."""

    weights: tuple[tuple[str, float], ...] = (("dialogue", 5.0), ("action", 3.0))
    max_group: int = 5
    max_distance_s: float = 30.0
    bonus: float = 0.1
    bonus_decay_s: float = 15.0
    min_score: float = 0.0


@dataclass(frozen=True)
class Group:
    """Aligned units: half-open index ranges into the two lists, and S_align. An empty range marks a missed or invented unit."""

    ref: range
    est: range
    score: float = 0.0

    @property
    def is_aligned(self) -> bool:
        return bool(self.ref) and bool(self.est)


def validate(units: Sequence[Unit]) -> None:
    """Check that units are sorted by start and end after they start.

    Raises:
        UnitsError: naming the index.
    """
    for i, unit in enumerate(units):
        if not (math.isfinite(unit.start_s) and unit.start_s <= unit.end_s < math.inf):
            raise UnitsError(f"Unit {i} runs from {unit.start_s} to {unit.end_s} s.")
        if i and units[i - 1].start_s > unit.start_s:
            raise UnitsError(f"Unit {i} starts before the one before it.")


def validate_groups(ref: Sequence[Unit], est: Sequence[Unit], groups: Sequence[Group]) -> None:
    """Check that groups are an alignment of two lists: every unit of either is in exactly one.

    Raises:
        UnitsError: naming the side.
    """
    used_ref, used_est = [i for group in groups for i in group.ref], [j for group in groups for j in group.est]
    for side, units, used in (("reference", ref, used_ref), ("estimate", est, used_est)):
        if sorted(used) != list(range(len(units))):
            raise UnitsError(
                f"The groups use {len(used)} of {len(units)} units of the {side}, or one twice.", remedy="Give the whole alignment."
            )


def gap_s(a: Unit, b: Unit) -> float:
    """Seconds between two intervals; 0 if they touch or overlap."""
    return max(0.0, b.start_s - a.end_s, a.start_s - b.end_s)


def text_score(ref_texts: Sequence[str], est_texts: Sequence[str], weights: Sequence[float]) -> float:
    """S_text (eq. 2) of one text per field and side, in [0, 1]; 0 where no field has text."""
    total = weight_sum = 0.0
    for ref, est, weight in zip(ref_texts, est_texts, weights, strict=True):
        if ref or est:
            total += weight * similarity(ref, est)
            weight_sum += weight
    return total / weight_sum if weight_sum else 0.0


def time_bonus(distance_s: float, options: AlignmentOptions) -> float:
    """The bonus of eq. 3 for the smallest distance in a candidate, in seconds."""
    return min(options.bonus, options.bonus * math.exp(-distance_s / options.bonus_decay_s))


def candidates(ref: Sequence[Unit], est: Sequence[Unit], options: AlignmentOptions) -> Iterator[Group]:
    """Every allowed candidate that scores above ``min_score``: 1×1, 1×N and N×1, ordered by (first reference, first estimate)."""
    weights = [weight for _, weight in options.weights]
    ref_runs, est_runs = _JoinedTexts(ref, options), _JoinedTexts(est, options)
    for i, j in _near_pairs(ref, est, options.max_distance_s):
        for rows, columns, distance_s in _runs(ref, est, i, j, options):
            score = text_score(ref_runs.of(rows), est_runs.of(columns), weights) + time_bonus(distance_s, options)
            if score > options.min_score:
                yield Group(rows, columns, score)


def evaluate(ref: Sequence[Unit], est: Sequence[Unit], options: AlignmentOptions | None = None) -> list[Group]:
    """The best alignment: aligned groups and left-over units, ordered by time of the reference, then of the estimate.

    Args:
        ref, est: units sorted by (start, end), seconds.

    Raises:
        UnitsError: see :func:`validate`.
    """
    validate(ref)
    validate(est)
    chosen = _best_chain(candidates(ref, est, options or AlignmentOptions()), len(ref), len(est))
    used_ref = {i for group in chosen for i in group.ref}
    used_est = {j for group in chosen for j in group.est}
    missed = [Group(range(i, i + 1), range(0)) for i in range(len(ref)) if i not in used_ref]
    invented = [Group(range(0), range(j, j + 1)) for j in range(len(est)) if j not in used_est]
    return [*chosen, *missed, *invented]


class _JoinedTexts:
    """The joined text of each field for runs of units, each joined once."""

    def __init__(self, units: Sequence[Unit], options: AlignmentOptions) -> None:
        self._texts = [[unit.text(name) for unit in units] for name, _ in options.weights]
        self._joined: dict[tuple[int, int], tuple[str, ...]] = {}

    def of(self, run: range) -> tuple[str, ...]:
        key = (run.start, run.stop)
        if key not in self._joined:
            self._joined[key] = tuple(" ".join(text for text in texts[run.start : run.stop] if text) for texts in self._texts)
        return self._joined[key]


def _near_pairs(ref: Sequence[Unit], est: Sequence[Unit], reach_s: float) -> Iterator[tuple[int, int]]:
    starts = [unit.start_s for unit in est]
    latest_ends = list(itertools.accumulate((unit.end_s for unit in est), max))
    for i, unit in enumerate(ref):
        first = bisect.bisect_left(latest_ends, unit.start_s - reach_s)
        last = bisect.bisect_right(starts, unit.end_s + reach_s)
        yield from ((i, j) for j in range(first, last) if gap_s(unit, est[j]) <= reach_s)


def _runs(ref: Sequence[Unit], est: Sequence[Unit], i: int, j: int, options: AlignmentOptions) -> Iterator[tuple[range, range, float]]:
    """Candidates that start at the near pair (i, j), with Δt_min: 1×1, 1×2 …, 2×1 …; a run stops at its first unit that is too far."""
    nearest_s = gap_s(ref[i], est[j])
    yield range(i, i + 1), range(j, j + 1), nearest_s
    distance_s = nearest_s
    for last in range(j + 1, min(j + options.max_group, len(est))):
        gap = gap_s(ref[i], est[last])
        if gap > options.max_distance_s:
            break
        distance_s = min(distance_s, gap)
        yield range(i, i + 1), range(j, last + 1), distance_s
    distance_s = nearest_s
    for last in range(i + 1, min(i + options.max_group, len(ref))):
        gap = gap_s(ref[last], est[j])
        if gap > options.max_distance_s:
            break
        distance_s = min(distance_s, gap)
        yield range(i, last + 1), range(j, j + 1), distance_s


@dataclass(frozen=True, slots=True)
class _Chain:
    """A candidate with the best chain before it. ``total`` is the sum of scores up to and including it."""

    total: float
    group: Group
    before: _Chain | None


def _best_chain(allowed: Iterator[Group], num_ref: int, num_est: int) -> list[Group]:
    tree: list[_Chain | None] = [None] * (num_est + 1)
    waiting: dict[int, list[_Chain]] = {}
    by_row = itertools.groupby(allowed, key=lambda group: group.ref.start)
    row, groups = next(by_row, (num_ref, iter(())))
    for i in range(num_ref):
        if row == i:
            # Chains in the tree end on rows before i, so that none of their reference units is used again.
            for group in groups:
                before = _prefix_best(tree, group.est.start)
                chain = _Chain(group.score + (before.total if before else 0.0), group, before)
                waiting.setdefault(group.ref.stop - 1, []).append(chain)
            row, groups = next(by_row, (num_ref, iter(())))
        for chain in waiting.pop(i, ()):
            _insert(tree, chain)
    last = _prefix_best(tree, num_est)
    chosen = []
    while last is not None:
        chosen.append(last.group)
        last = last.before
    return chosen[::-1]


def _prefix_best(tree: list[_Chain | None], num_columns: int) -> _Chain | None:
    """The best chain that uses only the first ``num_columns`` estimated units (Fenwick tree of maxima)."""
    best = None
    while num_columns > 0:
        best = _better(best, tree[num_columns])
        num_columns &= num_columns - 1
    return best


def _insert(tree: list[_Chain | None], chain: _Chain) -> None:
    column = chain.group.est.stop
    while column < len(tree):
        tree[column] = _better(tree[column], chain)
        column += column & -column


def _better(a: _Chain | None, b: _Chain | None) -> _Chain | None:
    if a is None or b is None:
        return a or b
    if a.total != b.total:
        return a if a.total > b.total else b
    return a if (a.group.ref.stop, a.group.est.stop) <= (b.group.ref.stop, b.group.est.stop) else b
