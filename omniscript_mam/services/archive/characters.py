"""What a person corrects about the people of a script: names, looks, who is who. Each correction is a new revision and can be taken back.

Events name their character by id, so a change reaches all of them at once, backwards (paper, section 3.2). Who corrects says which
revision they looked at; if there is a newer one, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterable

from omniscript_mam.errors import CharacterError, ConflictError, NotFoundError
from omniscript_mam.models import Asset, ScriptRevision
from omniscript_mam.script import Character, Provenance, Relationship, Script, ScriptValidationError, from_data
from omniscript_mam.viewer import Action, Viewer

from .scripts import PERSON, store_revision

TEXTS = ("name", "appearance", "voice", "personality")
"""What is corrected by giving another text."""


def edit_character(
    viewer: Viewer, asset: Asset, character_id: str, *, revision: int, aliases: Iterable[str] | None = None, **texts: str
) -> str:
    """Change a profile; what is not given, or is the same, stays as it is, with its provenance.

    Args:
        revision: the number of the script that the person saw.
        texts: any of :data:`TEXTS`. A first name turns ``unknown_003`` into ``char_003``, and the label into an alias.

    Returns:
        The character's id from now on.

    Raises:
        ForbiddenError, NotFoundError, ConflictError, CharacterError
    """
    script, person = _opened(viewer, asset, character_id, revision)
    changed = {name: text.strip() for name, text in texts.items() if text.strip() != getattr(person, name)}
    if unknown := set(texts) - set(TEXTS):
        raise CharacterError(f"A character has no {sorted(unknown)[0]}.", remedy=f"Change one of: {', '.join(TEXTS)}, aliases.")
    if changed.get("name") == "":
        raise CharacterError("A character needs a name.", remedy="Give a name or a label, such as “the old man”.")
    known = person.aliases if aliases is None else [alias.strip() for alias in aliases if alias.strip()]
    if not changed and known == person.aliases:
        return person.id
    by = Provenance(writer=PERSON, version=viewer.name)
    before, identifier = person.name, person.id
    for name, text in changed.items():
        _set(person, name, text)
    if "name" in changed:
        known = [*known, before]
        person.naming_evidence = f"corrected by {viewer.name or 'a person'}"
        identifier = _named_id(script, person.id)
        person.named = True
    _set(person, "aliases", [alias for alias in dict.fromkeys(known) if alias != person.name])
    person.provenance = {**person.provenance, **dict.fromkeys(changed, by)}
    _replace(script, person.id, identifier)
    person.id = identifier
    words = f"{before} is {person.name}" if "name" in changed else f"{person.name}: {', '.join(changed) or 'aliases'} corrected"
    _store(viewer, asset, script, words)
    return identifier


def merge_characters(viewer: Viewer, asset: Asset, gone_id: str, into_id: str, *, revision: int) -> str:
    """Two profiles are one person: ``gone_id`` becomes ``into_id``, with its names and whatever that one did not know.

    Somebody with a name does not become a label: of "Man 1" and "Tom", Tom stays, whichever was named first.

    Returns:
        The id of the one who stays.

    Raises:
        ForbiddenError, NotFoundError, ConflictError, CharacterError: both are the same.
    """
    script, gone = _opened(viewer, asset, gone_id, revision)
    kept = script.character(into_id)
    if kept is None:
        raise NotFoundError(f"There is no character {into_id}.", remedy="Choose one of this script.")
    if kept is gone:
        raise CharacterError(f"{gone.name} is the same person already.", remedy="Choose somebody else.")
    if gone.named and not kept.named:
        kept, gone = gone, kept
    names = [*kept.aliases, gone.name, *gone.aliases]
    _set(kept, "aliases", [name for name in dict.fromkeys(names) if name != kept.name])
    for name in TEXTS[1:]:
        if not getattr(kept, name):
            setattr(kept, name, getattr(gone, name))
            if name in gone.provenance:
                kept.provenance = {**kept.provenance, name: gone.provenance[name]}
    script.characters = [person for person in script.characters if person is not gone]
    _replace(script, gone.id, kept.id)
    ties: dict[tuple[str, str, str], Relationship] = {}
    for tie in script.relationships:
        if tie.source_id != tie.target_id:
            ties.setdefault((tie.source_id, tie.target_id, tie.relation), tie)
    script.relationships = list(ties.values())
    _store(viewer, asset, script, f"{gone.name} is {kept.name}")
    return kept.id


def undo(viewer: Viewer, asset: Asset, *, revision: int) -> ScriptRevision:
    """Take the last correction back: the script before it becomes a new revision.

    Raises:
        ForbiddenError. ConflictError: there is a newer revision, or the last one is no correction.
    """
    last = _current(viewer, asset, revision)
    before = asset.revisions.filter(number__lt=last.number).order_by("-number").first()
    if last.writer != PERSON or before is None:
        raise ConflictError("The last change was not made by a person.", remedy="Only a person's correction can be taken back.")
    script = from_data(before.document)
    return store_revision(viewer, asset, script, PERSON, viewer.name, f"Revision {last.number} taken back ({last.note})")


def _current(viewer: Viewer, asset: Asset, revision: int) -> ScriptRevision:
    viewer.require(Action.CORRECT, asset.collection_id)
    last: ScriptRevision | None = asset.revisions.order_by("-number").first()
    if last is None:
        raise NotFoundError(f"“{asset.title}” has no script yet.", remedy="Look at its job.")
    if last.number != revision:
        raise ConflictError(
            f"The script was changed meanwhile: it is at revision {last.number}, you saw {revision}.", remedy="Load the page again."
        )
    return last


def _opened(viewer: Viewer, asset: Asset, character_id: str, revision: int) -> tuple[Script, Character]:
    script = from_data(_current(viewer, asset, revision).document)
    person = script.character(character_id)
    if person is None:
        raise NotFoundError(f"There is no character {character_id}.", remedy="Load the page again: the script may have been written anew.")
    return script, person


def _set(person: Character, name: str, value: str | list[str]) -> None:
    try:
        setattr(person, name, value)
    except ValueError as error:
        raise CharacterError(
            f"What is given as {name} is too long or holds characters that are not allowed.", remedy="Give a shorter text."
        ) from error


def _named_id(script: Script, identifier: str) -> str:
    """``unknown_003`` → ``char_003``, or the next free number."""
    if not identifier.startswith("unknown_"):
        return identifier
    taken = {person.id for person in script.characters}
    wanted = identifier.replace("unknown_", "char_", 1)
    numbers = (f"char_{number:03d}" for number in range(1, len(taken) + 2))
    return wanted if wanted not in taken else next(number for number in numbers if number not in taken)


def _replace(script: Script, before: str, now: str) -> None:
    """Every mention of one id becomes the other."""
    for event in (event for scene in script.scenes for event in scene.events):
        if event.character_id == before:
            event.character_id = now
    for tie in script.relationships:
        tie.source_id = now if tie.source_id == before else tie.source_id
        tie.target_id = now if tie.target_id == before else tie.target_id
    for segment in script.plot:
        segment.active_characters = list(dict.fromkeys(now if each == before else each for each in segment.active_characters))


def _store(viewer: Viewer, asset: Asset, script: Script, note: str) -> None:
    try:
        store_revision(viewer, asset, script, PERSON, viewer.name, note)
    except ScriptValidationError as error:
        raise CharacterError(f"The script would break a rule: {error}", remedy="Change something else.") from error
