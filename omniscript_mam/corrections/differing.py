"""Two documents of one lineage → the corrections that lead from one to the other, and what became of ids.

A correction is found by what it did, not by how it was asked for, so that whoever changes a script (page, API, a restored revision, the
last release) need not say it twice. Merges and first names change many fields at once: they are found first, done to a copy, and only what
then still differs is a correction of a field, or a part that was added or taken away.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from omniscript_mam.script import ENVIRONMENT_ID, Character, Provenance, Scene, Script

from .people import corrected_name, merge_people
from .records import Anchor, Correction, Kind, Part, anchor_of, key_of
from .whole import TYPES, parts_of, people_in, put_in

NOT_FIELDS = {"id", "provenance", "events", "interactions", "named", "naming_evidence"}
"""What follows from other fields, or is none."""

PEOPLE_FIELDS = {"character_id", "active_characters", "source_id", "target_id"}
"""Fields whose value names characters by their ids."""


@dataclass(frozen=True)
class Difference:
    """Corrections in an order in which they can be made; ``ids``: id of a character that is gone → who it became."""

    corrections: list[Correction] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)


def difference(before: Script, after: Script) -> Difference:
    """What a person did between two documents of one lineage."""
    work = before.model_copy(deep=True)
    renamed, merged = _became(before, after)
    corrections = []
    for old_id, new_id in renamed.items():
        person, now = work.character(old_id), after.character(new_id)
        if person is not None and now is not None:
            corrections.append(_value(work, person, "name", now.name, _by(now, "name")).model_copy(update={"part_id": new_id}))
            corrected_name(work, person, now.name, _by(now, "name"), new_id)
    for gone_id, kept_id in merged.items():
        gone, kept = work.character(gone_id), work.character(kept_id)
        if gone is not None and kept is not None:
            people = (anchor_of(work, kept),)
            corrections.append(Correction(kind="same", where=anchor_of(work, gone), people=people, part_id=kept_id))
            merge_people(work, gone, kept)
    for person in work.characters:
        now = after.character(person.id)
        if now is not None and now.name != person.name:
            corrections.append(_value(work, person, "name", now.name, _by(now, "name")))
            corrected_name(work, person, now.name, _by(now, "name"), person.id)
    corrections += [_added(work, after, part) for part in _only_in(after, work, "character")]
    for part in _only_in(after, work, "character"):
        put_in(work, "character", part.model_dump(mode="json"))
    corrections += [_added(work, after, part) for part in _only_in(after, work, "scene")]
    for mine, theirs in _pairs(work, after):
        corrections += [_value(work, mine, name, value, _by(theirs, name)) for name, value in _changed(mine, theirs)]
    corrections += _gone(work, after)
    for kind in ("plot", "event", "interaction", "relationship", "high_point"):
        corrections += [_added(work, after, part) for part in _only_in(after, work, kind)]
    return Difference(corrections, {**renamed, **merged})


def _only_in(one: Script, other: Script, kind: Kind) -> list[Part]:
    known = {key_of(part) for part in parts_of(other, kind)}
    return [part for part in parts_of(one, kind) if key_of(part) not in known]


def _added(work: Script, after: Script, part: Part) -> Correction:
    """``work`` knows the people that the part names as they were, lines and all; the events of a new scene are corrections of their own."""
    value = part.model_dump(mode="json") | ({"events": [], "interactions": []} if isinstance(part, Scene) else {})
    people = tuple(anchor_of(work, person) for each in people_in(value) if (person := work.character(each)) is not None)
    by = next((each.version for each in part.provenance.values() if each.is_person), "")
    return Correction(kind="added", where=anchor_of(after, part), value=value, people=people, author=by, part_id=key_of(part))


def _gone(work: Script, after: Script) -> Iterator[Correction]:
    """What is not there any more: first what names people, then these. A scene takes its events along if none of them is elsewhere."""
    left: set[tuple[Kind, str]] = {("event", event.id) for event in after.events()}
    left |= {("interaction", each.id) for each in after.interactions()}
    with_scene: set[tuple[Kind, str]] = set()
    kinds: list[Kind] = ["relationship", "high_point", "plot", "scene", "event", "interaction", "character"]
    for kind in kinds:
        for part in _only_in(work, after, kind):
            if (kind, key_of(part)) in with_scene:
                continue
            before = part.model_dump(mode="json")
            if isinstance(part, Scene):
                inside: set[tuple[Kind, str]] = {("event", event.id) for event in part.events}
                inside |= {("interaction", each.id) for each in part.interactions}
                with_scene |= set() if inside & left else inside
                before |= {"events": [], "interactions": []} if inside & left else {}
            yield Correction(kind="removed", where=anchor_of(work, part), before=before, part_id=key_of(part))


def value_of(part: Part, name: str) -> Any:
    """A field as plain JSON."""
    return part.model_dump(mode="json", include={name})[name]


def fields_of_part(part: Part) -> list[str]:
    """Names of the fields that a person may correct."""
    return [name for name in type(part).model_fields if name not in NOT_FIELDS]


def _changed(mine: Part, theirs: Part) -> Iterator[tuple[str, Any]]:
    """Fields that differ, and those that a person has made their own as they are."""
    for name in fields_of_part(mine):
        value = value_of(theirs, name)
        was, is_now = mine.provenance.get(name), theirs.provenance.get(name)
        is_claimed = is_now is not None and is_now.is_person and not (was is not None and was.is_person)
        if value != value_of(mine, name) or is_claimed:
            yield name, value


def _pairs(one: Script, other: Script) -> Iterator[tuple[Part, Part]]:
    """Parts of both documents with the same id."""
    yield one.meta, other.meta
    for kind in TYPES:
        theirs = {key_of(part): part for part in parts_of(other, kind)}
        yield from ((part, theirs[key_of(part)]) for part in parts_of(one, kind) if key_of(part) in theirs)


def _value(script: Script, part: Part, name: str, value: Any, by: Provenance) -> Correction:
    people: tuple[Anchor, ...] = ()
    if name in PEOPLE_FIELDS:
        named = [value] if isinstance(value, str) else value
        people = tuple(anchor_of(script, person) for each in named if (person := script.character(each)) is not None)
    return Correction(
        where=anchor_of(script, part),
        field=name,
        before=value_of(part, name),
        value=value,
        people=people,
        author=by.version if by.is_person else "",
        part_id=key_of(part),
    )


def _by(part: Part, name: str) -> Provenance:
    return part.provenance.get(name) or Provenance(writer="person")


def _became(before: Script, after: Script) -> tuple[dict[str, str], dict[str, str]]:
    """Characters that are gone: those that turned into another id, and those that were merged into somebody who was there."""
    known, now = {person.id for person in before.characters}, {person.id: person for person in after.characters}
    whose = {event.id: event.character_id for event in after.events()}
    votes: dict[str, Counter[str]] = {}
    for event in before.events():
        if event.id in whose:
            votes.setdefault(event.character_id, Counter())[whose[event.id]] += 1
    renamed: dict[str, str] = {}
    merged: dict[str, str] = {}
    for gone in (person for person in before.characters if person.id not in now):
        target = _who(gone, votes.get(gone.id, Counter()), after)
        if target in known or target in renamed.values():
            merged[gone.id] = target
        elif target:
            renamed[gone.id] = target
    return renamed, merged


def _who(gone: Character, votes: Counter[str], after: Script) -> str:
    """The id of who a character became; "" if nobody."""
    by_name = [person.id for person in after.characters if gone.name in (person.name, *person.aliases)]
    for identifier, _ in votes.most_common():
        if identifier != ENVIRONMENT_ID and (identifier in by_name or not by_name):
            return identifier
    return by_name[0] if by_name else ""
