"""Keep derived files: each is renamed to a name that holds its digest, and its row appears with it in one transaction."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

from omniscript_mam import storage
from omniscript_mam.models import Asset, Rendition

if TYPE_CHECKING:
    from inference.media import MediaInfo, RenditionFile

_PICTURES = frozenset({"poster", "sprite"})
"""Kinds that show no sound, where there are pictures."""


def has_rendition(asset: Asset, kind: str, info: MediaInfo) -> bool:
    """True if the asset has a rendition of this kind, its file is there, and it holds the sound tracks that are heard now.

    What older releases made does not say which it holds: where there are several, it is made anew.
    """
    rendition = Rendition.objects.filter(asset=asset, kind=kind).first()
    if rendition is None or not (storage.data_dir() / rendition.path).is_file():
        return False
    if info.video is not None and kind in _PICTURES:
        return True
    held = rendition.details.get("heard")
    return tuple(held) == info.heard if held is not None else len(info.audio) < 2


def holding(file: RenditionFile, info: MediaInfo) -> RenditionFile:
    """The file with a word on which sound tracks it holds, or shows."""
    return replace(file, details={**file.details, "heard": list(info.heard)})


def sync_files(file: RenditionFile) -> None:
    """Put a file and its companions on the disk, so that the names which they get stand for whole files after a power cut."""
    for each in (file, *file.companions):
        storage.sync_file(each.path)


def keep_renditions(asset_id: uuid.UUID, file: RenditionFile) -> None:
    """Keep a file and its companions, synced before, in place of the asset's former ones of their kinds; call it inside a transaction."""
    for each in (file, *file.companions):
        _keep(asset_id, each)


def _keep(asset_id: uuid.UUID, file: RenditionFile) -> None:
    with file.path.open("rb") as stream:
        sha256 = hashlib.file_digest(stream, "sha256").hexdigest()
    rendition = Rendition(asset_id=asset_id, kind=file.kind, mime_type=file.mime_type, sha256=sha256, details=file.details)
    target = storage.renditions_folder(asset_id) / f"{file.kind}-{rendition.digest}{file.path.suffix}"
    file.path.replace(target)
    storage.sync_folder(target.parent)
    rendition.path, rendition.num_bytes = storage.relative(target), target.stat().st_size
    # Deleted and made anew: an id, once served as immutable, never stands for other bytes.
    Rendition.objects.filter(asset_id=asset_id, kind=file.kind).delete()
    rendition.save()
