"""Two documents in lines that a person reads: what, from, to, by whom. Times are seconds of the film.

Within a lineage parts are paired by id; between two scripts that were written one without the other, by time and words, and what has no
counterpart is said to be gone or new.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from omniscript_mam.script import Character, Event, HighPoint, Interaction, Relationship, Scene, Script

from .differing import PEOPLE_FIELDS, Difference, difference, fields_of_part, value_of
from .locating import Parts
from .records import KINDS, Anchor, Correction, Part, anchor_of
from .whole import TYPES, parts_of

WORDS = {
    "name": "name", "aliases": "other names", "appearance": "looks", "personality": "character", "character_id": "who it is",
    "active_characters": "who is in it", "audio_cue": "sound", "on_screen_text": "text on screen", "voice_type": "kind of voice",
    "source_id": "who does it", "target_id": "to whom",
    "start_s": "start", "end_s": "end", "type": "inside or outside", "time": "time of day",
}  # fmt: skip
"""Names of fields for people, where they are not the field's own."""

MAX_VALUE = 400


@dataclass(frozen=True)
class Change:
    """One line of a comparison. ``at_s`` is when it is in the film (``None``: all of it); ``by`` who, "" for a writer."""

    what: str
    field: str
    before: str
    after: str
    at_s: float | None = None
    by: str = ""


def compare(before: Script, after: Script, *, is_one_lineage: bool) -> list[Change]:
    """What differs, in the order of the document."""
    if is_one_lineage:
        there = difference(before, after)
        back = difference(after, before)  # a person who is there again, after a merge was taken back
        apart = [in_words(each, after, before) for each in back.corrections if each.kind == "same"]
        split = [Change(each.what, "one person or two", each.after, each.before, by=each.by) for each in apart]
        return [*split, *(in_words(each, before, after) for each in _without(there, split))]
    return list(_apart(before, after))


def in_words(correction: Correction, before: Script | None = None, after: Script | None = None) -> Change:
    """A correction as a line; the scripts tell the names of characters that its value mentions."""
    what, at_s = _what(correction.where)
    if correction.kind == "same":
        both = f"{correction.where.names[0]} and {correction.people[0].names[0]}"
        return Change(both, "one person or two", "two people", "one person", by=correction.author or "a person")
    if correction.kind in ("added", "removed"):
        part_type = TYPES[correction.where.kind]
        lost, gained = (_gist(part_type.model_validate(data)) if data else "" for data in (correction.before, correction.value))
        return Change(what, "", lost, gained, at_s, correction.author or "a person")
    called = {anchor.id: anchor.names[0] for anchor in correction.people if anchor.names}
    texts = [_text(correction.field, value, script, called) for value, script in ((correction.before, before), (correction.value, after))]
    return Change(what, WORDS.get(correction.field, correction.field), texts[0], texts[1], at_s, correction.author or "a person")


def _without(there: Difference, split: list[Change]) -> list[Correction]:
    """Names that come and go with a merge are not said twice."""
    return [each for each in there.corrections if not (split and each.field == "aliases")]


def _apart(before: Script, after: Script) -> Iterator[Change]:
    parts, met = Parts(after), set()
    olds = [part for kind in KINDS.values() for part in parts_of(before, kind)]
    for old in olds:
        new = parts.part(anchor := anchor_of(before, old))
        what, at_s = _what(anchor)
        if new is None or id(new) in met:
            yield Change(what, "", _gist(old), "", at_s)
            continue
        met.add(id(new))
        for name in fields_of_part(old):
            texts = _text(name, value_of(old, name), before), _text(name, value_of(new, name), after)
            if texts[0] != texts[1]:
                by = new.provenance.get(name)
                yield Change(what, WORDS.get(name, name), *texts, at_s, (by.version or "a person") if by and by.is_person else "")
    news = [part for kind in KINDS.values() for part in parts_of(after, kind)]
    for new in news:
        if id(new) not in met:
            what, at_s = _what(anchor_of(after, new))
            yield Change(what, "", "", _gist(new), at_s)


def _what(anchor: Anchor) -> tuple[str, float | None]:
    if anchor.kind == "character":
        return anchor.names[0], None
    if anchor.kind == "meta":
        return "The film", None
    if anchor.kind == "relationship":
        return " and ".join(end.names[0] for end in anchor.ends if end.names) or "Two people", None
    quoted = f" “{anchor.text[:60]}{'…' if len(anchor.text) > 60 else ''}”" if anchor.text else ""
    kinds = {
        "event": "Line", "interaction": "Between people", "scene": "Scene", "plot": "Part of the plot", "high_point": "High point",
    }  # fmt: skip
    return kinds[anchor.kind] + quoted, anchor.start_s


def _gist(part: Part) -> str:
    if isinstance(part, Character):
        return part.name
    if isinstance(part, (Relationship, HighPoint)):
        return part.description or (part.relation if isinstance(part, Relationship) else part.type)
    if isinstance(part, Event):
        return next(
            (text for name in ("dialogue", "action", "audio_cue", "on_screen_text", "expression") if (text := getattr(part, name))), ""
        )
    if isinstance(part, Interaction):
        return part.kind.value
    return part.location or "a scene" if isinstance(part, Scene) else getattr(part, "summary", "")[:MAX_VALUE]


def _text(name: str, value: Any, script: Script | None, called: dict[str, str] | None = None) -> str:
    if name in PEOPLE_FIELDS:
        ids = [value] if isinstance(value, str) else value or []
        value = [(called or {}).get(each) or (script.character_name(each) if script else each) for each in ids]
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)[:MAX_VALUE]
    if isinstance(value, float):
        return f"{value:.3f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)[:MAX_VALUE]
