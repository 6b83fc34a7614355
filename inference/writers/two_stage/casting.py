"""Whom a writer means: from what characters are called in drafts to profiles of the film.

An identifier of the book is its profile, also a former one. A name is one person in the whole film, and so is a label ("the old man")
that is spelt the same; "he", "someone" and the like are nobody's name and go to one profile for whoever could not be told. Identifiers
that nobody gave out, speaker letters and a stand-in's labels ("Man 1") hold within their segment only.

Contents: :class:`Cast`.
"""

from __future__ import annotations

import re

from inference.evidence.joining.identity import UNIDENTIFIED as UNIDENTIFIED_VOICE
from inference.profiles import Profile, ProfileBook, fold, name_of
from omniscript_mam.script import ENVIRONMENT_ID, Provenance

from .drafts import Draft, DraftEvent, DraftPerson

UNIDENTIFIED = "Unidentified person"
ENVIRONMENTS = frozenset({"", "environment", "none", "nobody", "n a", "环境"})
_LOCAL = re.compile(r"(char|unknown)[ _-]*(\d+)|(speaker|voice) ([a-z]{1,2}|\d+)|([a-z])", re.IGNORECASE)
_GENERIC = frozenset(
    "man woman boy girl child baby kid person people guy lady voice narrator crowd soldier soldiers guard guards officer police policeman "
    "doctor nurse driver waiter waitress teacher student old young men women children boys girls all everyone both".split()
)


class Cast:
    """The film's people while drafts are joined. ``book`` grows with whomever the planner did not know."""

    def __init__(self, book: ProfileBook) -> None:
        self.book = book
        self.sources: dict[str, dict[str, Provenance]] = {}
        """Profile → provenance of its fields, where a draft (not the planner) is the source."""
        self.witnessed: set[str] = set()
        """Profiles whose name is the stand-in's, with evidence of its own."""
        self._local: dict[tuple[int, str], str] = {}

    def enter(self, draft: Draft) -> None:
        """The people whom only this draft's writer knows."""
        for person in draft.people:
            self._local[draft.index, person.key] = self._person(person).id

    def of(self, draft: Draft, event: DraftEvent) -> str:
        """The profile of an event's character, or the environment."""
        called = " ".join(event.character.split())
        local = self._local.get((draft.index, called))
        if local is not None:
            return self.book.resolve(local)
        present = self.book.resolve(called)
        if any(profile.id == present for profile in self.book.profiles):
            return present
        if fold(called) in ENVIRONMENTS:
            return self._unidentified().id if event.dialogue and not called else ENVIRONMENT_ID
        if not name_of(called):
            return self._unidentified().id
        profile = None if _LOCAL.fullmatch(called) else self.book.called(called)
        if profile is None:
            profile = self._new(draft, called, event.start_s)
        return profile.id

    def _new(self, draft: Draft, called: str, time_s: float) -> Profile:
        evidence = f"called “{called}” in the script at {time_s:.1f} s"
        local = _LOCAL.fullmatch(called)
        if local is not None:
            label = f"Person {int(local[2])}" if local[2] else f"Voice {called.upper()}" if local[5] else called
            made = self.book.add(self.book.fresh_label(label))
            self._local[draft.index, called] = made.id
        elif is_name(called):
            made = self.book.add(called, name=called, naming_evidence=evidence)
        else:
            made = self.book.add(called)
        self.sources[made.id] = {"name": Provenance(writer=draft.writer, version=draft.version, evidence=evidence)}
        return made

    def _person(self, person: DraftPerson) -> Profile:
        if person.name in (UNIDENTIFIED_VOICE, UNIDENTIFIED):
            return self._unidentified()
        profile = self.book.called(person.name) if person.named else None
        if profile is not None and profile.named:
            return profile
        details = person.model_dump(include={"appearance", "voice"})
        if person.named:
            details |= {"name": person.name, "aliases": person.aliases, "naming_evidence": person.naming_evidence}
        made = self.book.add(person.name if person.named else self.book.fresh_label(person.name), **details)
        self.sources[made.id] = person.provenance
        self.witnessed.add(made.id)
        return made

    def _unidentified(self) -> Profile:
        unidentified = next((profile for profile in self.book.profiles if profile.label == UNIDENTIFIED), None)
        return unidentified or self.book.add(UNIDENTIFIED)


def is_name(text: str) -> bool:
    """Whether this reads like somebody's name and not like a description: capital letters, no article, no general word, no number."""
    words = text.split()
    if not 1 <= len(words) <= 4 or any(word.strip(".,'’").casefold() in {*_GENERIC, "the", "a", "an"} or word.isdigit() for word in words):
        return False
    return all(word[0].isupper() for word in (words[0], words[-1])) and all(any(c.isalpha() for c in word) for word in words)
