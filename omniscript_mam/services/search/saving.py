"""Searches that people keep, with word of what is new: :func:`look_again` runs after films were indexed, over those films only.

A moment is new to a saved search where it was not among those that fitted before. One that only moved, because its script was written
anew, is the old one as long as its time overlaps. What is found only after something asked for was given up does not fit.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from omniscript_mam.errors import ConflictError, ParameterError
from omniscript_mam.models import Asset, SavedMoment, SavedSearch
from omniscript_mam.searcher import archive_searcher
from omniscript_mam.selectors.saved import get_saved
from omniscript_mam.viewer import Action, Viewer

if TYPE_CHECKING:
    from search import Hit

log = logging.getLogger(__name__)

MAX_SAVED = 200
"""Searches that one person may keep."""

MAX_MOMENTS = 200
"""Moments of one search that are looked at at once: those that search ranks at most."""

MAX_NAME = 200
MAX_TEXT = 1000


def save_search(viewer: Viewer, name: str, text: str, *, filters: dict[str, list[str]] | None = None, is_soft: bool = False) -> SavedSearch:
    """Keep a question under a name; what fits now is not new.

    Raises:
        ForbiddenError. ParameterError: no name, or nothing is asked, or too many are kept. ConflictError: the name is taken.
    """
    from search import FACETS

    viewer.require(Action.VIEW)
    name, text = " ".join(name.split())[:MAX_NAME], text.strip()
    wanted = {facet: [str(value)[:200] for value in values] for facet, values in (filters or {}).items() if facet in FACETS and values}
    if not name or len(text) > MAX_TEXT or not (text or wanted):
        raise ParameterError("A saved search needs a name and a question.", remedy="Give “name”, and “text” or filters.")
    if SavedSearch.objects.filter(owner=viewer.user_id).count() >= MAX_SAVED:
        raise ParameterError(f"There are {MAX_SAVED} saved searches already.", remedy="Delete one of them first.")
    now = timezone.now()
    try:
        with transaction.atomic():
            saved = SavedSearch.objects.create(owner=viewer.user_id, name=name, text=text, filters=wanted, is_soft=is_soft, looked_at=now)
    except IntegrityError as error:
        raise ConflictError(f"There is a saved search called {name!r} already.", remedy="Choose another name.") from error
    hits, total = _fitting(saved, None)
    there = set(Asset.objects.filter(id__in={hit.asset_id for hit in hits}).values_list("id", flat=True))
    SavedMoment.objects.bulk_create(_moment(saved, hit, now) for hit in hits if uuid.UUID(hit.asset_id) in there)
    SavedSearch.objects.filter(id=saved.id).update(is_whole=total <= len(hits))
    saved.refresh_from_db()
    return saved


def delete_search(viewer: Viewer, saved_id: uuid.UUID | str) -> None:
    """Keep it no longer.

    Raises:
        NotFoundError, ForbiddenError
    """
    viewer.require(Action.VIEW)
    get_saved(viewer, saved_id).delete()


def note_looked(viewer: Viewer, saved_id: uuid.UUID | str) -> None:
    """What has been found so far is not new any more.

    Raises:
        NotFoundError, ForbiddenError
    """
    viewer.require(Action.VIEW)
    SavedSearch.objects.filter(id=get_saved(viewer, saved_id).id).update(looked_at=timezone.now())


def look_again(viewer: Viewer, asset_ids: Collection[uuid.UUID]) -> int:
    """Ask every saved search about films that were just indexed; returns how many moments are new.

    Raises:
        ForbiddenError
    """
    from search import SearchError

    viewer.require_everywhere(Action.ADMINISTER)
    if not asset_ids:
        return 0
    num_new = 0
    for saved in SavedSearch.objects.all():
        try:
            num_new += _renew(saved, asset_ids)
        except SearchError as error:
            log.warning("The saved search %s could not be asked about new films: %s", saved.id, error)
    return num_new


def _renew(saved: SavedSearch, asset_ids: Iterable[uuid.UUID]) -> int:
    """Put the moments of these films that fit now in the place of those that did; how many overlap none of these."""
    hits, _ = _fitting(saved, frozenset(map(str, asset_ids)))
    now, num_new = timezone.now(), 0
    with transaction.atomic():
        for asset in Asset.objects.filter(id__in=asset_ids):
            known = list(SavedMoment.objects.filter(search=saved, asset=asset))
            is_old_film = not saved.is_whole and not known and _was_indexed_before(asset, saved.created_at)
            moments = [_moment(saved, hit, saved.looked_at if is_old_film else now) for hit in hits if hit.asset_id == str(asset.id)]
            for moment in moments:
                before = [other.found_at for other in known if other.start_s < moment.end_s and moment.start_s < other.end_s]
                moment.found_at = min(before, default=moment.found_at)
                num_new += moment.found_at > saved.looked_at
            SavedMoment.objects.filter(id__in=[other.pk for other in known]).delete()
            SavedMoment.objects.bulk_create(moments)
    return num_new


def _fitting(saved: SavedSearch, asset_ids: frozenset[str] | None) -> tuple[list[Hit], int]:
    """The best moments that fit as asked, and the number of all."""
    from search import SearchRequest

    filters = {facet: tuple(values) for facet, values in saved.filters.items()}
    results = archive_searcher().search(
        SearchRequest(saved.text, filters=filters, soft=saved.is_soft, asset_ids=asset_ids, limit=MAX_MOMENTS)
    )
    return ([], 0) if results.relaxed else (list(results.hits), results.total)


def _moment(saved: SavedSearch, hit: Hit, found_at: datetime) -> SavedMoment:
    return SavedMoment(search=saved, asset_id=uuid.UUID(hit.asset_id), start_s=hit.start_s, end_s=hit.end_s, found_at=found_at)


def _was_indexed_before(asset: Any, then: datetime) -> bool:
    return bool(asset.revisions.filter(created_at__lte=then).exists())
