"""The list of corrections beside a revision: a newer one takes the place of an older one of the same field or part."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from omniscript_mam.script import Script

from .differing import Difference
from .records import Correction, anchor_of
from .whole import TYPES


def add_to(known: Iterable[Correction], made: Difference, *, author: str, at: str, revision: int) -> list[Correction]:
    """The corrections that hold after a person made others.

    What is corrected again keeps what stood there before the first correction. A part that is gone hands its corrections on to who it
    became. What is corrected in a part that a person added is a part of what they added; what is taken away again was never added.

    Args:
        author, at, revision: who made them (where the document does not say), when (ISO 8601) and with which revision.
    """
    held = [each.model_copy(update={"part_id": made.ids.get(each.part_id, each.part_id)}) for each in known]
    for number, correction in enumerate(made.corrections):
        part_id = made.ids.get(correction.part_id, correction.part_id)
        signed: dict[str, Any] = {"author": correction.author or author, "at": at, "revision": revision, "part_id": part_id, "problem": ""}
        signed["key"] = hashlib.sha256(f"{revision}.{number}.{at}".encode()).hexdigest()[:12]
        whole = next((each for each in held if each.kind == "added" and _is_of(each, correction, part_id)), None)
        if correction.kind == "removed":
            held = [each for each in held if each.kind == "same" or not _is_of(each, correction, part_id)]
            if whole is not None:
                continue
        elif whole is not None and correction.kind == "value" and correction.where.kind != "character":
            held[held.index(whole)] = _with_value(whole, correction, signed)
            continue
        older = next((each for each in held if _is_same(each, correction, part_id)), None)
        if older is not None:
            held.remove(older)
            signed["before"] = older.before
        held.append(correction.model_copy(update=signed))
    return held


def _is_of(older: Correction, newer: Correction, part_id: str) -> bool:
    """Both are about the same part, and the older one is in the script."""
    return older.where.kind == newer.where.kind and not older.problem and older.part_id == part_id


def _is_same(older: Correction, newer: Correction, part_id: str) -> bool:
    """Both are about the same field of it."""
    return _is_of(older, newer, part_id) and older.field == newer.field and older.kind == newer.kind == "value"


def _with_value(whole: Correction, correction: Correction, signed: dict[str, Any]) -> Correction:
    """A part that was added, with a field of it corrected since."""
    by = {"writer": "person", "version": signed["author"]}
    value = {**whole.value, correction.field: correction.value}
    value["provenance"] = {**value.get("provenance", {}), correction.field: by}
    part = TYPES[whole.where.kind].model_validate(value)
    where = whole.where if whole.where.kind == "relationship" else anchor_of(Script(), part)
    people = {each.id: each for each in (*whole.people, *correction.people)}
    return whole.model_copy(update={"value": value, "where": where, "people": tuple(people.values()), "at": signed["at"]})
