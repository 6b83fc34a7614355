"""What a merge of two people would change, before it is done."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from omniscript_mam.corrections import Change, merge_people
from omniscript_mam.errors import CharacterError, NotFoundError
from omniscript_mam.models import ScriptRevision
from omniscript_mam.script import Character, Script, from_data


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


def who_stays(script: Script, gone_id: str, into_id: str) -> tuple[Character, Character]:
    """Who becomes whom if two are merged: the one who goes, the one who stays. A name outlives a label.

    Raises:
        NotFoundError: one of them is not in the script. CharacterError: both are the same.
    """
    gone, kept = script.character(gone_id), script.character(into_id)
    for identifier, person in ((gone_id, gone), (into_id, kept)):
        if person is None:
            raise NotFoundError(f"There is no character {identifier}.", remedy="Choose one of this script.")
    if gone is None or kept is None or kept is gone:
        raise CharacterError("It is the same person already.", remedy="Choose somebody else.")
    return (kept, gone) if gone.named and not kept.named else (gone, kept)


def merge_preview(asset_id: uuid.UUID | str, gone_id: str, into_id: str) -> Merge:
    """What a merge would change in the current script.

    Raises:
        NotFoundError, CharacterError
    """
    revision = ScriptRevision.objects.filter(asset_id=asset_id).order_by("-number").first()
    if revision is None:
        raise NotFoundError("There is no script yet.", remedy="Look at the film's job.")
    script = from_data(revision.document)
    goes, stays = who_stays(script, gone_id, into_id)
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


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else ", ".join(value)
