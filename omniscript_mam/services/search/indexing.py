"""Brings the search index to what the database says, and shows where it is not.

``IndexEntry.wanted`` is raised in the same transaction as a new revision; this module indexes what is wanted and then, only if the
wish is still the same, writes down what is indexed. A crash in between repeats the work, which replaces and so changes nothing.
A change of what every record carries besides the script (title, collection) empties ``generation``: the entry waits again.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import F, Q

from omniscript_mam.models import Asset, IndexEntry, ScriptRevision
from omniscript_mam.script import from_data
from omniscript_mam.searcher import archive_searcher, close_searchers, embedder, index_folder
from omniscript_mam.viewer import Action, Viewer

if TYPE_CHECKING:
    from search import Searcher

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verification:
    """Database against index, by asset id.

    ``missing`` from the index, ``stale`` there (old revision, other number of records, other model), ``orphan`` (no such asset).
    """

    num_assets: int = 0
    num_records: int = 0
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    orphan: tuple[str, ...] = field(default=())

    @property
    def agrees(self) -> bool:
        """True if the index holds exactly what the database says."""
        return not (self.missing or self.stale or self.orphan)


def index_asset(viewer: Viewer, asset: Asset) -> int:
    """Index the asset's current revision, if the index does not have it; returns the number of records it then holds.

    Raises:
        ForbiddenError
    """
    from search import build_records

    viewer.require(Action.ADMINISTER, asset.collection_id)
    entry, _ = IndexEntry.objects.get_or_create(asset=asset)
    searcher = _usable_searcher()
    if entry.wanted and entry.indexed == entry.wanted and entry.generation == searcher.generation:
        return entry.num_records
    revision = ScriptRevision.objects.filter(asset=asset, number=entry.wanted).first()
    if revision is None:
        return 0
    records = build_records(
        from_data(revision.document), str(asset.id), asset.title, revision.number, collection=str(asset.collection_id or "")
    )
    searcher.index(str(asset.id), records, revision=revision.number)
    _note_indexed(entry, asset, revision.number, searcher.generation, len(records))
    return len(records)


def index_pending(viewer: Viewer) -> int:
    """Index everything whose wanted revision is not the indexed one, or that another release or model indexed; returns how many.

    Raises:
        ForbiddenError
    """
    viewer.require_everywhere(Action.ADMINISTER)
    generation = _usable_searcher().generation
    pending = Asset.objects.filter(index_entry__wanted__gt=0).filter(
        ~Q(index_entry__indexed=F("index_entry__wanted")) | ~Q(index_entry__generation=generation)
    )
    count = 0
    for asset in pending.order_by("created_at").iterator():
        index_asset(viewer, asset)
        count += 1
    return count


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
    return _rebuild(report)


def forget(viewer: Viewer, asset_id: str) -> None:
    """Take an asset's records out of the index. A failure is only logged: verification shows the orphan and rebuilding removes it.

    Raises:
        ForbiddenError
    """
    from search import SearchError

    viewer.require_everywhere(Action.ADMINISTER)
    try:
        archive_searcher().remove(asset_id)
    except SearchError as error:
        log.warning("Asset %s is deleted but still in the index (%s). Run `omniscript index rebuild`.", asset_id, error)


def verify(viewer: Viewer) -> Verification:
    """Compare database and index, both ways. An index of another release or model holds nothing that counts: all of it is missing.

    Raises:
        ForbiddenError. search.SearchIndexError: the index cannot be read.
    """
    from search import IndexMismatchError

    viewer.require_everywhere(Action.ADMINISTER)
    wanted = {str(entry.asset_id): entry for entry in IndexEntry.objects.filter(wanted__gt=0)}
    try:
        searcher = archive_searcher()
    except IndexMismatchError as error:
        log.warning("%s", error)
        return Verification(num_assets=len(wanted), missing=tuple(sorted(wanted)))
    held = searcher.contents()
    stale = [
        identifier
        for identifier, entry in wanted.items()
        if identifier in held and (entry.wanted, entry.num_records, searcher.generation) != (*held[identifier], entry.generation)
    ]
    return Verification(
        num_assets=len(wanted),
        num_records=sum(count for _, count in held.values()),
        missing=tuple(sorted(set(wanted) - set(held))),
        stale=tuple(sorted(stale)),
        orphan=tuple(sorted(set(held) - set(wanted))),
    )


def _usable_searcher() -> Searcher:
    """The searcher; an index that another version made, or that cannot be read, is rebuilt from the database first."""
    from search import IndexDamagedError, IndexMismatchError

    try:
        return archive_searcher()
    except (IndexMismatchError, IndexDamagedError) as error:
        log.warning("%s It is rebuilt from the database.", error)
        _rebuild(lambda share, message: None)
        return archive_searcher()


def _rebuild(report: Callable[[float, str], None]) -> int:
    from search import EmbeddedIndexOptions, build_records, rebuilding

    entries = list(IndexEntry.objects.filter(wanted__gt=0).select_related("asset"))
    done: list[tuple[IndexEntry, int]] = []
    with rebuilding(EmbeddedIndexOptions(index_folder()), embedder=embedder()) as fresh:
        for number, entry in enumerate(entries):
            report(number / len(entries), entry.asset.title)
            revision = ScriptRevision.objects.get(asset=entry.asset, number=entry.wanted)
            asset = entry.asset
            records = build_records(
                from_data(revision.document), str(asset.id), asset.title, revision.number, collection=str(asset.collection_id or "")
            )
            fresh.index(str(entry.asset_id), records, revision=revision.number)
            done.append((entry, len(records)))
        generation = fresh.generation
    for entry, num_records in done:
        IndexEntry.objects.filter(id=entry.id).update(indexed=entry.wanted, generation=generation, num_records=num_records)
    close_searchers()
    return len(done)


def _note_indexed(entry: IndexEntry, asset: Asset, revision: int, generation: str, num_records: int) -> None:
    """Write down what is indexed, unless the asset was corrected, renamed or moved since it was read: then it still waits."""
    unchanged = IndexEntry.objects.filter(id=entry.id, asset__title=asset.title, asset__collection=asset.collection_id)
    unchanged.filter(wanted=revision).update(indexed=revision, generation=generation, num_records=num_records)
