"""Understanding what a person typed."""

from __future__ import annotations

from search.types import Chip


def remove_chip(text: str, chip: Chip) -> str:
    """The query without the words of one chip: what the page searches when a person removes it."""
    raise NotImplementedError
