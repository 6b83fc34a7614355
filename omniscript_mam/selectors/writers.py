"""Writers as people choose them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from omniscript_mam.viewer import Viewer

if TYPE_CHECKING:
    from inference.writers.cards import WriterCard


def writer_cards(viewer: Viewer) -> list[WriterCard]:
    """Every writer that is known here: what it perceives, and whether it can be used."""
    from inference.writers.cards import writer_cards as cards

    return cards()


def writer_card(viewer: Viewer, name: str) -> WriterCard | None:
    """The card of one writer; ``None`` where nobody is called so."""
    from inference.writers.cards import writer_card as card

    return card(name)
