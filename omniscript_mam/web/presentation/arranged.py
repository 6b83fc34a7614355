"""How the moments of a search are laid out: a list, a storyboard of frames, a timeline for each film; and their groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .clock import elapsed
from .hits import HitCard

VIEWS = (("", "List"), ("storyboard", "Storyboard"), ("timeline", "Timeline"))
"""What the address says → what people read."""

ARRANGED = (("", "Best first"), ("film", "By film"), ("scene", "By scene"), ("spread", "Mixed films"))

BAR_UNITS = 1000
"""Width of a film's bar in the units of its drawing."""

MIN_MARK = 4
"""Narrowest mark, in the same units: a moment of a second in a long film is still seen and hit."""


@dataclass(frozen=True)
class Mark:
    """A moment on its film's bar: place and width in :data:`BAR_UNITS`, as text."""

    card: HitCard
    x: str
    width: str


@dataclass(frozen=True)
class Group:
    """Hits that stand together. ``title`` is "" where there are no groups; ``marks`` are in the order of the film."""

    title: str
    note: str
    cards: list[HitCard]
    duration: str = ""
    marks: list[Mark] = field(default_factory=list)


def grouped(cards: Sequence[HitCard], how: str) -> list[Group]:
    """Hits under the heading of their film or scene, in the order in which they come; all under one without a title otherwise."""
    if how not in ("film", "scene"):
        return [Group("", "", list(cards))]
    groups: dict[tuple[str, str], list[HitCard]] = {}
    for card in cards:
        groups.setdefault((card.hit.asset_id, card.hit.scene_id if how == "scene" else ""), []).append(card)
    return [_group(members, how) for members in groups.values()]


def _group(cards: list[HitCard], how: str) -> Group:
    first = cards[0]
    duration_s = max([first.card.duration_s, *(card.hit.end_s for card in cards)])
    marks = [_mark(card, duration_s) for card in sorted(cards, key=lambda card: card.hit.start_s)] if duration_s > 0 else []
    note = f"{first.scene_number} {first.slug}".strip() if how == "scene" and first.slug else ""
    return Group(first.card.title, note, cards, elapsed(duration_s), marks)


def _mark(card: HitCard, duration_s: float) -> Mark:
    width = max(float(MIN_MARK), BAR_UNITS * (card.hit.end_s - card.hit.start_s) / duration_s)
    return Mark(card, f"{min(BAR_UNITS - width, BAR_UNITS * card.hit.start_s / duration_s):.2f}", f"{width:.2f}")
