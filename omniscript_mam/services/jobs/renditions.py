"""Making renditions within a job: what is missing of them, each in the job's private folder, each with its share of the step.

A rendition that cannot be made is noted and does not stop the job: the script can still be written and read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from inference.errors import Cancelled, InferenceError
from omniscript_mam import storage
from omniscript_mam.errors import StorageFullError, is_full_disk
from omniscript_mam.models import Step

from ..archive.quota import check_room, full_disk_told
from ..archive.renditions import has_rendition, holding, keep_renditions, sync_files
from .work import Work

if TYPE_CHECKING:
    from inference.film import Report
    from inference.media import RenditionFile

log = logging.getLogger(__name__)

RENDITION_BYTES_PER_S = 250_000
"""Room that must be there for each second of film before a rendition is begun: a proxy of 720 lines with much going on."""

Maker = Callable[[Path, Work, "Report"], "RenditionFile"]
"""``maker(folder, work, report)`` makes a file in the folder."""


def make_missing(work: Work, makers: Mapping[str, Maker]) -> None:
    """Make each kind of rendition that the asset lacks; what could not be made is told in the step's message."""
    notes: list[str] = []
    for position, (kind, maker) in enumerate(makers.items()):

        def report(share: float, message: str, position: int = position, kind: str = kind) -> None:
            work.report((position + share) / len(makers), message or f"Making the {kind}")

        if has_rendition(work.asset, kind, work.info):
            continue
        try:
            report(0.0, "")
            _make(work, maker, report)
        except Cancelled:
            raise
        except InferenceError as error:
            if is_full_disk(error):  # the next one would fail too: the job says it, and goes on from here once there is room
                raise StorageFullError(f"The disk became full while the {kind} was made.") from error
            log.warning("Asset %s: no %s (%s)", work.asset.id, kind, error)
            notes.append(f"There is no {kind}: {error}")
    with work.lease.guard():
        Step.objects.filter(id=work.step.id).update(result={"notes": notes}, message=" ".join(notes)[:500])


def _make(work: Work, maker: Maker, report: Report) -> None:
    folder = storage.work_folder(work.job.id) / "renditions"
    folder.mkdir(exist_ok=True)
    check_room(int(work.info.duration_s * RENDITION_BYTES_PER_S))
    with full_disk_told():
        file = maker(folder, work, report)
        sync_files(file)  # before the lock on the job, which a slow disk must not hold
        with work.lease.guard():
            keep_renditions(work.asset.id, holding(file, work.info))
