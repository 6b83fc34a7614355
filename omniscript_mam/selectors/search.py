"""Search: the searcher's hits with titles, files to play at the moment, and when the thumbnail was taken."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeVar

from omniscript_mam.errors import IndexRenewingError
from omniscript_mam.models import Rendition
from omniscript_mam.viewer import Action, Viewer

from .addresses import media_url
from .library import AssetCard, cards
from .reading import Reading, read
from .visible import visible_assets, visible_renditions

if TYPE_CHECKING:
    from search import Completion, Hit, Results, Searcher, SearchRequest

Answer = TypeVar("Answer")


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
    """The searcher's answer and its rows; a hit whose asset was just deleted or moved out of sight has no row.

    ``read_by`` is the language model that read the question, "" for the rules; ``read_as`` is then the query that its chips are of.
    """

    results: Results
    rows: tuple[HitRow, ...]
    read_as: str = ""
    read_by: str = ""


def search(viewer: Viewer, request: SearchRequest, *, by_model: bool = True) -> SearchPage:
    """Find moments in films that the viewer sees: search finds, counts and suggests nothing of others.

    Args:
        viewer: who asks.
        request: what they ask.
        by_model: false has the rules read the question even where a language model is set up to.

    Raises:
        IndexRenewingError: the index is being made anew. search.SearchIndexError: it cannot be used.
    """
    confined = _confined(viewer, request)
    reading = _asked(lambda searcher: read(confined.text, searcher.gazetteer(confined.collections))) if by_model else Reading(request.text)
    confined = replace(confined, text=reading.text)
    results = _asked(lambda searcher: searcher.search(confined))
    wanted = list(dict.fromkeys(uuid.UUID(hit.asset_id) for hit in results.hits))
    card_of = {card.id: card for card in cards(viewer, visible_assets(viewer).filter(id__in=wanted))}
    files = {
        (str(rendition.asset_id), rendition.kind): rendition
        for rendition in visible_renditions(viewer).filter(asset_id__in=wanted, kind__in=[Rendition.Kind.PROXY, Rendition.Kind.SPRITE])
    }
    rows = [_row(hit, card_of[hit.asset_id], files) for hit in results.hits if hit.asset_id in card_of]
    return SearchPage(results, tuple(rows), reading.text if reading.by else "", reading.by)


def explained(viewer: Viewer, request: SearchRequest) -> dict[tuple[str, str], dict[str, tuple[float, float]]]:
    """(asset id, scene id) → feature → value and weight, of every scene that was judged; empty where the learnt model does not rank.

    Raises:
        search.SearchIndexError: the index cannot be used.
    """
    confined = _confined(viewer, request)
    ranked = _asked(lambda searcher: searcher.judged(confined))
    return ranked.explained() if ranked is not None else {}


def completions(viewer: Viewer, text: str, limit: int = 8) -> tuple[Completion, ...]:
    """How a query that is being typed may go on, from what the archive has and the viewer sees.

    Raises:
        IndexRenewingError: the index is being made anew. search.SearchIndexError: it cannot be used.
    """
    seen = viewer.collections if viewer.may(Action.VIEW) else frozenset[str]()
    return _asked(lambda searcher: searcher.complete(text, seen, limit))


def _asked(question: Callable[[Searcher], Answer]) -> Answer:
    from omniscript_mam.searcher import archive_searcher, close_searchers
    from search import IndexDamagedError, IndexMismatchError

    try:
        return question(archive_searcher())
    except (IndexMismatchError, IndexDamagedError):  # rebuilt meanwhile, perhaps by a process with other weights: open it as it is now
        close_searchers()
    try:
        return question(archive_searcher())
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
