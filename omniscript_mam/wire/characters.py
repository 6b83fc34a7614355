"""Answers to corrections on the wire."""

from __future__ import annotations

from typing import TypedDict


class UndoWire(TypedDict):
    """The number of the revision that is current now."""

    revision: int


class CorrectionWire(UndoWire):
    """The character's id from now on (a first name changes it), and the number of the revision that is current now."""

    id: str


def correction_wire(character_id: str, revision: int) -> CorrectionWire:
    """What a correction of a character answers."""
    return CorrectionWire(id=character_id, revision=revision)


def undo_wire(revision: int) -> UndoWire:
    """What taking a correction back answers."""
    return UndoWire(revision=revision)
