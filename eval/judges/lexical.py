"""Judges that need nothing: exact equality, and normalised edit similarity."""

from __future__ import annotations

from collections.abc import Sequence

from eval.text import similarity

from .base import Pair


class ExactJudge:
    """1 for equal texts, else 0: for names after mapping (paper, section 4.1.3)."""

    name = "exact"

    def prepare(self, field: str, pairs: Sequence[Pair]) -> None:
        """Nothing to prepare."""

    def matrix(self, field: str, ref_items: Sequence[str], est_items: Sequence[str]) -> list[list[float]]:
        """Equality of every pair."""
        return [[float(ref == est) for est in est_items] for ref in ref_items]


class LexicalJudge:
    """1 − Levenshtein ÷ longer length: for dialogue (paper, section 4.1.3), for tests, and for comparing implementations."""

    name = "lexical"

    def prepare(self, field: str, pairs: Sequence[Pair]) -> None:
        """Nothing to prepare."""

    def matrix(self, field: str, ref_items: Sequence[str], est_items: Sequence[str]) -> list[list[float]]:
        """Edit similarity of every pair."""
        return [[similarity(ref, est) for est in est_items] for ref in ref_items]
