"""Make the script searchable."""

from __future__ import annotations

from omniscript_mam.viewer import SYSTEM

from ...search import indexing
from ..work import Work


def run(work: Work) -> None:
    """Index the asset's current revision."""
    work.report(0.0, "Making it searchable")
    num_records = indexing.index_asset(SYSTEM, work.asset)
    with work.lease.guard():
        work.store_result({"num_records": num_records})
