"""Names and merges: corrections of a character that reach further than one field.

Events name their character by id, so a change reaches all of them at once, backwards (paper, section 3.2).
"""

from __future__ import annotations

import unicodedata

from omniscript_mam.script import Character, Interaction, Provenance, Relationship, Script

PROFILE_TEXTS = ("name", "appearance", "voice", "personality")
"""What is corrected by giving another text."""


def corrected_name(script: Script, person: Character, name: str, by: Provenance, identifier: str = "") -> str:
    """Give a character a name; its former one becomes an alias. A first name turns ``unknown_003`` into ``char_003``.

    Args:
        identifier: the id to turn into, where that was decided before.

    Returns:
        The character's id from now on.

    Raises:
        ValueError: the name is too long or empty; nothing is changed.
    """
    before, old_id = person.name, person.id
    person.name = name
    known = [*person.aliases, before] if before != person.name else person.aliases
    person.aliases = [alias for alias in dict.fromkeys(known) if alias != person.name]
    person.naming_evidence = f"corrected by {by.version or 'a person'}"
    person.named = True
    person.provenance = {**person.provenance, "name": by}
    identifier = identifier or named_id(script, old_id)
    replace_id(script, old_id, identifier)
    person.id = identifier
    return identifier


def who_stays(gone: Character, kept: Character) -> tuple[Character, Character]:
    """Who becomes whom if two are merged: the one who goes, the one who stays. A name outlives a label, whichever was named first."""
    return (kept, gone) if gone.named and not kept.named else (gone, kept)


def merge_people(script: Script, gone: Character, kept: Character) -> None:
    """``gone`` becomes ``kept``, with its names and whatever that one did not know."""
    names = [*kept.aliases, gone.name, *gone.aliases]
    kept.aliases = [name for name in dict.fromkeys(names) if name != kept.name]
    for name in PROFILE_TEXTS[1:]:
        if not getattr(kept, name):
            setattr(kept, name, getattr(gone, name))
            if name in gone.provenance:
                kept.provenance = {**kept.provenance, name: gone.provenance[name]}
    script.characters = [person for person in script.characters if person.id != gone.id]
    replace_id(script, gone.id, kept.id)
    ties: dict[tuple[str, str, str], Relationship] = {}
    for tie in script.relationships:
        if tie.source_id != tie.target_id:
            ties.setdefault((tie.source_id, tie.target_id, tie.relation), tie)
    script.relationships = list(ties.values())
    for scene in script.scenes:
        scene.interactions = [each for each in scene.interactions if each.source_id != each.target_id]


def replace_id(script: Script, before: str, now: str) -> None:
    """Every mention of one id becomes the other."""
    if before == now:
        return
    for event in (event for scene in script.scenes for event in scene.events):
        if event.character_id == before:
            event.character_id = now
    ties: list[Relationship | Interaction] = [*script.relationships, *script.interactions()]
    for tie in ties:
        tie.source_id = now if tie.source_id == before else tie.source_id
        tie.target_id = now if tie.target_id == before else tie.target_id
    for segment in script.plot:
        segment.active_characters = list(dict.fromkeys(now if each == before else each for each in segment.active_characters))


def named_id(script: Script, identifier: str) -> str:
    """``unknown_003`` → ``char_003``, or the next free number."""
    if not identifier.startswith("unknown_"):
        return identifier
    taken = {person.id for person in script.characters}
    wanted = identifier.replace("unknown_", "char_", 1)
    numbers = (f"char_{number:03d}" for number in range(1, len(taken) + 2))
    return wanted if wanted not in taken else next(number for number in numbers if number not in taken)


def folded(name: str) -> str:
    """A name as it is compared: without case and accents, one space between words."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", name) if not unicodedata.combining(char))
    return " ".join(plain.casefold().split())


def people_named(script: Script, name: str) -> list[Character]:
    """The characters that are called so, by their name, whatever its case and accents."""
    return [person for person in script.characters if folded(person.name) == folded(name)]
