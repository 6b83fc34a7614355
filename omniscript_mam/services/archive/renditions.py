"""The steps ``proxy`` and ``pictures``: make what is missing of proxy, poster, sprite sheet (with its WebVTT) and waveform.

A rendition that cannot be made is noted and does not stop the job: the script can still be written and read. Files are made in the
job's private folder, then renamed to a name that holds their digest; their rows appear in one transaction.
"""

from __future__ import annotations

import hashlib
import logging
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from django.urls import reverse

from inference.errors import Cancelled, InferenceError
from omniscript_mam import storage
from omniscript_mam.models import Rendition, Step

if TYPE_CHECKING:
    from inference.media import RenditionFile

    from ..jobs.steps import Work

log = logging.getLogger(__name__)

DIGEST_LENGTH = 16
"""Hexadecimal digits of a rendition's SHA-256 that its address and its file name hold."""

Maker = Callable[[Path, "Work", Callable[[float, str], None]], "RenditionFile"]


def media_url(rendition: Rendition | None) -> str:
    """Address of a rendition ("" for none). It changes with the content, so that it may be cached for ever."""
    return reverse("omniscript:media", args=[rendition.pk, rendition.sha256[:DIGEST_LENGTH]]) if rendition else ""


def make_playable(work: Work) -> None:
    """Make the proxy, unless it is there."""
    from inference.media import make_proxy

    _make(work, {"proxy": lambda folder, work, report: make_proxy(work.path, work.info, folder, report)})


def make_pictures(work: Work) -> None:
    """Make poster, sprite sheet and waveform from the spool, unless they are there."""
    from inference.media import make_poster, make_sprites, make_waveform

    makers: dict[str, Maker] = {
        "poster": lambda folder, work, report: make_poster(work.path, work.info, folder, report, work.spool),
        "sprite": lambda folder, work, report: make_sprites(work.path, work.info, folder, report, work.spool),
    }
    if work.info.audio:
        makers["waveform"] = lambda folder, work, report: make_waveform(work.path, work.info, folder, report, work.spool)
    _make(work, makers)


def _make(work: Work, makers: dict[str, Maker]) -> None:
    notes: list[str] = []
    for position, (kind, maker) in enumerate(makers.items()):

        def report(share: float, message: str, position: int = position, kind: str = kind) -> None:
            work.report((position + share) / len(makers), message or f"Making the {kind}")

        if _is_there(work, kind):
            continue
        try:
            report(0.0, "")
            _make_one(work, maker, report)
        except Cancelled:
            raise
        except InferenceError as error:
            log.warning("Asset %s: no %s (%s)", work.asset.id, kind, error)
            notes.append(f"There is no {kind}: {error}")
    with work.claim.guard():
        Step.objects.filter(id=work.step.id).update(result={"notes": notes}, message=" ".join(notes)[:500])


def _is_there(work: Work, kind: str) -> bool:
    found = Rendition.objects.filter(asset=work.asset, kind=kind).first()
    return found is not None and (storage.data_dir() / found.path).is_file()


def _make_one(work: Work, maker: Maker, report: Callable[[float, str], None]) -> None:
    folder = storage.work_folder(work.job.id) / "renditions"
    folder.mkdir(exist_ok=True)
    storage.check_room(0)
    made = maker(folder, work, report)
    with work.claim.guard():
        main = _store(work.asset.id, made)
        for companion in made.companions:
            sheet = companion.details.get("sheet")
            if sheet:  # the WebVTT names the sheet by its file; people fetch it by its address
                text = companion.path.read_text(encoding="utf-8")
                companion.path.write_text(text.replace(str(sheet), media_url(main)), encoding="utf-8")
            _store(work.asset.id, companion)


def _store(asset_id: uuid.UUID, file: RenditionFile) -> Rendition:
    with file.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    target = storage.renditions_folder(asset_id) / f"{file.kind}-{digest[:DIGEST_LENGTH]}{file.path.suffix}"
    file.path.replace(target)
    storage.sync_folder(target.parent)
    # Deleted and made anew: an id, once served as immutable, never stands for other bytes.
    Rendition.objects.filter(asset_id=asset_id, kind=file.kind).delete()
    return Rendition.objects.create(
        asset_id=asset_id,
        kind=file.kind,
        path=storage.relative(target),
        mime_type=file.mime_type,
        num_bytes=target.stat().st_size,
        sha256=digest,
        details=file.details,
    )
