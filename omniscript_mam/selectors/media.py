"""Files to serve: only renditions in the table, found by id; a digest in the address makes it safe to cache for ever."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from omniscript_mam import storage
from omniscript_mam.errors import NotFoundError
from omniscript_mam.models import Rendition
from omniscript_mam.services.archive.renditions import DIGEST_LENGTH, media_url

__all__ = ["MediaFile", "media_file", "media_url"]


@dataclass(frozen=True)
class MediaFile:
    """A file to send. ``etag`` is quoted and strong: the content's SHA-256."""

    path: Path
    mime_type: str
    num_bytes: int
    etag: str
    immutable: bool


def media_file(rendition_id: int, digest: str = "") -> MediaFile:
    """The file of a rendition.

    Raises:
        NotFoundError: no such rendition, its content is no longer the one named, or the file is gone.
    """
    found = Rendition.objects.filter(id=rendition_id).first()
    if found is None or (digest and found.sha256[:DIGEST_LENGTH] != digest):
        raise NotFoundError("There is no such file.", remedy="Open the asset's page again; it knows the present files.")
    return MediaFile(storage.resolve(found.path), found.mime_type, found.num_bytes, f'"{found.sha256}"', bool(digest))
