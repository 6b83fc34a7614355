"""Decode the film once, in chunks, into the spool that all later steps read."""

from __future__ import annotations

from omniscript_mam import storage
from omniscript_mam.models import Asset, Essence, State, Step

from ...archive.quota import check_room
from ..work import Work

SPOOL_BYTES_PER_S = 300_000
NEXT_S = 240.0
"""Room that must be there before the survey begins: for two chunks; later ones are stopped when the reserve is reached."""

READERS = ("plan", "write", "merge")
"""Steps that read the spool."""


def run(work: Work) -> None:
    """Decode what is missing; a chunk that is there is not decoded again. Which decoder it took is noted with the file."""
    from inference.pipeline import survey

    check_room(int(min(work.info.duration_s, NEXT_S) * SPOOL_BYTES_PER_S))
    film = work.film()
    survey(film, report=work.report)
    told = [*film.info.notes, *(note for note in film.spool.notes() if note not in film.info.notes)]
    if told != list(film.info.notes):
        with work.lease.guard():
            Essence.objects.filter(asset=work.asset).update(media_info=film.info.to_data() | {"notes": told})


def is_lost(work: Work) -> bool:
    """True if the spool was removed and somebody still has to read it."""
    return Step.objects.filter(job=work.job, name__in=READERS).exclude(state=State.DONE).exists() and not is_surveyed(work.asset)


def is_surveyed(asset: Asset) -> bool:
    """True if the spool of the asset is there and complete."""
    from inference.media import MediaInfo, Spool

    return Spool(storage.spool_folder(asset.id), MediaInfo.from_data(asset.essence.media_info)).is_complete()
