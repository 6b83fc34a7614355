"""How a person changes a script: on the revision that they saw, joined with what others changed meanwhile; undone, redone, restored.

Whoever changes something says which revision they looked at. If there is a newer one by then, what they did is found and done to that one.
What both changed differently is nobody's to choose but theirs: nothing is stored, and both versions are told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from omniscript_mam import corrections as pure
from omniscript_mam.corrections import Applied, Correction, Difference
from omniscript_mam.errors import CharacterError, ConflictError, NotFoundError, RevisionConflictError
from omniscript_mam.models import Asset, ScriptRevision
from omniscript_mam.script import Script, ScriptValidationError, from_data
from omniscript_mam.selectors.revisions import PERSON, corrections_of, revision_row, steps_of
from omniscript_mam.viewer import Viewer

from .scripts import Held, Kind, held

MAX_TOLD = 20
"""Differences that a conflict tells, at most."""


@dataclass(frozen=True)
class Corrected:
    """The revision that is current now, and the parts that were corrected, in order (ids as they are now)."""

    revision: int
    part_ids: tuple[str, ...] = ()

    @property
    def part_id(self) -> str:
        """The part that was corrected first."""
        return self.part_ids[0]


def correct(viewer: Viewer, asset: Asset, change: Callable[[Script], str], *, revision: int) -> Corrected:
    """Change the script that a person saw.

    Args:
        change: changes the script in place and returns what was done, in words.
        revision: the number of the script that the person saw.

    Raises:
        ForbiddenError.
        NotFoundError: there is no script, or no such revision.
        RevisionConflictError: somebody else changed the same meanwhile; nothing is changed.
        CharacterError: the script would break a rule.
        Whatever ``change`` raises; nothing is changed.
    """
    with held(viewer, asset) as place:
        current, seen = _current(place), _seen(place, revision)
        before, mine = from_data(seen.document), from_data(seen.document)
        note = change(mine)
        made = pure.difference(before, mine)
        if not made.corrections:
            return Corrected(current.number)
        script, part_ids = mine, [each.part_id for each in made.corrections]
        if current.number != seen.number:
            done = _joined(place, seen, before, made)
            script, part_ids = done.script, [each.part_id for each in done.corrections]
            made = pure.difference(from_data(current.document), script)
        if made.corrections:  # somebody else may have done the very same
            current = _store(place, script, _corrected_list(place, made), Kind.CORRECTED, note)
        return Corrected(current.number, tuple(part_ids))


def undo(viewer: Viewer, asset: Asset, *, revision: int) -> ScriptRevision:
    """Take the last correction back that is not taken back yet: the script before it becomes a new revision.

    Raises:
        ForbiddenError, NotFoundError, RevisionConflictError; ConflictError: there is nothing to undo.
    """
    with held(viewer, asset) as place:
        _must_be_current(place, revision)
        steps = steps_of(viewer, asset.id)
        if not steps.undo:
            raise ConflictError("There is no correction to undo.", remedy="Only what people did to this script can be taken back.")
        return _bring_back(place, steps.undo, Kind.UNDONE, f"Undone: {revision_row(viewer, asset.id, steps.undoes).note}")


def redo(viewer: Viewer, asset: Asset, *, revision: int) -> ScriptRevision:
    """Do again what was undone last.

    Raises:
        ForbiddenError, NotFoundError, RevisionConflictError; ConflictError: there is nothing to redo.
    """
    with held(viewer, asset) as place:
        _must_be_current(place, revision)
        steps = steps_of(viewer, asset.id)
        if not steps.redo:
            raise ConflictError("There is nothing to redo.", remedy="A new correction ends what could be redone; the history has it all.")
        return _bring_back(place, steps.redo, Kind.REDONE, f"Redone: {revision_row(viewer, asset.id, steps.redoes).note}")


def restore(viewer: Viewer, asset: Asset, number: int, *, revision: int) -> ScriptRevision:
    """Make an old revision, with the corrections that held with it, the current one again; that can be undone.

    Raises:
        ForbiddenError, NotFoundError, RevisionConflictError
    """
    with held(viewer, asset) as place:
        _must_be_current(place, revision)
        return _bring_back(place, number, Kind.RESTORED, f"Revision {number} restored")


def dismiss(viewer: Viewer, asset: Asset, key: str, *, revision: int) -> ScriptRevision:
    """Give a correction up that does not fit the script; that can be undone.

    Raises:
        ForbiddenError, NotFoundError, RevisionConflictError
    """
    with held(viewer, asset) as place:
        _must_be_current(place, revision)
        said, chosen = _waiting(place, key)
        rest = [each for each in said if each.key != key]
        script = from_data(_current(place).document)
        return _store(place, script, rest, Kind.CORRECTED, f"Correction given up: {_in_short(chosen)}")


def assign(viewer: Viewer, asset: Asset, key: str, part_id: str, *, revision: int) -> ScriptRevision:
    """Put a correction that does not fit by itself into the part of the script that a person chose for it.

    Raises:
        ForbiddenError, NotFoundError, RevisionConflictError; ConflictError: it does not fit there either.
    """
    with held(viewer, asset) as place:
        _must_be_current(place, revision)
        said, chosen = _waiting(place, key)
        done = pure.apply_to(chosen, from_data(_current(place).document), part_id)
        (placed,) = done.corrections
        if placed.problem:
            raise ConflictError(f"It does not fit there: {placed.problem}", remedy="Choose another part, or give it up.")
        rest = [placed if each.key == key else each for each in said]
        rest = [each.model_copy(update={"part_id": done.ids.get(each.part_id, each.part_id)}) for each in rest]
        return _store(place, done.script, rest, Kind.CORRECTED, f"Correction put in: {_in_short(placed)}")


def _corrected_list(place: Held, made: Difference) -> list[Correction]:
    """The corrections that hold once ``made`` is stored."""
    at = timezone.now().isoformat(timespec="seconds")
    return pure.add_to(corrections_of(place.viewer, _current(place)), made, author=place.viewer.name, at=at, revision=place.next_number)


def _in_short(correction: Correction) -> str:
    """A correction in a few words."""
    change = pure.in_words(correction)
    return f"{change.what}, {change.field}: {change.after}"[:200]


def _joined(place: Held, seen: ScriptRevision, before: Script, made: Difference) -> Applied:
    """What a person did to the revision they saw, done to the current one."""
    current = _current(place)
    now = from_data(current.document)
    theirs = pure.difference(before, now) if seen.lineage == current.lineage else None
    done = pure.rebase(made.corrections, now, theirs)
    if done.conflicts:
        _conflict(place, seen, [_both(place, correction, value) for correction, value in done.conflicts])
    return done


def _both(place: Held, correction: Correction, now: Any) -> dict[str, str]:
    mine = pure.in_words(correction)
    if now is None:
        return {"what": mine.what, "field": mine.field, "yours": mine.after, "theirs": "", "by": "", "why": correction.problem}
    theirs = pure.in_words(correction.model_copy(update={"value": now})).after if correction.kind == "value" else str(now)
    revision = place.asset.revisions.filter(kind=Kind.CORRECTED).order_by("-number").first()
    by = next(
        (each.author for each in reversed(corrections_of(place.viewer, _current(place))) if each.value == now),
        revision.author if revision else "",
    )
    return {"what": mine.what, "field": mine.field, "yours": mine.after, "theirs": theirs, "by": by or "a person", "why": ""}


def _conflict(place: Held, seen: ScriptRevision, conflicts: list[dict[str, str]]) -> None:
    current = _current(place)
    raise RevisionConflictError(
        f"The script was changed meanwhile: it is at revision {current.number}, you saw {seen.number}.",
        current.number,
        conflicts[:MAX_TOLD],
    )


def _must_be_current(place: Held, revision: int) -> None:
    """Undo and its like are about the whole script: whoever asks must have seen the current one."""
    seen, current = _seen(place, revision), _current(place)
    if seen.number != current.number:
        is_one = seen.lineage == current.lineage
        told = pure.compare(from_data(seen.document), from_data(current.document), is_one_lineage=is_one)
        names = ("what", "field", "yours", "theirs", "by", "why")
        rows = [(each.what, each.field, each.before, each.after, each.by, "") for each in told]
        _conflict(place, seen, [dict(zip(names, row, strict=True)) for row in rows])


def _current(place: Held) -> ScriptRevision:
    if place.current is None:
        raise NotFoundError(f"“{place.asset.title}” has no script yet.", remedy="Look at its job.")
    return place.current


def _seen(place: Held, number: int) -> ScriptRevision:
    current = _current(place)
    if number == current.number:
        return current
    if not 0 < number < current.number:
        raise RevisionConflictError(f"The script is at revision {current.number}; you named {number}.", current.number)
    return revision_row(place.viewer, place.asset.id, number)


def _waiting(place: Held, key: str) -> tuple[list[Correction], Correction]:
    said = corrections_of(place.viewer, _current(place))
    chosen = next((each for each in said if each.key == key and each.problem), None)
    if chosen is None:
        raise NotFoundError("No correction of that name waits for a decision.", remedy="Look at the list of corrections again.")
    return said, chosen


def _bring_back(place: Held, number: int, kind: str, note: str) -> ScriptRevision:
    old = revision_row(place.viewer, place.asset.id, number)
    row = ScriptRevision(
        writer=PERSON, writer_version=place.viewer.name[:100], note=note[:500], kind=kind, restores=number, lineage=old.lineage
    )
    return place.append(from_data(old.document), corrections_of(place.viewer, old), row)


def _store(place: Held, script: Script, said: list[Correction], kind: str, note: str) -> ScriptRevision:
    row = ScriptRevision(writer=PERSON, writer_version=place.viewer.name[:100], note=note[:500], kind=kind, lineage=_current(place).lineage)
    try:
        return place.append(script, said, row)
    except ScriptValidationError as error:
        raise CharacterError(f"The script would break a rule: {error}", remedy="Change something else.") from error
