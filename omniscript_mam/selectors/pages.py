"""A page of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Rows ``offset`` to ``offset + len(rows)`` of ``total``."""

    rows: tuple[Row, ...]
    total: int
    offset: int = 0
    limit: int = 24

    @property
    def next_offset(self) -> int | None:
        """Where the next page starts, or ``None`` after the last."""
        return self.offset + self.limit if self.offset + self.limit < self.total else None

    @property
    def previous_offset(self) -> int | None:
        """Where the page before starts, or ``None`` on the first."""
        return max(0, self.offset - self.limit) if self.offset else None
