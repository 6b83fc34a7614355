"""From stored scripts to records, one asset or all of them: what :mod:`.indexing` and :mod:`.mending` do as the system.

A projection knows what it was made from, so that it can be asked whether it is still what the index should hold.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import QuerySet

from omniscript_mam import storage
from omniscript_mam.errors import ReadOnlyError
from omniscript_mam.models import Asset, IndexEntry, ScriptRevision
from omniscript_mam.script import from_data
from omniscript_mam.searcher import archive_searcher, close_searchers, embedder, index_folder

if TYPE_CHECKING:
    from search import Record, Searcher

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Projection:
    """The records of an asset's wanted revision; none, and the reason, where it cannot be read."""

    asset_id: uuid.UUID
    revision: int
    title: str
    collection: uuid.UUID | None
    records: list[Record]
    error: str = ""

    def entries(self) -> QuerySet[IndexEntry]:
        """The asset's entry if this is still what is wanted: it is there, and was not corrected, renamed or moved."""
        return IndexEntry.objects.filter(
            asset_id=self.asset_id, wanted=self.revision, asset__title=self.title, asset__collection=self.collection
        )

    def is_of(self, entry: IndexEntry) -> bool:
        """Whether this is what an entry, as it was read with its asset, wants."""
        return (self.revision, self.title, self.collection) == (entry.wanted, entry.asset.title, entry.asset.collection_id)

    def is_wanted(self) -> bool:
        """Whether this is still what the index should hold of the asset."""
        return self.entries().exists()

    def note(self, generation: str) -> bool:
        """Write down that it is indexed; false if something else is wanted by now, which then still waits."""
        from search import records_digest

        return bool(
            self.entries().update(
                indexed=self.revision,
                generation=generation,
                num_records=len(self.records),
                title=self.title,
                collection=self.collection,
                digest=records_digest(self.records),
                error=self.error[:500],
            )
        )


def usable_searcher() -> Searcher:
    """The searcher; an index that another version made, or that cannot be read, is rebuilt from the database first."""
    from search import IndexDamagedError, IndexMismatchError

    try:
        return archive_searcher()
    except (IndexMismatchError, IndexDamagedError) as error:
        log.warning("%s It is rebuilt from the database.", error)
        rebuild()
        return archive_searcher()


def rebuild(report: Callable[[float, str], None] = lambda share, message: None) -> int:
    """Build the index anew beside the old one and swap it in; returns the number of assets.

    Searches and writes go on in the old one meanwhile. What is new, corrected, renamed, moved or deleted since is brought over before the
    swap: most of it while others may write, the rest of it while they wait.

    Args:
        report: told the share that is done, in [0, 1], and the title in work.

    Raises:
        ReadOnlyError. SearchIndexError: the index cannot be written now.
    """
    from search import EmbeddedIndexOptions, rebuilding

    if storage.is_read_only():
        raise ReadOnlyError
    done: dict[uuid.UUID, Projection] = {}
    with rebuilding(EmbeddedIndexOptions(index_folder()), embedder=embedder(), settle=lambda last: _bring_over(last, done)) as fresh:
        _bring_over(fresh, done, report)
        _bring_over(fresh, done)
        generation = fresh.generation
    for projection in done.values():
        projection.note(generation)
    close_searchers()
    return len(done)


def _bring_over(
    fresh: Searcher, done: dict[uuid.UUID, Projection], report: Callable[[float, str], None] = lambda share, message: None
) -> None:
    """Put into a new index what the database wants and it does not have, and take out what is wanted no more."""
    entries = list(IndexEntry.objects.filter(wanted__gt=0).select_related("asset"))
    behind = [entry for entry in entries if entry.asset_id not in done or not done[entry.asset_id].is_of(entry)]
    for asset_id in done.keys() - {entry.asset_id for entry in entries}:
        fresh.remove(str(asset_id))
        del done[asset_id]
    for number, entry in enumerate(behind):
        report(number / len(behind), entry.asset.title)
        projection = projection_of(entry)
        if projection is not None:
            fresh.index(str(entry.asset_id), projection.records, revision=projection.revision)
            done[entry.asset_id] = projection


def projection_of(entry: IndexEntry) -> Projection | None:
    """What the index should hold of an asset; ``None`` if the asset is gone."""
    asset = Asset.objects.filter(id=entry.asset_id).first()
    if asset is None:
        return None
    try:
        records, error = _records(asset, entry.wanted), ""
    except Exception as problem:  # whatever is wrong with one stored script must not stop the others
        log.exception("Revision %s of asset %s cannot be read; it is left out of the index.", entry.wanted, asset.id)
        records, error = [], f"{type(problem).__name__}: {problem}"
    return Projection(asset.id, entry.wanted, asset.title, asset.collection_id, records, error)


def _records(asset: Asset, number: int) -> list[Record]:
    from search import build_records

    revision = ScriptRevision.objects.get(asset=asset, number=number)
    return build_records(from_data(revision.document), str(asset.id), asset.title, number, collection=str(asset.collection_id or ""))
