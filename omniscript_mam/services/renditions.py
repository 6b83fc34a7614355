"""The renditions step: make what is missing of proxy, poster, sprite sheet and waveform.

A rendition that cannot be made is noted and does not stop the job: the script can still be written and read. Files are made in the
job's private folder, then renamed to a name that holds their digest; the row appears in the same transaction.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inference.errors import Cancelled, InferenceError
from omniscript_mam.models import Rendition, Step

from . import storage

if TYPE_CHECKING:
    from inference.media import MediaInfo, RenditionFile

    from .steps import Work

log = logging.getLogger(__name__)

SHARES = {"proxy": 0.75, "poster": 0.05, "sprites": 0.1, "waveform": 0.1}
"""Share of each in the step's progress."""


def make(work: Work) -> None:
    """Make every rendition that the asset lacks, and that its streams allow."""
    notes: list[str] = []
    before = 0.0
    for name, maker in _makers(work.info).items():
        if not _is_there(work, name):
            try:
                _make_one(work, name, maker, before)
            except Cancelled:
                raise
            except InferenceError as error:
                log.warning("Asset %s: no %s (%s)", work.asset.id, name, error)
                notes.append(f"{name}: {error}")
        before += SHARES[name]
    with work.claim.guard():
        Step.objects.filter(id=work.step.id).update(result={"notes": notes}, message="; ".join(notes)[:500])


def _makers(info: MediaInfo) -> dict[str, Callable[..., Any]]:
    from inference.media import make_poster, make_proxy, make_sprites, make_waveform

    found: dict[str, Callable[..., Any]] = {"proxy": make_proxy}
    if info.video is not None:
        found |= {"poster": make_poster, "sprites": make_sprites}
    if info.audio:
        found |= {"waveform": make_waveform}
    return found


def _is_there(work: Work, name: str) -> bool:
    kind = {"sprites": Rendition.Kind.SPRITE}.get(name, name)
    found = Rendition.objects.filter(asset=work.asset, kind=kind).first()
    return found is not None and (storage.data_dir() / found.path).is_file()


def _make_one(work: Work, name: str, maker: Callable[..., Any], before: float) -> None:
    folder = storage.work_folder(work.job.id) / "renditions"
    folder.mkdir(exist_ok=True)
    storage.check_room(0)

    def report(share: float, message: str) -> None:
        work.report(before + share * SHARES[name], message or f"Making the {name}")

    report(0.0, "")
    made = maker(work.path, work.info, folder, report)
    files: Iterable[RenditionFile] = made if isinstance(made, tuple | list) else (made,)
    kept = [(file, *_keep(work, file)) for file in files]
    with work.claim.guard():
        for file, path, digest in kept:
            # Deleted and made anew: an id, once served as immutable, never stands for other bytes.
            Rendition.objects.filter(asset=work.asset, kind=file.kind).delete()
            Rendition.objects.create(
                asset=work.asset,
                kind=file.kind,
                path=storage.relative(path),
                mime_type=file.mime_type,
                num_bytes=path.stat().st_size,
                sha256=digest,
                details=file.details,
            )


def _keep(work: Work, file: RenditionFile) -> tuple[Path, str]:
    with file.path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    target = storage.renditions_folder(work.asset.id) / f"{file.kind}-{digest[:16]}{file.path.suffix}"
    file.path.replace(target)
    storage.sync_folder(target.parent)
    return target, digest
