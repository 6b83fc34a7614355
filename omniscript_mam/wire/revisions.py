"""The history of a script on the wire: revisions, comparisons, what people corrected."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TypedDict

from omniscript_mam.corrections import Change
from omniscript_mam.selectors.assets import RevisionRow
from omniscript_mam.selectors.people import Merge
from omniscript_mam.selectors.revisions import CorrectionRow, Steps


class RevisionWire(TypedDict):
    """One revision; ``restores`` is the one whose script it brings back (0: none)."""

    number: int
    kind: str
    restores: int
    writer: str
    writer_version: str
    author: str
    note: str
    created_at: datetime


class HistoryWire(TypedDict):
    """All revisions, newest first; ``undo`` and ``redo`` are those that these lead to (0: nowhere)."""

    revision: int
    undo: int
    redo: int
    results: list[RevisionWire]


class ChangeWire(TypedDict):
    """One line of a comparison; ``at_s`` where it is in the film, ``by`` a person or ""."""

    what: str
    field: str
    before: str
    after: str
    at_s: float | None
    by: str


class ComparisonWire(TypedDict):
    """What differs between two revisions."""

    before: int
    after: int
    results: list[ChangeWire]


class ChoiceWire(TypedDict):
    """A part of the script that a waiting correction may mean."""

    id: str
    words: str


class CorrectionRowWire(ChangeWire):
    """A correction. ``problem`` says why it is not in the script ("": it is, in the part ``part_id``)."""

    key: str
    author: str
    made_at: str
    revision: int
    part_id: str
    problem: str
    choices: list[ChoiceWire]


class CorrectionsWire(TypedDict):
    """Every correction that holds; those that wait for a decision come first."""

    num_waiting: int
    results: list[CorrectionRowWire]


class MergeWire(TypedDict):
    """What a merge would change."""

    stays: str
    goes: str
    num_lines: int
    num_events: int
    results: list[ChangeWire]


def history_wire(rows: Iterable[RevisionRow], steps: Steps) -> HistoryWire:
    """The history of a script."""
    results = [
        RevisionWire(
            number=row.number, kind=row.kind, restores=row.restores, writer=row.writer, writer_version=row.writer_version,
            author=row.author, note=row.note, created_at=row.created_at,
        )
        for row in rows
    ]  # fmt: skip
    return HistoryWire(revision=results[0]["number"] if results else 0, undo=steps.undo, redo=steps.redo, results=results)


def change_wire(change: Change) -> ChangeWire:
    """One line of a comparison."""
    return ChangeWire(what=change.what, field=change.field, before=change.before, after=change.after, at_s=change.at_s, by=change.by)


def comparison_wire(before: int, after: int, changes: Iterable[Change]) -> ComparisonWire:
    """What differs between two revisions."""
    return ComparisonWire(before=before, after=after, results=[change_wire(change) for change in changes])


def corrections_wire(rows: Iterable[CorrectionRow]) -> CorrectionsWire:
    """Every correction that holds."""
    results = [
        CorrectionRowWire(
            **change_wire(row.change), key=row.correction.key, author=row.correction.author, made_at=row.correction.at,
            revision=row.correction.revision, part_id=row.correction.part_id, problem=row.correction.problem,
            choices=[ChoiceWire(id=part_id, words=words) for part_id, words in row.choices],
        )
        for row in rows
    ]  # fmt: skip
    return CorrectionsWire(num_waiting=sum(bool(row["problem"]) for row in results), results=results)


def merge_wire(merge: Merge) -> MergeWire:
    """What a merge would change."""
    return MergeWire(
        stays=merge.stays_id,
        goes=merge.goes_id,
        num_lines=merge.num_lines,
        num_events=merge.num_events,
        results=[change_wire(change) for change in merge.changes],
    )
