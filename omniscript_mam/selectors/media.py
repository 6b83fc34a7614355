"""Files to serve: only renditions in the table, found by id; a digest in the address makes it safe to cache for ever."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

from omniscript_mam import storage
from omniscript_mam.errors import NotFoundError
from omniscript_mam.models import Rendition
from omniscript_mam.viewer import Viewer

from .addresses import media_url
from .visible import visible_renditions

_SHEET = re.compile(r"^\S+(#xywh=)", re.M)
"""How a WebVTT names a part of its sheet: by the file's name, or (older files) by an address that a change of prefix made wrong."""


@dataclass(frozen=True)
class MediaFile:
    """A file to send. ``etag`` is quoted and strong. ``content`` is what is sent instead of the file where addresses had to be put in."""

    path: Path
    mime_type: str
    num_bytes: int
    etag: str
    immutable: bool
    content: bytes | None = None


def media_file(viewer: Viewer, rendition_id: int, digest: str = "") -> MediaFile:
    """The file of a rendition.

    Raises:
        NotFoundError: no such rendition that they see, its content is no longer the one named, or the file is gone.
    """
    rendition = visible_renditions(viewer).filter(id=rendition_id).first()
    if rendition is None or (digest and rendition.digest != digest):
        raise NotFoundError("There is no such file.", remedy="Open the asset's page again; it knows the present files.")
    if rendition.kind == Rendition.Kind.SPRITE_VTT:
        return _sprite_index(viewer, rendition, immutable=bool(digest))
    return MediaFile(storage.resolve(rendition.path), rendition.mime_type, rendition.num_bytes, f'"{rendition.sha256}"', bool(digest))


def _sprite_index(viewer: Viewer, rendition: Rendition, *, immutable: bool) -> MediaFile:
    """The WebVTT of a sprite sheet with the address that the sheet has now, whatever prefix the app stands under."""
    sheet = visible_renditions(viewer).filter(asset_id=rendition.asset_id, kind=Rendition.Kind.SPRITE).first()
    text = storage.resolve(rendition.path).read_text(encoding="utf-8")
    content = _SHEET.sub(lambda match: media_url(sheet) + match[1], text).encode()
    etag = f'"{hashlib.sha256(content).hexdigest()}"'
    return MediaFile(storage.resolve(rendition.path), rendition.mime_type, len(content), etag, immutable, content)
