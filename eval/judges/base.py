"""What a judge is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

Pair = tuple[list[str], list[str]]
"""Reference items and estimated items of one group."""


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
