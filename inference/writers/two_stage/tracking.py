"""From a window's answer to the profile book: who was met again, who is new, who has a name now, who proved to be somebody else.

The model calls people by identifiers; the book decides who that is. A known identifier with too little confidence becomes a new
provisional person, which a later window may still join to the first. Names given late reach backwards, because everything else refers to
people through the book (:meth:`inference.profiles.ProfileBook.resolve`).

Contents: :func:`track` (an answer into the book), :class:`Known` (whom one answer means).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from inference.answers.schema import ENVIRONMENT, CharacterAnswer, NameUpdateAnswer, PlanAnswer, RelationAnswer, SameAsAnswer
from inference.profiles import MATCH_FLOOR, ContinuityNote, Profile, ProfileBook, Sighting, fold, name_of

IDENTIFIER = re.compile(r"(char|unknown)_(\d{1,6})")


@dataclass
class Known:
    """Who the identifiers of one answer mean; ``shown`` are those that the prompt listed."""

    book: ProfileBook
    start_s: float
    end_s: float
    shown: frozenset[str] = frozenset()
    people: dict[str, str] = field(default_factory=dict)

    def find(self, called: str) -> Profile | None:
        """The profile behind an identifier or a name of this answer."""
        identifier = self.book.resolve(self.people.get(called, called))
        return next((profile for profile in self.book.profiles if profile.id == identifier), None) or self.book.called(called)

    def meet(self, called: str) -> Profile | None:
        """As :meth:`find`; somebody never listed gets a profile by the name used. ``None`` for nobody in particular."""
        profile = self.find(called)
        label = name_of(called)
        if profile is not None or not label or fold(label) == fold(ENVIRONMENT):
            return profile
        numbered = IDENTIFIER.fullmatch(called)
        made = self.book.add(self.book.fresh_label(f"Person {int(numbered[2])}" if numbered else label))
        self.people[called] = made.id
        return made


def track(book: ProfileBook, answer: PlanAnswer, start_s: float, end_s: float, shown: Iterable[str] = ()) -> Known:
    """Put one window's answer into the book.

    Args:
        start_s, end_s: the window.
        shown: the identifiers that the prompt listed.
    """
    known = Known(book, start_s, end_s, frozenset(shown))
    for character in answer.characters:
        _sight(known, character)
    for update in answer.name_updates:
        _name(known, update)
    for same in answer.same_as:
        _join(known, same)
    for relation in answer.relations:
        _relate(known, relation)
    if answer.continuity_note:
        book.continuity_note = answer.continuity_note
        book.continuity.append(ContinuityNote(start_s=start_s, end_s=end_s, note=answer.continuity_note))
    return known


def _sight(known: Known, seen: CharacterAnswer) -> None:
    profile, reason = _recognise(known, seen)
    known.people[seen.id] = profile.id
    sure = seen.match_confidence or None
    profile.see(Sighting(start_s=known.start_s, end_s=known.end_s, confidence=sure, reason=reason, appearance=seen.appearance))
    profile.voice = profile.voice or seen.voice
    profile.personality = profile.personality or seen.personality
    name = name_of(seen.name)
    if not name or any(fold(name) == fold(called) for called in profile.names()):
        return
    if seen.id.startswith("char_") and not profile.named:
        _give_name(known, profile, name, seen.match_reason or _called_so(known), None)
    else:
        profile.aliases.append(name)


def _recognise(known: Known, seen: CharacterAnswer) -> tuple[Profile, str]:
    """The profile of somebody sighted (a new one where need be), and the reason to note."""
    book, name = known.book, name_of(seen.name)
    before = known.find(seen.id) if IDENTIFIER.fullmatch(seen.id) else None
    if before is not None and (not seen.match_confidence or seen.match_confidence >= MATCH_FLOOR):
        return before, seen.match_reason
    reason = f"perhaps {before.id}: {seen.match_reason}" if before is not None else seen.match_reason
    called = book.called(name) if before is None else None
    is_name = bool(name) and seen.id.startswith("char_")
    # A name is one person's. A label is the same person's only if the model could not have seen that it is taken.
    if called is not None and (called.named or is_name or called.id not in {*known.shown, *known.people.values()}):
        return called, reason or f"is called “{name}”"
    numbered = IDENTIFIER.fullmatch(seen.id)
    number = int(numbered[2]) if numbered and before is None else None
    if is_name:
        return book.add(name, number=number, name=name, naming_evidence=_called_so(known)), reason
    return book.add(book.fresh_label(name or "Person"), number=number), reason


def _called_so(known: Known) -> str:
    return f"called so between {known.start_s:.0f} and {known.end_s:.0f} s"


def _name(known: Known, update: NameUpdateAnswer) -> None:
    profile, name, sure = known.find(update.id), name_of(update.name), update.confidence or None
    if profile is None or not name or (sure is not None and sure < MATCH_FLOOR):
        return
    if profile.named and (sure or 0.0) < (profile.naming_confidence or 0.0):
        if not any(fold(name) == fold(called) for called in profile.names()):
            profile.aliases.append(name)
        return
    _give_name(known, profile, name, update.evidence, sure)


def _give_name(known: Known, profile: Profile, name: str, evidence: str, sure: float | None) -> None:
    """A late name; if somebody bears it already, the two are one person, unless both have names of their own."""
    bearer = known.book.called(name)
    if bearer is not None and bearer.named and bearer.id != profile.id:
        if not profile.named:
            known.book.merge(bearer.id, profile.id, evidence)
        return
    if fold(name) != fold(profile.name):
        known.book.rename(profile.id, name, evidence=evidence, confidence=sure, time_s=known.start_s)


def _join(known: Known, same: SameAsAnswer) -> None:
    left, right = known.find(same.same_as), known.find(same.id)
    if left is None or right is None or left.id == right.id:
        return
    keep, gone = (right, left) if right.named and not left.named else (left, right)
    known.book.merge(keep.id, gone.id, same.reason)


def _relate(known: Known, told: RelationAnswer) -> None:
    source, target = known.meet(told.source), known.meet(told.target)
    if source is not None and target is not None and told.relation.strip():
        known.book.relate(source.id, target.id, told.relation.strip(), description=told.description, start_s=known.start_s)
