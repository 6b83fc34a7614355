"""Revisions of a script in words: who wrote each, and whether a person corrected it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from omniscript_mam.selectors.assets import RevisionRow


@dataclass(frozen=True)
class RevisionLine:
    """One revision. ``who`` is a writer with its version, or the person; ``is_correction`` if a person made it."""

    number: int
    who: str
    note: str
    created_at: datetime
    is_correction: bool


def revision_lines(rows: Iterable[RevisionRow]) -> list[RevisionLine]:
    """Revisions, newest first."""
    return [RevisionLine(row.number, _who(row), row.note, row.created_at, row.writer == "person") for row in rows]


def _who(row: RevisionRow) -> str:
    return (row.author or "a person") if row.writer == "person" else f"{row.writer} {row.writer_version}".strip()
