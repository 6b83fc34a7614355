"""What a merge of two people would change, before it is done."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from omniscript_mam.corrections import Change, merge_people, who_stays
from omniscript_mam.errors import CharacterError, NotFoundError
from omniscript_mam.script import Character, Script, from_data
from omniscript_mam.viewer import Viewer

from .visible import visible_revisions


@dataclass(frozen=True)
class Merge:
    """Two who become one.

    Attributes:
        num_lines, num_events: what the one who goes says and does, and the other one will have said and done.
        changes: what changes in the profile of the one who stays, and which ties go.
    """

    stays_id: str
    stays: str
    goes_id: str
    goes: str
    num_lines: int
    num_events: int
    changes: tuple[Change, ...]


def merge_preview(viewer: Viewer, asset_id: uuid.UUID | str, gone_id: str, into_id: str) -> Merge:
    """What a merge would change in the current script.

    Raises:
        NotFoundError, CharacterError
    """
    revision = visible_revisions(viewer).filter(asset_id=asset_id).order_by("-number").first()
    if revision is None:
        raise NotFoundError("There is no script yet.", remedy="Look at the film's job.")
    script = from_data(revision.document)
    goes, stays = who_stays(*(_person(script, identifier) for identifier in (gone_id, into_id)))
    if goes is stays:
        raise CharacterError(f"{goes.name} is the same person already.", remedy="Choose somebody else.")
    before, num_ties = stays.model_copy(deep=True), len(script.relationships)
    events = [event for event in script.events() if event.character_id == goes.id]
    merge_people(script, goes, stays)
    fields = (("aliases", "other names"), ("appearance", "looks"), ("voice", "voice"), ("personality", "character"))
    texts = [(words, _text(getattr(before, name)), _text(getattr(stays, name))) for name, words in fields]
    changes = [Change(stays.name, words, old, new) for words, old, new in texts if old != new]
    lost = [(words, _text(getattr(goes, name))) for name, words in fields[1:] if getattr(goes, name) not in ("", getattr(stays, name))]
    changes += [Change(goes.name, words, text, "") for words, text in lost]
    if num_ties != len(script.relationships):
        changes.append(Change(stays.name, "ties", str(num_ties), str(len(script.relationships))))
    num_lines = sum(bool(event.dialogue) for event in events)
    return Merge(stays.id, stays.name, goes.id, goes.name, num_lines, len(events), tuple(changes))


def _person(script: Script, character_id: str) -> Character:
    person = script.character(character_id)
    if person is None:
        raise NotFoundError(f"There is no character {character_id}.", remedy="Choose one of this script.")
    return person


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
