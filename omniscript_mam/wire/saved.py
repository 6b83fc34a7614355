"""Saved searches on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict

from omniscript_mam.selectors.saved import NewMoment, SavedRow


class SavedSearchWire(TypedDict):
    """A saved search. ``filters`` are facet → values; ``num_new``: moments that fit since it was last looked at."""

    id: str
    name: str
    text: str
    filters: dict[str, list[str]]
    only: bool
    num_moments: int
    num_new: int
    created_at: datetime
    looked_at: datetime


class NewMomentWire(TypedDict):
    """A moment that is new to a saved search; times in seconds of the film."""

    asset_id: str
    title: str
    start_s: float
    end_s: float


class SavedSearchDetailWire(SavedSearchWire):
    """A saved search with what is new."""

    new: list[NewMomentWire]


def saved_searches_wire(rows: list[SavedRow]) -> list[SavedSearchWire]:
    """All of somebody's."""
    return [saved_search_wire(row) for row in rows]


def saved_search_wire(row: SavedRow) -> SavedSearchWire:
    """One in a list."""
    return SavedSearchWire(
        id=row.id,
        name=row.name,
        text=row.text,
        filters=row.filters,
        only=not row.is_soft,
        num_moments=row.num_moments,
        num_new=row.num_new,
        created_at=row.created_at,
        looked_at=row.looked_at,
    )


def saved_search_detail_wire(row: SavedRow, moments: list[NewMoment]) -> SavedSearchDetailWire:
    """One with what is new."""
    new = [NewMomentWire(asset_id=each.asset_id, title=each.title, start_s=each.start_s, end_s=each.end_s) for each in moments]
    return SavedSearchDetailWire(**saved_search_wire(row), new=new)
