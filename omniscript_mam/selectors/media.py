"""Files to serve: only renditions in the table, found by id; a digest in the address makes it safe to cache for ever."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omniscript_mam import storage
from omniscript_mam.errors import NotFoundError
from omniscript_mam.models import Rendition


@dataclass(frozen=True)
class MediaFile:
    """A file to send. ``etag`` is quoted and strong: the content's SHA-256."""

    path: Path
    mime_type: str
    num_bytes: int
    etag: str
    immutable: bool


def media_url(rendition: Rendition | None) -> str:
    """Address of a rendition ("" for none)."""
    return rendition.address if rendition else ""


def media_file(rendition_id: int, digest: str = "") -> MediaFile:
    """The file of a rendition.

    Raises:
        NotFoundError: no such rendition, its content is no longer the one named, or the file is gone.
    """
    rendition = Rendition.objects.filter(id=rendition_id).first()
    if rendition is None or (digest and rendition.digest != digest):
        raise NotFoundError("There is no such file.", remedy="Open the asset's page again; it knows the present files.")
    return MediaFile(storage.resolve(rendition.path), rendition.mime_type, rendition.num_bytes, f'"{rendition.sha256}"', bool(digest))
