"""Writers on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from inference.writers.cards import WriterCard


class WriterWire(TypedDict):
    """One writer.

    Attributes:
        name: what a job or a collection asks for. title: what people read. version: "" where it is not known before it is loaded.
        ready, problem, remedy: whether it can be used here, else why not and what to do about it.
        hears, sees: whether sound and pictures reach the model itself.
        sent_to: the host that footage is sent to, "" where it stays here.
        price: in words, "" where there is none.
    """

    name: str
    title: str
    version: str
    ready: bool
    problem: str
    remedy: str
    hears: bool
    sees: bool
    sent_to: str
    price: str


class WritersWire(TypedDict):
    """Every writer that is known here."""

    results: list[WriterWire]


def writer_wire(card: WriterCard) -> WriterWire:
    """One writer."""
    return WriterWire(
        name=card.name,
        title=card.title,
        version=card.version,
        ready=card.ready,
        problem=card.problem,
        remedy=card.remedy,
        hears=card.hears,
        sees=card.sees,
        sent_to=card.sent_to,
        price=card.price,
    )


def writers_wire(cards: Iterable[WriterCard]) -> WritersWire:
    """Every writer, in the order given."""
    return WritersWire(results=[writer_wire(card) for card in cards])
