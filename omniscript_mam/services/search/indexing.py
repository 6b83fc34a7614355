"""Brings the search index to what the database says.

``IndexEntry.wanted`` is raised in the same transaction as a new revision; this module indexes what is wanted and writes down what it has
indexed: revision, title, collection, release and the content's digest. What is written down and differs from what is wanted is *pending*
(:func:`.pending.pending`), whoever changed it and however.

A write asks the database once more while the index is locked: a revision that is no longer wanted, or an asset that is gone, is not
written; and once more when it writes down what it did. A crash in between repeats the work, which replaces and so changes nothing. One
script that cannot be read is written down with its error and stops nobody else's. Long films are done in turns between which short
work gets through.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from omniscript_mam.models import Asset, IndexEntry
from omniscript_mam.searcher import archive_searcher
from omniscript_mam.viewer import SYSTEM, Action, Viewer

from .pending import pending
from .projecting import Projection, projection_of, rebuild, usable_searcher
from .saving import look_again

if TYPE_CHECKING:
    from search import Searcher

log = logging.getLogger(__name__)

TURN_TEXTS = 256
"""Vectors computed of a long film before others get their turn: about four seconds."""

LOOK_AGAIN_S = 5.0
"""Longest work on a list of what waits before it is looked at again: the latest wish comes first."""

MAX_TRIES = 3
"""Times that an asset is indexed again at once because it was changed meanwhile; after that it waits like any other."""


def index_asset(viewer: Viewer, asset: Asset) -> int:
    """Index the asset's current revision, if the index does not have it; returns the number of records it then holds.

    Raises:
        ForbiddenError
    """
    viewer.require(Action.ADMINISTER, asset.collection_id)
    entry, _ = IndexEntry.objects.get_or_create(asset=asset)
    searcher = usable_searcher()
    for _ in range(MAX_TRIES):
        waiting = pending(searcher.generation).filter(id=entry.id).first()
        if waiting is None or (projection := projection_of(waiting)) is None:
            break
        if _write(searcher, projection):
            return len(projection.records)
    return IndexEntry.objects.filter(id=entry.id).values_list("num_records", flat=True).first() or 0


def index_pending(viewer: Viewer) -> int:
    """Index everything that is pending; returns how many were.

    The latest wish comes first. A film of many events has its vectors made in turns; whatever came meanwhile is done between them.

    Raises:
        ForbiddenError. SearchIndexError: the index cannot be written now.
    """
    viewer.require_everywhere(Action.ADMINISTER)
    searcher = usable_searcher()
    turns, tries = Counter[int](), Counter[int]()
    long_film: Projection | None = None  # that of the last turn, so that it is not projected for each
    num_done = 0
    while True:
        given_up = [key for key, number in tries.items() if number >= MAX_TRIES]
        waiting = list(pending(searcher.generation).exclude(id__in=given_up).order_by("-updated_at", "id"))
        if not waiting:
            return num_done
        looked_s = time.monotonic()
        for entry in sorted(waiting, key=lambda entry: turns[entry.pk]):
            is_same = long_film is not None and long_film.asset_id == entry.asset_id and long_film.is_wanted()
            projection = long_film if is_same else projection_of(entry)
            turns[entry.pk] += 1
            if projection is not None and _is_unfinished(searcher, projection):
                long_film = projection
                break
            tries[entry.pk] += 1
            num_done += projection is not None and _is_done(searcher, projection)
            if time.monotonic() - looked_s > LOOK_AGAIN_S:
                break


def _is_unfinished(searcher: Searcher, projection: Projection) -> bool:
    """Make some of an asset's vectors; whether there are more to make."""
    from search import EmbeddingError

    try:
        return searcher.embed_some(projection.records, TURN_TEXTS) > 0
    except EmbeddingError:  # told where the rest of them is asked for
        return False


def _is_done(searcher: Searcher, projection: Projection) -> bool:
    """Write an asset, if it is still wanted and can be written; what cannot still waits."""
    from search import EmbeddingError, RecordError

    try:
        return _write(searcher, projection)
    except (EmbeddingError, RecordError) as error:
        log.warning("Asset %s could not be indexed, it still waits: %s %s", projection.asset_id, error, error.remedy)
        return False


def _write(searcher: Searcher, projection: Projection) -> bool:
    asset_id = str(projection.asset_id)
    is_written = searcher.index(asset_id, projection.records, revision=projection.revision, is_wanted=projection.is_wanted)
    if is_written:  # before it is written down, so that a film is asked about again where this was killed
        look_again(SYSTEM, [projection.asset_id])
    return is_written and projection.note(searcher.generation)


def reindex(viewer: Viewer, asset: Asset | None = None, report: Callable[[float, str], None] = lambda share, message: None) -> int:
    """Index one asset again, or build the whole index anew beside the old one and swap it in; returns the number of assets.

    Raises:
        ForbiddenError
    """
    if asset is not None:
        viewer.require(Action.ADMINISTER, asset.collection_id)
        IndexEntry.objects.filter(asset=asset).update(indexed=0)
        index_asset(viewer, asset)
        return 1
    viewer.require_everywhere(Action.ADMINISTER)
    return rebuild(report)


def forget(viewer: Viewer, asset_id: str) -> None:
    """Take an asset's records out of the index. A failure is only logged: verification shows the orphan and mends it.

    Raises:
        ForbiddenError
    """
    from search import SearchError

    viewer.require_everywhere(Action.ADMINISTER)
    try:
        archive_searcher().remove(asset_id)
    except SearchError as error:
        log.warning("Asset %s is deleted but still in the index (%s). A worker takes it out within minutes.", asset_id, error)
