"""The list of corrections beside a revision: a newer one takes the place of an older one of the same field."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from .differing import Difference
from .records import Correction


def add_to(known: Iterable[Correction], made: Difference, *, author: str, at: str, revision: int) -> list[Correction]:
    """The corrections that hold after a person made others.

    What is corrected again keeps what stood there before the first correction. A part that is gone hands its
    corrections on to who it became.

    Args:
        author, at, revision: who made them (where the document does not say), when (ISO 8601) and with which revision.
    """
    held = [each.model_copy(update={"part_id": made.ids.get(each.part_id, each.part_id)}) for each in known]
    for number, correction in enumerate(made.corrections):
        part_id = made.ids.get(correction.part_id, correction.part_id)
        older = next((each for each in held if _is_same(each, correction, part_id)), None)
        signed = {"author": correction.author or author, "at": at, "revision": revision, "part_id": part_id, "problem": ""}
        signed["key"] = hashlib.sha256(f"{revision}.{number}.{at}".encode()).hexdigest()[:12]
        if older is not None:
            held.remove(older)
            signed["before"] = older.before
        held.append(correction.model_copy(update=signed))
    return held


def _is_same(older: Correction, newer: Correction, part_id: str) -> bool:
    """Both are about the same field of the same part, and the older one is in the script."""
    fields = (older.kind, older.where.kind, older.field) == (newer.kind, newer.where.kind, newer.field)
    return fields and newer.kind == "value" and not older.problem and older.part_id == part_id
