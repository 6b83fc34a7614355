"""Make the script searchable."""

from __future__ import annotations

import logging

from omniscript_mam.viewer import SYSTEM
from search import IndexLockedError

from ... import publishing
from ...search import indexing
from ..work import Work

log = logging.getLogger(__name__)


def run(work: Work) -> None:
    """Index the asset's current revision."""
    work.report(0.0, "Making it searchable")
    try:
        num_records = indexing.index_asset(SYSTEM, work.asset)
    except IndexLockedError as error:  # the index is being built anew: the worker of the index does this film as well
        log.warning("Asset %s is indexed later: %s", work.asset.id, error)
        num_records = 0
        publishing.wake_for_index()
    with work.lease.guard():
        work.store_result({"num_records": num_records})
