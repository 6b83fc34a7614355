"""Decode the film once, in chunks, into the spool that all later steps read."""

from __future__ import annotations

from omniscript_mam import storage
from omniscript_mam.models import Asset, State, Step

from ..work import Work

READERS = ("plan", "write", "merge")
"""Steps that read the spool."""


def run(work: Work) -> None:
    """Decode what is missing; a chunk that is there is not decoded again."""
    from inference.pipeline import survey

    survey(work.film(), report=work.report)


def is_lost(work: Work) -> bool:
    """True if the spool was removed and somebody still has to read it."""
    return Step.objects.filter(job=work.job, name__in=READERS).exclude(state=State.DONE).exists() and not is_surveyed(work.asset)


def is_surveyed(asset: Asset) -> bool:
    """True if the spool of the asset is there and complete."""
    from inference.media import MediaInfo, Spool

    return Spool(storage.spool_folder(asset.id), MediaInfo.from_data(asset.essence.media_info)).is_complete()
