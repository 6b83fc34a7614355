"""Revisions of a script in words: who wrote each, whether a person corrected it, what differs between two, what waits for a decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from omniscript_mam.corrections import Change
from omniscript_mam.selectors.assets import RevisionRow
from omniscript_mam.selectors.revisions import CorrectionRow

from .clock import Clock, elapsed

MAX_CHANGES = 500
"""Lines of a comparison that are shown."""


@dataclass(frozen=True)
class RevisionLine:
    """One revision. ``who`` is a writer with its version, or the person; ``is_correction`` if a person made it."""

    number: int
    who: str
    note: str
    created_at: datetime
    is_correction: bool


@dataclass(frozen=True)
class ChangeLine:
    """One difference. ``at`` is when it is in the film ("": all of it), in the page's clock."""

    what: str
    field: str
    before: str
    after: str
    by: str
    at: str


@dataclass(frozen=True)
class CorrectionLine:
    """A correction. ``problem`` says why it waits; ``choices`` what it may mean (id, words)."""

    key: str
    change: ChangeLine
    revision: int
    problem: str
    choices: tuple[tuple[str, str], ...]


def revision_lines(rows: Iterable[RevisionRow]) -> list[RevisionLine]:
    """Revisions, newest first."""
    return [RevisionLine(row.number, _who(row), row.note, row.created_at, row.writer == "person") for row in rows]


def change_lines(changes: Iterable[Change], clock: Clock) -> list[ChangeLine]:
    """A comparison, at most :data:`MAX_CHANGES` lines of it."""
    return [change_line(change, clock) for change in changes][:MAX_CHANGES]


def change_line(change: Change, clock: Clock) -> ChangeLine:
    """One difference."""
    at = "" if change.at_s is None else elapsed(change.at_s)
    return ChangeLine(change.what, change.field, change.before, change.after, change.by, at)


def correction_lines(rows: Iterable[CorrectionRow], clock: Clock) -> list[CorrectionLine]:
    """What people corrected, those that wait first."""
    return [
        CorrectionLine(row.correction.key, change_line(row.change, clock), row.correction.revision, row.correction.problem, row.choices)
        for row in rows
    ]


def _who(row: RevisionRow) -> str:
    return (row.author or "a person") if row.writer == "person" else f"{row.writer} {row.writer_version}".strip()
