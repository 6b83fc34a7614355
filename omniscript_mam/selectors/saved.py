"""Saved searches of whoever asks, with how many moments of each are new to them, of films that they see."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q

from omniscript_mam.errors import NotFoundError
from omniscript_mam.models import SavedSearch
from omniscript_mam.viewer import Viewer

from .identifiers import parse_uuid
from .visible import visible_assets, visible_saved_moments, visible_saved_searches


@dataclass(frozen=True)
class SavedRow:
    """A saved search as shown."""

    id: str
    name: str
    text: str
    filters: dict[str, list[str]]
    is_soft: bool
    num_moments: int
    num_new: int
    created_at: datetime
    looked_at: datetime


@dataclass(frozen=True)
class NewMoment:
    """A moment that fits a saved search since it was last looked at; times in seconds."""

    asset_id: str
    title: str
    start_s: float
    end_s: float


def saved_searches(viewer: Viewer) -> list[SavedRow]:
    """All that they keep, those with something new first."""
    seen = Q(moments__asset__in=visible_assets(viewer))
    rows = visible_saved_searches(viewer).annotate(
        num_moments=Count("moments", filter=seen), num_new=Count("moments", filter=seen & Q(moments__found_at__gt=F("looked_at")))
    )
    return sorted((_row(row) for row in rows), key=lambda row: (-min(1, row.num_new), row.name.casefold()))


def num_new_moments(viewer: Viewer) -> int:
    """New moments of all their saved searches."""
    return visible_saved_moments(viewer).filter(found_at__gt=F("search__looked_at")).count()


def get_saved(viewer: Viewer, saved_id: uuid.UUID | str) -> SavedSearch:
    """One of their saved searches, by its id or its name.

    Raises:
        NotFoundError
    """
    identifier = parse_uuid(saved_id)
    wanted = Q(id=identifier) if identifier else Q(name=str(saved_id))
    saved = visible_saved_searches(viewer).filter(wanted).first()
    if saved is None:
        raise NotFoundError(f"There is no saved search {saved_id}.", remedy="Choose one from the list of saved searches.")
    return saved


def new_moments(viewer: Viewer, saved_id: uuid.UUID | str) -> list[NewMoment]:
    """What fits it since it was last looked at, film by film, in the order of the film.

    Raises:
        NotFoundError
    """
    saved = get_saved(viewer, saved_id)
    new = visible_saved_moments(viewer).filter(search=saved, found_at__gt=saved.looked_at).select_related("asset")
    ordered = sorted(new, key=lambda moment: (moment.asset.title, str(moment.asset_id), moment.start_s))
    return [NewMoment(str(moment.asset_id), moment.asset.title, moment.start_s, moment.end_s) for moment in ordered]


def _row(saved: SavedSearch) -> SavedRow:
    return SavedRow(
        id=str(saved.id),
        name=saved.name,
        text=saved.text,
        filters=saved.filters,
        is_soft=saved.is_soft,
        num_moments=saved.num_moments,  # type: ignore[attr-defined]
        num_new=saved.num_new,  # type: ignore[attr-defined]
        created_at=saved.created_at,
        looked_at=saved.looked_at,
    )
