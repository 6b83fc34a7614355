"""Search: the searcher's hits with titles, files to play at the moment, and when the thumbnail was taken."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from omniscript_mam.errors import IndexRenewingError
from omniscript_mam.models import Rendition
from omniscript_mam.viewer import Action, Viewer

from .addresses import media_url
from .library import AssetCard, cards
from .visible import visible_assets, visible_renditions

if TYPE_CHECKING:
    from search import Hit, Results, SearchRequest


@dataclass(frozen=True)
class HitRow:
    """A hit ready to show. The thumbnail is the tile of the sprite sheet at ``thumbnail_s`` (``sprite`` has its measures)."""

    hit: Hit
    card: AssetCard
    proxy_url: str
    sprite_url: str
    sprite: dict[str, Any]
    thumbnail_s: float


@dataclass(frozen=True)
class SearchPage:
    """The searcher's answer and its rows; a hit whose asset was just deleted or moved out of sight has no row."""

    results: Results
    rows: tuple[HitRow, ...]


def search(viewer: Viewer, request: SearchRequest) -> SearchPage:
    """Find moments in films that the viewer sees: search finds, counts and suggests nothing of others.

    Raises:
        IndexRenewingError: the index is being made anew. search.SearchIndexError: it cannot be used.
    """
    results = _results(_confined(viewer, request))
    wanted = list(dict.fromkeys(uuid.UUID(hit.asset_id) for hit in results.hits))
    card_of = {card.id: card for card in cards(viewer, visible_assets(viewer).filter(id__in=wanted))}
    files = {
        (str(rendition.asset_id), rendition.kind): rendition
        for rendition in visible_renditions(viewer).filter(asset_id__in=wanted, kind__in=[Rendition.Kind.PROXY, Rendition.Kind.SPRITE])
    }
    rows = [_row(hit, card_of[hit.asset_id], files) for hit in results.hits if hit.asset_id in card_of]
    return SearchPage(results, tuple(rows))


def explained(viewer: Viewer, request: SearchRequest) -> dict[tuple[str, str], dict[str, tuple[float, float]]]:
    """(asset id, scene id) → feature → value and weight, of every scene that was judged; empty where the learnt model does not rank.

    Raises:
        search.SearchIndexError: the index cannot be used.
    """
    from omniscript_mam.searcher import archive_searcher

    ranked = archive_searcher().judged(_confined(viewer, request))
    return ranked.explained() if ranked is not None else {}


def _results(request: SearchRequest) -> Results:
    from omniscript_mam.searcher import archive_searcher, close_searchers
    from search import IndexDamagedError, IndexMismatchError

    try:
        return archive_searcher().search(request)
    except (IndexMismatchError, IndexDamagedError):  # rebuilt meanwhile, perhaps by a process with other weights: open it as it is now
        close_searchers()
    try:
        return archive_searcher().search(request)
    except IndexMismatchError as error:
        raise IndexRenewingError("The search index is of another release or model and is being made anew.") from error
    except IndexDamagedError as error:
        raise IndexRenewingError("The search index is damaged and is being made anew from the database.") from error


def _confined(viewer: Viewer, request: SearchRequest) -> SearchRequest:
    """The request, over no more collections than the viewer sees."""
    seen = viewer.collections if viewer.may(Action.VIEW) else frozenset[str]()
    if seen is None:
        return request
    return replace(request, collections=seen if request.collections is None else seen & request.collections)


def _row(hit: Hit, card: AssetCard, files: dict[tuple[str, str], Rendition]) -> HitRow:
    sprite = files.get((hit.asset_id, Rendition.Kind.SPRITE))
    return HitRow(
        hit=hit,
        card=card,
        proxy_url=media_url(files.get((hit.asset_id, Rendition.Kind.PROXY))),
        sprite_url=media_url(sprite),
        sprite=sprite.details if sprite else {},
        thumbnail_s=min((hit.start_s + hit.end_s) / 2, hit.start_s + 2.0),
    )
