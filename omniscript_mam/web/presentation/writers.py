"""Writers as a person chooses them: what each perceives, what it costs, where footage goes, and what is missing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inference.writers.cards import WriterCard

SENSES = {
    (True, True): "Sees the pictures and hears the sound.",
    (True, False): "Sees the pictures; hears nothing, so it reads the transcript of the small models.",
    (False, True): "Hears the sound; sees nothing.",
    (False, False): "Sees and hears nothing itself; it writes from what the small models found.",
}
"""(sees, hears) in words."""

STRATEGIES = (
    ("tsg", "In segments, planned first (TSG)"),
    ("auto", "In one go where the film is short enough, else in segments"),
    ("lce", "In one go (LCE); too long a film in segments"),
)
"""Values of a collection's option ``strategy``, with their words."""


@dataclass(frozen=True)
class Choice:
    """One radio card. ``value`` is what the form sends; "" means as the archive does."""

    value: str
    title: str
    name: str = ""
    version: str = ""
    ready: bool = True
    problem: str = ""
    remedy: str = ""
    lines: list[str] = field(default_factory=list)


def choices(cards: Iterable[WriterCard], names: Iterable[str], default: str) -> list[Choice]:
    """Every writer, after the choice to leave it to the archive, whose writer is called ``default``.

    ``names`` are all that a job may ask for; those that an administrator added (OMNISCRIPT_WRITERS) have no card.
    """
    named = [_choice(card) for card in cards]
    named += [Choice(name, name, name) for name in names if name not in {each.name for each in named}]
    own = next((each for each in named if each.name == default), Choice(default, default))
    archive = Choice("", "As the whole archive", own.name or default, own.version, own.ready, own.problem, own.remedy, [own.title])
    return [archive, *named]


def _choice(card: WriterCard) -> Choice:
    is_undeclared = card.name.startswith("remote") and not card.sent_to
    lines = ["What it perceives, and where footage is sent, is declared with it."] if is_undeclared else [SENSES[card.sees, card.hears]]
    if not is_undeclared:
        lines.append(f"Footage is sent to {card.sent_to}." if card.sent_to else "Footage stays on this machine.")
    if card.price:
        lines.append(f"Costs {card.price}.")
    return Choice(card.name, card.title, card.name, card.version, card.ready, card.problem, card.remedy, lines)
