"""A value with where it comes from, in words; and the colour of each character and place."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from omniscript_mam.script import ENVIRONMENT_ID, Provenance, Script
from omniscript_mam.script.schema import Sourced

from .fields import field_words

HUES = (75, 235, 150, 330, 195, 35, 275, 115, 5, 215, 305, 172)
"""Hues of the style sheet's classes ``.tone-0`` … ``.tone-11``, in degrees (OKLCH)."""

UNSURE_BELOW = 0.5
"""A value less sure than this is underlined with dots."""


@dataclass(frozen=True)
class Value:
    """Text of one field. ``why`` says who wrote it and how sure they were; ``sure`` is 0..10, or ``None`` if nobody said."""

    text: str
    why: str = ""
    sure: int | None = None
    unsure: bool = False

    def __bool__(self) -> bool:
        return bool(self.text)


NOTHING = Value("")


def value_of(part: Sourced, field: str, text: str | None = None) -> Value:
    """The value of one field of a scene, event or profile; ``text`` replaces the field's own text."""
    shown = str(getattr(part, field) or "") if text is None else text
    if not shown:
        return NOTHING
    source = part.provenance.get(field)
    if source is None:
        return Value(shown)
    sure = None if source.confidence is None else round(source.confidence * 10)
    unsure = source.confidence is not None and source.confidence < UNSURE_BELOW
    return Value(shown, why(field, source), sure, unsure)


def why(field: str, provenance: Provenance) -> str:
    """One sentence on a value: ``Mood: lite 0.1, 82 % sure, because the music is loud, but nobody speaks``."""
    writer = provenance.writer if not provenance.is_person else "corrected by"
    words = [" ".join(part for part in (writer, provenance.version) if part)]
    if provenance.confidence is not None:
        words.append(f"{provenance.confidence:.0%} sure".replace("%", " %"))
    if provenance.evidence:
        words.append(f"because {provenance.evidence}")
    if provenance.against:
        words.append(f"but {provenance.against}")
    return f"{field_words(field).capitalize()}: {', '.join(words)}"


def tones(script: Script) -> dict[str, str]:
    """Colour class of every character of a script, by id.

    It follows from the ids, so that it stays when the script is written again with the same people; the first twelve differ.
    """
    classes = assign(character.id for character in script.characters)
    classes[ENVIRONMENT_ID] = "tone-none"
    return classes


def place_tones(script: Script) -> dict[str, str]:
    """Colour class of every location; the same place has the same colour all through the film."""
    return assign(scene.location.casefold() for scene in script.scenes if scene.location)


def assign(keys: Iterable[str]) -> dict[str, str]:
    """Colour classes for keys, as far apart as they can be.

    Keys are taken in the order of their hashes, so that the order in which a script names them does not matter. Each gets the free
    hue that is farthest from those given out; the first, and those after all are given out, get the one their hash says.
    """
    hashes = {key: hashlib.sha256(key.encode()).digest() for key in keys}
    classes: dict[str, str] = {}
    taken: list[int] = []
    for key in sorted(hashes, key=lambda each: hashes[each]):
        start = hashes[key][-1] % len(HUES)
        free = [tone % len(HUES) for tone in range(start, start + len(HUES)) if tone % len(HUES) not in taken]
        tone = max(free, key=lambda each: min(_hue_distance(each, other) for other in taken)) if free and taken else start
        taken.append(tone)
        classes[key] = f"tone-{tone}"
    return classes


def _hue_distance(first: int, second: int) -> int:
    apart = abs(HUES[first] - HUES[second])
    return min(apart, 360 - apart)
