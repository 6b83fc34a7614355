"""What a judge is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

Pair = tuple[list[str], list[str]]
"""Reference items and estimated items of one group."""


class JudgeError(Exception):
    """A judge answered something that is not a similarity; the message names the pair and the remedy is in ``remedy``."""

    code = "eval.judge"
    remedy = "Use another judge model, or report the pair."


class Judge(Protocol):
    """Scores items of one field. ``name`` holds the version, as it is printed beside the figures."""

    name: str

    def prepare(self, field: str, pairs: Sequence[Pair]) -> None:
        """See all pairs of a field before :meth:`matrix` is asked for them one by one (batching, caching)."""

    def matrix(self, field: str, ref_items: Sequence[str], est_items: Sequence[str]) -> list[list[float]] | None:
        """Similarities in [0, 1], a row per reference item; ``None`` if it cannot be judged.

        Raises:
            JudgeError: the answer is out of range.
        """
