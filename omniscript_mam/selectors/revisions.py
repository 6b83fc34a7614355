"""The history of a script: its revisions, what can be undone and redone, what people corrected and what of it waits for a decision."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from omniscript_mam import corrections as pure
from omniscript_mam.corrections import Change, Correction
from omniscript_mam.errors import NotFoundError
from omniscript_mam.models import ScriptRevision
from omniscript_mam.script import Script, TimeRange, from_data
from omniscript_mam.viewer import Viewer

from .visible import visible_revisions

PERSON = "person"
"""What a revision names as its writer when somebody corrected the script."""

MAX_CHOICES = 12
"""Parts that are offered for a correction that waits, nearest first."""


@dataclass(frozen=True)
class Steps:
    """Where undo and redo lead.

    Attributes:
        state: the revision whose document is current (an undone revision shows an earlier one's).
        undo, redo: the revision that would be brought back (0: there is nothing to undo or redo).
        undoes, redoes: the revision whose change that is.
    """

    state: int = 0
    undo: int = 0
    redo: int = 0
    undoes: int = 0
    redoes: int = 0


@dataclass(frozen=True)
class CorrectionRow:
    """A correction in words. ``choices``: parts that it may mean (id, words), where it waits for a decision."""

    correction: Correction
    change: Change
    choices: tuple[tuple[str, str], ...] = ()


def steps_of(viewer: Viewer, asset_id: uuid.UUID | str) -> Steps:
    """Where undo and redo lead from the current revision."""
    rows = visible_revisions(viewer).filter(asset_id=asset_id).order_by("number")
    return _steps_along(rows.values_list("number", "kind", "restores"))


def _steps_along(rows: Iterable[tuple[int, str, int]]) -> Steps:
    """As an editor does it: every change can be undone, back to what a writer wrote; a new change forgets what could be redone.

    Args:
        rows: number, kind and what is restored of every revision, oldest first.
    """
    kinds = ScriptRevision.Kind
    state, past, future = 0, list[int](), list[int]()
    for number, kind, restores in rows:
        if kind == kinds.UNDONE and past and past[-1] == restores:
            future.append(state)
            state = past.pop()
        elif kind == kinds.REDONE and future and future[-1] == restores:
            past.append(state)
            state = future.pop()
        else:
            past = [] if kind == kinds.WRITTEN else [*past, state]
            state, future = number, []
    return Steps(state, past[-1] if past else 0, future[-1] if future else 0, state if past else 0, future[-1] if future else 0)


def revision_row(viewer: Viewer, asset_id: uuid.UUID | str, number: int) -> ScriptRevision:
    """One revision.

    Raises:
        NotFoundError
    """
    revision = visible_revisions(viewer).filter(asset_id=asset_id, number=number).first() if number < 2**31 else None
    if revision is None:
        raise NotFoundError(f"There is no revision {number}.", remedy="Look at the history of the script.")
    return revision


def compare_revisions(viewer: Viewer, asset_id: uuid.UUID | str, before: int, after: int) -> list[Change]:
    """What differs between two revisions, in words.

    Raises:
        NotFoundError
    """
    one, other = revision_row(viewer, asset_id, before), revision_row(viewer, asset_id, after)
    return pure.compare(from_data(one.document), from_data(other.document), is_one_lineage=one.lineage == other.lineage)


def corrections_of(viewer: Viewer, revision: ScriptRevision) -> list[Correction]:
    """What people said of the film as far as it holds with a revision; of one that an earlier release stored, read off the documents."""
    if revision.corrections is not None:
        return pure.loads(revision.corrections)
    written = visible_revisions(viewer).filter(asset_id=revision.asset_id, number=revision.lineage).first()
    if written is None or written.number == revision.number:
        return []
    made = pure.difference(from_data(written.document), from_data(revision.document))
    return pure.add_to([], made, author=revision.author, at=revision.created_at.isoformat(), revision=revision.number)


def correction_rows(viewer: Viewer, asset_id: uuid.UUID | str) -> list[CorrectionRow]:
    """The corrections that hold now, those that wait for a decision first."""
    revision = visible_revisions(viewer).filter(asset_id=asset_id).order_by("-number").first()
    if revision is None:
        return []
    script = from_data(revision.document)
    rows: list[CorrectionRow] = [
        CorrectionRow(each, pure.in_words(each, script, script), _choices_for(each, script) if each.problem else ())
        for each in corrections_of(viewer, revision)
    ]
    return sorted(rows, key=lambda row: row.correction.problem == "")


def num_waiting(viewer: Viewer, asset_id: uuid.UUID | str) -> int:
    """How many corrections do not fit the current script and wait for a decision."""
    said = visible_revisions(viewer).filter(asset_id=asset_id).order_by("-number").values_list("corrections", flat=True).first()
    return sum(bool(each.get("problem")) for each in said or [])


def _choices_for(correction: Correction, script: Script) -> tuple[tuple[str, str], ...]:
    """Parts of a script that a correction which does not fit by itself may mean."""
    kind = correction.where.kind
    if correction.kind == "added":  # it is whole: all it can lack is whom it names
        kind = "character" if correction.problem == pure.PERSON_GONE else "meta"
    if kind == "character":
        return tuple((person.id, person.name) for person in script.characters)
    if kind == "relationship":
        ties = ((f"{script.character_name(tie.source_id)} → {script.character_name(tie.target_id)}", tie) for tie in script.relationships)
        return tuple((pure.key_of(tie), f"{both}: {tie.relation}") for both, tie in ties)
    parts = [part for part in pure.parts_of(script, kind) if isinstance(part, TimeRange)]
    near = sorted(parts, key=lambda part: abs(part.start_s - correction.where.start_s))[:MAX_CHOICES]
    return tuple((pure.key_of(part), f"{int(part.start_s // 60)}:{part.start_s % 60:04.1f} {_gist(part)}") for part in near)


def _gist(part: TimeRange) -> str:
    texts = (str(getattr(part, name, "")) for name in ("dialogue", "action", "audio_cue", "kind", "location", "summary", "description"))
    return next((text[:80] for text in texts if text), "")
