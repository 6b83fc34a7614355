"""Field scores: is what the aligned groups say right (paper, section 4.1.3)?

Within a group and a field, the texts of one character are joined in time order into one *item*; different characters are different
items. Items are matched one to one, best first. S_group is the sum of the matched similarities, and

    precision = Σ S_group / Σ N_pred     recall = Σ S_group / Σ N_gt     F1 = harmonic mean          (eq. 5)

N_gt runs over all reference units, missed ones included. Over a data set, numerators and denominators add.

Which way each departure from the paper pushes the figures:

    down  N_pred runs over all estimated units, invented ones included; the paper's sentence that names aligned groups alone (4.1.3) is
          ``precision_over="aligned"``;
    up    pairs that a judge could not score are left out of numerators and denominators, and counted beside them;
    up    a field without an item on either side of the whole data set is left out of Overall instead of counting as 0 (:mod:`.score`).

Contents: :class:`FieldCount`, :func:`validate`, :func:`items`, :func:`group_score`, :func:`evaluate`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from .alignment import Group, validate_groups
from .inputs import Unit
from .judges import Judge

PrecisionOver = Literal["all", "aligned"]


@dataclass(frozen=True)
class FieldCount:
    """Sums of one field: matched similarity, items on each side, and pairs that the judge could not score (left out of the rest)."""

    score: float = 0.0
    num_ref: int = 0
    num_est: int = 0
    num_unjudged: int = 0

    def __add__(self, other: FieldCount) -> FieldCount:
        return FieldCount(
            self.score + other.score,
            self.num_ref + other.num_ref,
            self.num_est + other.num_est,
            self.num_unjudged + other.num_unjudged,
        )

    @property
    def is_present(self) -> bool:
        return bool(self.num_ref or self.num_est)

    @property
    def precision(self) -> float:
        return self.score / self.num_est if self.num_est else 0.0

    @property
    def recall(self) -> float:
        return self.score / self.num_ref if self.num_ref else 0.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0


def validate(ref: Sequence[Unit], est: Sequence[Unit], groups: Sequence[Group]) -> None:
    """Check that the groups are the whole alignment: a unit left out would be neither missed nor invented.

    Raises:
        UnitsError: naming the side.
    """
    validate_groups(ref, est, groups)


def items(units: Sequence[Unit], name: str, *, per_character: bool = True) -> list[str]:
    """The items of one side of a group, in time order.

    ``character`` gives the distinct names. ``per_character=False`` (scenes) gives the distinct texts.
    """
    if name == "character" or not per_character:
        return list(dict.fromkeys(text for text in (unit.text(name) for unit in units) if text))
    joined: dict[str, str] = {}
    for unit in units:
        text = unit.text(name)
        if text:
            joined[unit.character] = f"{joined[unit.character]} {text}" if unit.character in joined else text
    return list(joined.values())


def group_score(matrix: Sequence[Sequence[float]]) -> float:
    """S_group: greedy one-to-one matching of a similarity matrix (num_ref, num_est) in [0, 1], by descending similarity.

    The sum of the matched similarities, at most ``min(num_ref, num_est)``.
    """
    pairs = sorted(((-value, i, j) for i, row in enumerate(matrix) for j, value in enumerate(row)))
    rows: set[int] = set()
    columns: set[int] = set()
    total = 0.0
    for value, i, j in pairs:
        if i not in rows and j not in columns:
            rows.add(i)
            columns.add(j)
            total -= value
    return total


def evaluate(
    ref: Sequence[Unit],
    est: Sequence[Unit],
    groups: Sequence[Group],
    judges: Mapping[str, Judge],
    *,
    per_character: bool = True,
    precision_over: PrecisionOver = "all",
) -> dict[str, FieldCount]:
    """Counts per field over one script.

    Args:
        groups: the whole alignment, left-over units included.
        judges: field → judge of its items.
        per_character: join by character (events) or take distinct texts (scenes).

    Raises:
        UnitsError: see :func:`validate`.
        JudgeError: a judge answered out of range; a judge that fails counts its items as unjudged instead.
    """
    validate(ref, est, groups)
    return {name: _field(name, ref, est, groups, judge, per_character, precision_over) for name, judge in judges.items()}


def _field(
    name: str,
    ref: Sequence[Unit],
    est: Sequence[Unit],
    groups: Sequence[Group],
    judge: Judge,
    per_character: bool,
    precision_over: PrecisionOver,
) -> FieldCount:
    sides = [
        (
            items([ref[i] for i in group.ref], name, per_character=per_character),
            items([est[j] for j in group.est], name, per_character=per_character),
        )
        for group in groups
    ]
    judge.prepare(name, [pair for pair in sides if pair[0] and pair[1]])
    total = FieldCount()
    for group, (ref_items, est_items) in zip(groups, sides, strict=True):
        if not group.is_aligned:
            counted = len(est_items) if precision_over == "all" else 0
            total += FieldCount(0.0, len(ref_items), counted)
        elif ref_items and est_items:
            matrix = judge.matrix(name, ref_items, est_items)
            if matrix is None:
                total += FieldCount(num_unjudged=len(ref_items) * len(est_items))
            else:
                total += FieldCount(group_score(matrix), len(ref_items), len(est_items))
        else:
            total += FieldCount(0.0, len(ref_items), len(est_items))
    return total
