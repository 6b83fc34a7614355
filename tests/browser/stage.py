"""Puts films with known scripts into the archive, as an ingest would have left them: essence, renditions, job, script, index."""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.utils import timezone

from inference.media import make_poster, make_proxy, make_sprites, make_waveform, probe
from inference.media.spool import Spool, survey_chunk, survey_ranges
from omniscript_mam import storage
from omniscript_mam.models import Asset, Job, Rendition, State, Step
from omniscript_mam.script import Script
from omniscript_mam.services.archive import assets, scripts
from omniscript_mam.services.jobs import ingest
from omniscript_mam.viewer import EVERYBODY


def take_in(film: Path, title: str, script: Script | None, *, indexed: bool = True) -> Asset:
    """A finished asset. Without a script only the film is there, as after the renditions step."""
    asset, _ = assets.register_upload(EVERYBODY, film, film.name, title=title)
    add_renditions(asset, film)
    job = ingest.enqueue(EVERYBODY, asset)
    now = timezone.now()
    if script is not None:
        scripts.store_revision(EVERYBODY, asset, script, "lite", "0.1", wake=False)
        Step.objects.filter(job=job).update(state=State.DONE, progress=1.0, finished_at=now)
        Job.objects.filter(id=job.id).update(state=State.DONE, progress=1.0, started_at=now, finished_at=now, message="")
        if indexed:
            from omniscript_mam.services.search import indexing

            indexing.index_pending(EVERYBODY)
    asset.refresh_from_db()
    return asset


@dataclass(frozen=True)
class Made:
    """One derived file, kept in memory."""

    kind: str
    content: bytes
    suffix: str
    mime_type: str
    details: dict


def add_renditions(asset: Asset, film: Path) -> None:
    """What the probe, proxy and pictures steps make; made once per film and process."""
    info, files = _derive(film)
    asset.essence.media_info = info
    asset.essence.save()
    asset.duration_s = info["duration_s"]
    asset.save()
    for file in files:
        digest = hashlib.sha256(file.content).hexdigest()
        target = storage.renditions_folder(asset.id) / f"{file.kind}-{digest[:16]}{file.suffix}"
        target.write_bytes(file.content)
        Rendition.objects.create(
            asset=asset,
            kind=file.kind,
            path=storage.relative(target),
            mime_type=file.mime_type,
            num_bytes=len(file.content),
            sha256=digest,
            details=file.details,
        )


@lru_cache(maxsize=8)
def _derive(film: Path) -> tuple[dict, tuple[Made, ...]]:
    info = probe(film)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for index in range(len(survey_ranges(info))):
            survey_chunk(film, info, folder / "spool", index)
        spool = Spool(folder / "spool", info)
        made = [make_proxy(film, info, folder, _quiet)]
        if info.video:
            made += [make_poster(film, info, folder, _quiet, spool), make_sprites(film, info, folder, _quiet, spool)]
        if info.audio:
            made.append(make_waveform(film, info, folder, _quiet, spool))
        return info.to_data(), tuple(
            Made(file.kind, file.path.read_bytes(), file.path.suffix, file.mime_type, file.details) for file in made
        )


def _quiet(share: float, message: str) -> None:
    """Progress that nobody looks at."""
