"""The character profile manager: who is in the film, as one document a person can read and edit (paper, sections 3.2 and 8.1).

A :class:`ProfileBook` is plain data. Somebody met without a name is ``unknown_003`` with a label ("Man 1"); when the dialogue gives the
name, :meth:`ProfileBook.rename` turns the same person into ``char_003``, keeps the label as an alias and the line as evidence. Every
earlier mention follows, because mentions are resolved through the book (:meth:`ProfileBook.resolve`). Two identities that prove to be
one are merged the same way. Nothing is ever deleted: ``moved`` remembers where each former identifier went.

What changes in the course of a film (a costume, a beard) is kept with the sighting that shows it: :meth:`Profile.appearances` tells it in
order. :meth:`ProfileBook.document` and :func:`read_book` are the way to JSON and back; an edited document is checked as a whole.

Matching priority follows the paper: name, then appearance, then voice. Vectors are unit vectors; similarity is their dot product.
Times in seconds from the first displayed frame.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from inference.errors import WriterError

MATCH_FLOOR = 0.5
"""Least confidence at which :meth:`ProfileBook.match` says that two sightings are one person."""


NOBODY = frozenset(
    "he she it they him her them his hers their we us i me you someone somebody anyone person people unknown unidentified speaker none"
    " 他 她 它 他们 她们 我 你 我们 你们 未知 某人 er sie es ihn ihm elle il ils elles lui él ella ellos".split()
)
"""Words that point at somebody but name nobody: they never make two mentions one person."""

Identifier = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]


class NameUpdate(BaseModel):
    """A name that came late: from what to what, why, how sure (0..1, ``None`` = nobody said), and when the film says it."""

    model_config = ConfigDict(extra="forbid")

    profile_id: str
    old_name: str
    new_name: str
    evidence: str = ""
    confidence: float | None = None
    time_s: float | None = None


class Sighting(BaseModel):
    """Somebody met in a stretch of film: how sure that it is they (0..1, ``None`` = nobody said), why, and how they look there."""

    model_config = ConfigDict(extra="forbid")

    start_s: float
    end_s: float
    confidence: float | None = None
    reason: str = ""
    appearance: str = ""


class Relation(BaseModel):
    """``source`` is ``relation`` to ``target`` ("father of"); first told at ``start_s``."""

    model_config = ConfigDict(extra="forbid")

    source: Identifier
    target: Identifier
    relation: str
    description: str = ""
    start_s: float = 0.0


class ContinuityNote(BaseModel):
    """How a stretch of film goes on from what came before it."""

    model_config = ConfigDict(extra="forbid")

    start_s: float
    end_s: float
    note: str


class Profile(BaseModel):
    """One character. ``label`` is what it is called until it has a name; ``appearance_vector`` and ``voice_vector`` may be empty."""

    model_config = ConfigDict(extra="forbid")

    id: Identifier
    label: str
    name: str = ""
    aliases: list[str] = Field(default_factory=list)
    appearance: str = ""
    voice: str = ""
    personality: str = ""
    naming_evidence: str = ""
    naming_confidence: float | None = None
    appearance_vector: list[float] = Field(default_factory=list)
    voice_vector: list[float] = Field(default_factory=list)
    sightings: list[Sighting] = Field(default_factory=list)

    @property
    def named(self) -> bool:
        return bool(self.name)

    @property
    def shown_name(self) -> str:
        """The name people see."""
        return self.name or self.label

    def names(self) -> list[str]:
        """Everything it is or was called."""
        return [called for called in (self.name, *self.aliases, self.label) if called]

    def see(self, sighting: Sighting) -> None:
        """One more sighting; the first description of the looks becomes the profile's, later ones stay where they were seen."""
        self.sightings.append(sighting)
        self.sightings.sort(key=lambda seen: (seen.start_s, seen.end_s))
        self.appearance = self.appearance or sighting.appearance

    def appearances(self) -> list[tuple[float, str]]:
        """How it looks from when on: the first description, then each that differs from the one before."""
        told: list[tuple[float, str]] = []
        if self.appearance and not any(fold(seen.appearance) == fold(self.appearance) for seen in self.sightings):
            told.append((self.sightings[0].start_s if self.sightings else 0.0, self.appearance))
        for seen in self.sightings:
            if seen.appearance and (not told or fold(told[-1][1]) != fold(seen.appearance)):
                told.append((seen.start_s, seen.appearance))
        return told


class Match(BaseModel):
    """A sighting recognised as a profile: how sure (0..1) and by what."""

    model_config = ConfigDict(extra="forbid")

    profile_id: str
    confidence: float
    reason: str


class ProfileBook(BaseModel):
    """All profiles of one film, in order of first appearance."""

    model_config = ConfigDict(extra="forbid")

    profiles: list[Profile] = Field(default_factory=list)
    moved: dict[str, str] = Field(default_factory=dict)
    updates: list[NameUpdate] = Field(default_factory=list)
    continuity_note: str = ""
    continuity: list[ContinuityNote] = Field(default_factory=list)
    relations: list[Relation] = Field(default_factory=list)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Identifiers are unique, former ones lead to a profile, relations are between profiles."""
        known = [profile.id for profile in self.profiles]
        twice = sorted({identifier for identifier in known if known.count(identifier) > 1})
        if twice:
            raise ValueError(f"profiles: {twice[0]!r} stands there twice")
        for former in self.moved:
            seen, present = {former}, self.moved[former]
            while present in self.moved and present not in seen:
                seen.add(present)
                present = self.moved[present]
            if present not in known or former in known:
                raise ValueError(f"moved.{former}: leads to {present!r}, which is no profile" if present not in known else _still(former))
        for i, relation in enumerate(self.relations):
            for end in (relation.source, relation.target):
                if self.resolve(end) not in known:
                    raise ValueError(f"relations.{i}: no profile is called {end!r}")
        return self

    def add(self, label: str, *, number: int | None = None, **details: object) -> Profile:
        """A new identity called ``label``: ``unknown_NNN``, or ``char_NNN`` where ``details`` give its ``name`` (no number is used twice).

        Args:
            number: the number to take, if nobody has it.

        Raises:
            ValueError: ``details`` holds something that a profile does not.
        """
        taken = self._numbers()
        if number is None or number in taken:
            number = 1 + max(taken, default=0)
        profile = Profile.model_validate({"id": f"{'char' if details.get('name') else 'unknown'}_{number:03d}", "label": label, **details})
        self.profiles.append(profile)
        return profile

    def resolve(self, identifier: str) -> str:
        """The present identifier of what was once called ``identifier`` (itself, if it never changed)."""
        while identifier in self.moved:
            identifier = self.moved[identifier]
        return identifier

    def get(self, identifier: str) -> Profile:
        """The profile behind a present or former identifier.

        Raises:
            WriterError: nobody was ever called that.
        """
        present = self.resolve(identifier)
        for profile in self.profiles:
            if profile.id == present:
                return profile
        raise WriterError(f"No character profile is called {identifier!r}.", remedy="Use an identifier from the profile document.")

    def called(self, name: str) -> Profile | None:
        """The profile that is or was called so, but for spelling (:func:`fold`); names before labels."""
        if not name_of(name):
            return None
        wanted = fold(name)
        for named in (True, False):
            for profile in self.profiles:
                if profile.named is named and wanted in map(fold, profile.names()):
                    return profile
        return None

    def fresh_label(self, label: str) -> str:
        """``label``, numbered where somebody has it already ("Guard", "Guard 2" …)."""
        taken = {fold(called) for profile in self.profiles for called in profile.names()}
        stem = re.sub(r" \d+$", "", label)
        return next(text for text in (label, *(f"{stem} {n}" for n in range(2, len(taken) + 3))) if fold(text) not in taken)

    def relate(self, source: str, target: str, relation: str, *, description: str = "", start_s: float = 0.0) -> None:
        """Note a relation between two profiles, once; a later description takes the place of an empty one."""
        ends = (self.get(source).id, self.get(target).id)
        for known in self.relations:
            if (self.resolve(known.source), self.resolve(known.target)) == ends and fold(known.relation) == fold(relation):
                known.description = known.description or description
                return
        if ends[0] != ends[1]:
            told = Relation(source=ends[0], target=ends[1], relation=relation, description=description, start_s=start_s)
            self.relations.append(told)

    def document(self) -> dict[str, Any]:
        """The book as plain JSON values, to look at and edit; what is empty is left out."""
        return self.model_dump(mode="json", exclude_defaults=True)

    def match(self, name: str = "", appearance: Sequence[float] = (), voice: Sequence[float] = ()) -> Match | None:
        """Who this is: by name, else by looks, else by voice; ``None`` below :data:`MATCH_FLOOR`."""
        for profile in self.profiles:
            if name and _same(name, [profile.name, *profile.aliases]):
                return Match(profile_id=profile.id, confidence=0.95, reason=f"is called “{name}”")
        for field, vector, reason in (("appearance_vector", appearance, "looks alike"), ("voice_vector", voice, "sounds alike")):
            scored = [(_dot(vector, getattr(profile, field)), profile.id) for profile in self.profiles]
            best = max(scored, key=lambda pair: pair[0], default=(0.0, ""))
            if best[0] >= MATCH_FLOOR:
                return Match(profile_id=best[1], confidence=min(1.0, best[0]), reason=f"{reason} ({best[0]:.2f})")
        return None

    def rename(self, identifier: str, name: str, *, evidence: str, confidence: float | None, time_s: float | None = None) -> Profile:
        """Give a profile its name, backwards and everywhere: ``unknown_003`` becomes ``char_003`` and its label an alias."""
        profile = self.get(identifier)
        self.updates.append(
            NameUpdate(
                profile_id=profile.id,
                old_name=profile.shown_name,
                new_name=name,
                evidence=evidence,
                confidence=confidence,
                time_s=time_s,
            )
        )
        _remember(profile, profile.shown_name, present=name)
        profile.name, profile.naming_evidence, profile.naming_confidence = name, evidence, confidence
        named_id = profile.id.replace("unknown_", "char_", 1)
        if named_id != profile.id:
            self.moved[profile.id] = named_id
            profile.id = named_id
        return profile

    def merge(self, keep: str, gone: str, reason: str) -> Profile:
        """Two profiles prove to be one person: ``gone`` becomes ``keep``, with its names and whatever ``keep`` did not know."""
        kept, lost = self.get(keep), self.get(gone)
        if kept.id == lost.id:
            return kept
        self.profiles.remove(lost)
        self.moved[lost.id] = kept.id
        for other in (lost.name, *lost.aliases, lost.label):
            _remember(kept, other, present=kept.shown_name)
        for field in ("appearance", "voice", "personality", "appearance_vector", "voice_vector"):
            if not getattr(kept, field):
                setattr(kept, field, getattr(lost, field))
        kept.sightings = sorted(kept.sightings + lost.sightings, key=lambda seen: (seen.start_s, seen.end_s))
        kept.naming_evidence = "; ".join(part for part in (kept.naming_evidence, reason) if part)
        return kept

    def _numbers(self) -> set[int]:
        ends = [identifier.rpartition("_")[2] for identifier in (*(profile.id for profile in self.profiles), *self.moved)]
        return {int(end) for end in ends if end.isdecimal()}


def read_book(data: object) -> ProfileBook:
    """The book of a document (:meth:`ProfileBook.document`), checked.

    Raises:
        WriterError: it is no such document; the message says where.
    """
    try:
        return ProfileBook.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the document"
        message = first["msg"].removeprefix("Value error, ")
        raise WriterError(f"The character profiles cannot be read: {place}: {message}.", remedy="Correct the profile document.") from error


def fold(name: str) -> str:
    """A name without what spelling it differently changes: case, width, punctuation, blanks, a leading article."""
    text = unicodedata.normalize("NFKC", name).casefold()
    words = re.sub(r"[^\w\s]|_", " ", text).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("the", "a", "an") else words)


def name_of(text: str) -> str:
    """The text as a name or label, or "" where it points at somebody without saying at whom ("he", "someone")."""
    shown = " ".join(text.split())
    return "" if not fold(shown) or fold(shown) in NOBODY else shown


def _still(identifier: str) -> str:
    return f"moved.{identifier}: is still a profile"


def _remember(profile: Profile, name: str, *, present: str) -> None:
    if name and name != present and name not in profile.aliases:
        profile.aliases.append(name)


def _same(name: str, names: Sequence[str]) -> bool:
    return fold(name) in (fold(other) for other in names if other)


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True)) if len(left) == len(right) and len(left) else 0.0
