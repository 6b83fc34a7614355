"""How far a writer is believed where nothing but the writer knows: as far as it was borne out where it could be checked.

Most of what a large model tells of a film (what somebody does, what a place is) no small model can see. A witness who was right where one
could look is believed elsewhere; one who was not, or could never be checked, is not. Ears and eyes have credit of their own: who has the
lines right may still be blind.

Contents: :class:`Credit`, :class:`Credits`, :func:`mark`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from omniscript_mam.script import Provenance

UNSURE = 0.5
"""A confidence below this is shown as doubtful, and says what is against the value."""
DOUBT = 3.0
"""Checks that a writer has lost before the first: three that are borne out do not yet make it believed, four do. Chosen."""
BELIEVED = 0.6
"""Share of lines borne out, with one taken off on either side, from which a writer's ears count against unsure small models. Chosen."""
WORTH = 0.85
"""What an unchecked value of a fully believed writer is worth."""
NOTHING_SHOWS = "nothing else that was observed shows it"


@dataclass
class Credit:
    """``num_borne`` of ``num_checked`` claims were borne out."""

    num_borne: int = 0
    num_checked: int = 0

    def note(self, is_borne: bool) -> None:
        """One more check."""
        self.num_checked += 1
        self.num_borne += is_borne

    @property
    def value(self) -> float:
        """0..1, and under :data:`UNSURE` until enough was borne out."""
        return (self.num_borne + 1.0) / (self.num_checked + 1.0 + DOUBT)

    @property
    def is_believed(self) -> bool:
        """Whether this writer's word stands against small models that are unsure."""
        return self.num_checked > 0 and (self.num_borne + 1.0) / (self.num_checked + 2.0) >= BELIEVED

    def but_for_one(self) -> Credit:
        """The credit without one claim that was not borne out: that claim is to be decided by the others."""
        return Credit(self.num_borne, self.num_checked - 1)

    def __add__(self, other: Credit) -> Credit:
        return Credit(self.num_borne + other.num_borne, self.num_checked + other.num_checked)

    def in_words(self) -> str:
        """For people."""
        return (
            f"{self.num_borne} of {self.num_checked} that could be checked were borne out"
            if self.num_checked
            else "nothing could be checked"
        )


@dataclass
class Credits:
    """Of ears and eyes."""

    ears: Credit = field(default_factory=Credit)
    eyes: Credit = field(default_factory=Credit)

    def __add__(self, other: Credits) -> Credits:
        return Credits(self.ears + other.ears, self.eyes + other.eyes)


def mark(by: Provenance, confidence: float, evidence: str = "", against: str = "") -> Provenance:
    """A value's provenance; one that is unsure says at least that nothing shows it."""
    confidence = round(min(max(confidence, 0.0), 1.0), 2)
    if confidence < UNSURE and not against:
        against = NOTHING_SHOWS
    return by.model_copy(update={"confidence": confidence, "evidence": evidence[:500], "against": against[:500]})


def by_credit(by: Provenance, credit: Credit, worth: float = WORTH) -> Provenance:
    """The mark of a value that only its writer knows."""
    told = f"told by {by.writer}, of whom {credit.in_words()}" if credit.num_checked else ""
    return mark(by, worth * credit.value, told, NOTHING_SHOWS)
