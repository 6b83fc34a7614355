"""What a person corrects about the people of a script: names, looks, who is who. Each correction is a new revision and can be taken back.

Events name their character by id, so a change reaches all of them at once, backwards (paper, section 3.2). Who corrects says which
revision they looked at; what others changed meanwhile stays (:mod:`.correcting`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from omniscript_mam.corrections import corrected_name, merge_people, people_named, who_stays
from omniscript_mam.corrections.people import PROFILE_TEXTS as TEXTS
from omniscript_mam.errors import CharacterError, NotFoundError, SameNameError
from omniscript_mam.models import Asset
from omniscript_mam.script import Character, Provenance, Script
from omniscript_mam.selectors.revisions import PERSON
from omniscript_mam.viewer import Viewer

from .correcting import Corrected, correct, redo, restore, undo

__all__ = ["TEXTS", "edit_character", "merge_characters", "redo", "restore", "undo"]


def edit_character(
    viewer: Viewer,
    asset: Asset,
    character_id: str,
    *,
    revision: int,
    aliases: Iterable[str] | None = None,
    same_name: bool = False,
    texts: Mapping[str, str] | None = None,
    **named_texts: str,
) -> Corrected:
    """Change a profile; what is not given, or is the same, stays as it is, with its provenance.

    Args:
        revision: the number of the script that the person saw.
        same_name: two people of the script may have the name.
        texts: any of :data:`TEXTS`, which may also be given by their names.
            A first name turns ``unknown_003`` into ``char_003``, and the label into an alias.

    Returns:
        The revision, and the character's id from now on.

    Raises:
        ForbiddenError, NotFoundError, RevisionConflictError, CharacterError
        SameNameError: somebody else is called so: perhaps they are one person.
    """
    texts = {**(texts or {}), **named_texts}
    if unknown := set(texts) - set(TEXTS):
        raise CharacterError(f"A character has no {sorted(unknown)[0]}.", remedy=f"Change one of: {', '.join(TEXTS)}, aliases.")
    given = {name: text.strip() for name, text in texts.items()}
    known = None if aliases is None else [alias.strip() for alias in aliases if alias.strip()]
    if given.get("name") == "":
        raise CharacterError("A character needs a name.", remedy="Give a name or a label, such as “the old man”.")

    def change(script: Script) -> str:
        return _edited(script, _person(script, character_id), given, known, viewer.name, same_name)

    done = correct(viewer, asset, change, revision=revision)
    return done if done.part_ids else Corrected(done.revision, (character_id,))


def merge_characters(viewer: Viewer, asset: Asset, gone_id: str, into_id: str, *, revision: int) -> Corrected:
    """Two profiles are one person: ``gone_id`` becomes ``into_id``, with its names and whatever that one did not know.

    Somebody with a name does not become a label: of "Man 1" and "Tom", Tom stays, whichever was named first.

    Returns:
        The revision, and the id of the one who stays.

    Raises:
        ForbiddenError, NotFoundError, RevisionConflictError; CharacterError: both are the same.
    """

    def change(script: Script) -> str:
        gone, kept = who_stays(_person(script, gone_id), _person(script, into_id))
        if gone is kept:
            raise CharacterError(f"{gone.name} is the same person already.", remedy="Choose somebody else.")
        note = f"{gone.name} is {kept.name}"
        merge_people(script, gone, kept)
        return note

    done = correct(viewer, asset, change, revision=revision)
    return done if done.part_ids else Corrected(done.revision, (into_id,))


def _edited(script: Script, person: Character, given: dict[str, str], known: list[str] | None, author: str, same_name: bool) -> str:
    changed = {name: text for name, text in given.items() if text != getattr(person, name)}
    by, before = Provenance(writer=PERSON, version=author), person.name
    if known is not None and known != person.aliases:
        _set(person, "aliases", [alias for alias in dict.fromkeys(known) if alias != person.name], by)
    for name, text in changed.items():
        if name != "name":
            _set(person, name, text, by)
    if "name" not in changed:
        return f"{person.name}: {', '.join(changed) or 'aliases'} corrected"
    others = [each for each in people_named(script, changed["name"]) if each is not person]
    if others and not same_name:
        name = others[0].name
        raise SameNameError(f"There is a {name} in this script already.", others[0].id, name)
    try:
        corrected_name(script, person, changed["name"], by)
    except ValueError as error:
        raise _refused("name") from error
    return f"{before} is {person.name}"


def _person(script: Script, character_id: str) -> Character:
    person = script.character(character_id)
    if person is None:
        raise NotFoundError(f"There is no character {character_id}.", remedy="Load the page again: the script may have been written anew.")
    return person


def _set(person: Character, name: str, value: str | list[str], by: Provenance) -> None:
    try:
        setattr(person, name, value)
    except ValueError as error:
        raise _refused(name) from error
    person.provenance = {**person.provenance, name: by}


def _refused(name: str) -> CharacterError:
    return CharacterError(f"What is given as {name} is too long or holds characters that are not allowed.", remedy="Give a shorter text.")
