"""The character profile manager: who is in the film, as one document a person can read and edit (paper, sections 3.2 and 8.1).

A :class:`ProfileBook` is plain data. Somebody met without a name is ``unknown_003`` with a label ("Man 1"); when the dialogue gives the
name, :meth:`ProfileBook.rename` turns the same person into ``char_003``, keeps the label as an alias and the line as evidence. Every
earlier mention follows, because mentions are resolved through the book (:meth:`ProfileBook.resolve`). Two identities that prove to be
one are merged the same way. Nothing is ever deleted: ``moved`` remembers where each former identifier went.

Matching priority follows the paper: name, then appearance, then voice. Vectors are unit vectors; similarity is their dot product.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

from inference.errors import WriterError

MATCH_FLOOR = 0.5
"""Least confidence at which :meth:`ProfileBook.match` says that two sightings are one person."""


class NameUpdate(BaseModel):
    """A name that came late: who, from what to what, why, and how sure (0..1). ``time_s`` is when the film says it."""

    model_config = ConfigDict(extra="forbid")

    profile_id: str
    old_name: str
    new_name: str
    evidence: str = ""
    confidence: float = 1.0
    time_s: float | None = None


class Profile(BaseModel):
    """One character. ``label`` is what it is called until it has a name; ``appearance_vector`` and ``voice_vector`` may be empty."""

    model_config = ConfigDict(extra="forbid")

    id: str
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

    @property
    def named(self) -> bool:
        return bool(self.name)

    @property
    def shown_name(self) -> str:
        """The name people see."""
        return self.name or self.label


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

    def add(self, label: str, **details: object) -> Profile:
        """A new provisional identity ``unknown_NNN``, called ``label`` (numbers are never used twice).

        Raises:
            ValueError: ``details`` holds something that a profile does not.
        """
        profile = Profile.model_validate({"id": f"unknown_{self._next_number():03d}", "label": label, **details})
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

    def rename(self, identifier: str, name: str, *, evidence: str, confidence: float, time_s: float | None = None) -> Profile:
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
        kept.naming_evidence = "; ".join(part for part in (kept.naming_evidence, reason) if part)
        return kept

    def _next_number(self) -> int:
        identifiers = [profile.id for profile in self.profiles] + list(self.moved)
        return 1 + max((int(identifier.rpartition("_")[2]) for identifier in identifiers), default=0)


def _remember(profile: Profile, name: str, *, present: str) -> None:
    if name and name != present and name not in profile.aliases:
        profile.aliases.append(name)


def _same(name: str, names: Sequence[str]) -> bool:
    return name.casefold() in (other.casefold() for other in names if other)


def _dot(left: Sequence[float], right: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(left, right, strict=True)) if len(left) == len(right) and len(left) else 0.0
