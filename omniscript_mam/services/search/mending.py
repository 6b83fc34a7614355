"""Proves that database and index agree, and mends what does not.

Looks of three depths: :func:`is_behind` is for every round of the reaper (rows against what the index says it holds, and files that were
changed since the last look); :func:`verify` reads every file and compares every asset's records by their digest; :func:`repair` does that,
writes again what differs, and builds the index anew where it is damaged.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from omniscript_mam.models import IndexEntry
from omniscript_mam.searcher import archive_searcher
from omniscript_mam.viewer import Action, Viewer

from .indexing import forget, index_pending
from .pending import pending
from .projecting import rebuild, usable_searcher

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Verification:
    """Database against index, by asset id.

    ``missing`` from the index, ``stale`` there (old revision, title or collection, other content, other release), ``orphan`` (no such
    asset), ``unreadable``: stored scripts that nothing can be indexed of, which no repair mends. ``damaged`` says in words what of the
    index's files is not as it was written.
    """

    num_assets: int = 0
    num_records: int = 0
    missing: tuple[str, ...] = ()
    stale: tuple[str, ...] = ()
    orphan: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()

    @property
    def agrees(self) -> bool:
        """True if the index holds exactly what can be read of what the database says."""
        return not (self.missing or self.stale or self.orphan or self.damaged)


def verify(viewer: Viewer) -> Verification:
    """Compare database and index, both ways, by content.

    Raises:
        ForbiddenError. IndexMismatchError: another release or model made the index.
    """
    from search import IndexDamagedError

    viewer.require_everywhere(Action.ADMINISTER)
    entries = {str(entry.asset_id): entry for entry in IndexEntry.objects.filter(wanted__gt=0)}
    unreadable = tuple(sorted(key for key, entry in entries.items() if entry.error and entry.indexed == entry.wanted))
    try:
        searcher = archive_searcher()
        damaged, held = searcher.damage(), searcher.contents()
        waiting = {str(entry.asset_id) for entry in pending(searcher.generation)}
        stale = {
            key for key in entries.keys() & held.keys() if key in waiting or (entries[key].wanted, entries[key].num_records) != held[key]
        }
        if not damaged:
            stale |= {key for key in entries.keys() & held.keys() - stale if searcher.digest(key) != entries[key].digest}
    except IndexDamagedError as error:
        return Verification(len(entries), damaged=(str(error),), unreadable=unreadable)
    return Verification(
        num_assets=len(entries),
        num_records=sum(count for _, count in held.values()),
        missing=tuple(sorted(entries.keys() - held.keys())),
        stale=tuple(sorted(stale)),
        orphan=tuple(sorted(held.keys() - entries.keys())),
        unreadable=unreadable,
        damaged=damaged,
    )


def repair(viewer: Viewer, report: Callable[[float, str], None] = lambda share, message: None) -> Verification:
    """Mend whatever :func:`verify` finds, and try again what could not be read; returns what is found after it.

    Args:
        report: told the share of a rebuild that is done, in [0, 1], and the title in work.

    Raises:
        ForbiddenError. SearchIndexError: the index cannot be written now.
    """
    from search import IndexMismatchError

    viewer.require_everywhere(Action.ADMINISTER)
    try:
        found = verify(viewer)
    except IndexMismatchError:
        found = Verification(damaged=("Another release or model made the index.",))
    if found.damaged:
        log.warning("The search index is built anew: %s", " ".join(found.damaged[:3]))
        rebuild(report)
    else:
        IndexEntry.objects.filter(asset_id__in=[*found.missing, *found.stale, *found.unreadable]).update(indexed=0)
        _forget_orphans(viewer, found.orphan)
    index_pending(viewer)
    return verify(viewer)


def catch_up(viewer: Viewer) -> int:
    """Bring the index to what the database says without reading all of it; returns how many assets were indexed.

    Raises:
        ForbiddenError. SearchIndexError: the index cannot be written now.
    """
    from search import IndexDamagedError

    viewer.require_everywhere(Action.ADMINISTER)
    searcher = usable_searcher()
    try:
        if damaged := searcher.damage(only_changed=True):
            raise IndexDamagedError(" ".join(damaged[:3]))
        held = searcher.contents()
        rows = _rows()
        IndexEntry.objects.filter(asset_id__in=[key for key in rows if held.get(key) != rows[key]]).update(indexed=0)
        _forget_orphans(viewer, held.keys() - rows.keys())
        return index_pending(viewer)
    except IndexDamagedError as error:
        log.warning("The search index is built anew: %s", error)
        return rebuild() + index_pending(viewer)


def is_behind(viewer: Viewer) -> bool:
    """Whether there is anything for :func:`catch_up`, but what running jobs are about to index themselves.

    Raises:
        ForbiddenError
    """
    from search import SearchIndexError

    viewer.require_everywhere(Action.ADMINISTER)
    try:
        searcher = archive_searcher()
        held, rows = searcher.contents(), _rows()
        busy = {str(key) for key in IndexEntry.objects.filter(asset__jobs__state="running").values_list("asset_id", flat=True)}
        waiting = {str(key) for key in pending(searcher.generation).values_list("asset_id", flat=True)}
        differing = {key for key in rows.keys() | held.keys() if held.get(key) != rows.get(key)}
        return bool((waiting | differing) - busy) or bool(searcher.damage(only_changed=True))
    except SearchIndexError:  # made by another release, or damaged: to be built anew
        return True


def _rows() -> dict[str, tuple[int, int]]:
    """Asset id → revision and number of records, as the database thinks that the index holds them."""
    rows = IndexEntry.objects.filter(wanted__gt=0).values_list("asset_id", "wanted", "num_records")
    return {str(asset_id): (wanted, num_records) for asset_id, wanted, num_records in rows}


def _forget_orphans(viewer: Viewer, asset_ids: Iterable[str]) -> None:
    for asset_id in sorted(asset_ids):
        if not IndexEntry.objects.filter(asset_id=asset_id, wanted__gt=0).exists():
            forget(viewer, asset_id)
