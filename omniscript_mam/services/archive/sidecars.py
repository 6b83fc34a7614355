"""Sidecars: keep the subtitle files that come with a film, and find the film that one belongs to by its name."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import IO

from django.utils import timezone

from omniscript_mam import storage
from omniscript_mam.errors import AppError, NotFoundError, UploadEmptyError, UploadError, UploadTooLargeError
from omniscript_mam.models import Asset, Sidecar
from omniscript_mam.selectors.visible import visible_assets
from omniscript_mam.viewer import Action, Viewer

from .names import clean_name, is_subtitle_name
from .quota import check_room
from .sidecar_files import keep, remove_unnamed

_TAILS = 3
"""Words between a film's name and the suffix: a language and two marks ("film.pt-br.forced.srt")."""


def attach_sidecar(viewer: Viewer, asset: Asset, source: IO[bytes], name: str) -> tuple[Sidecar, bool]:
    """Keep a subtitle file with its film; a script that is written from now on reads it.

    Args:
        name: what the user calls the file; it says the language ("film.en.srt").

    Returns:
        The row, and whether it is new or other than before.

    Raises:
        ForbiddenError. UploadEmptyError, UploadTooLargeError, StorageFullError, UploadError: nothing was kept.
    """
    from inference.evidence.subtitles.encodings import text_of
    from inference.evidence.subtitles.files import MAX_BYTES, read_rows

    viewer.require(Action.CORRECT, asset.collection_id)
    name = clean_name(name)
    data = source.read(MAX_BYTES + 1)
    if not data:
        raise UploadEmptyError(f"{name} is empty.")
    if len(data) > MAX_BYTES:
        raise UploadTooLargeError(f"{name} is larger than subtitles are ({MAX_BYTES / 1e6:.0f} MB).", remedy="Send the subtitles alone.")
    if not is_subtitle_name(name) or not read_rows(text_of(data)):
        raise UploadError(f"No subtitles can be read from {name}.", remedy="Send a SubRip, WebVTT or ASS file.")
    sha256 = hashlib.sha256(data).hexdigest()
    before = Sidecar.objects.filter(asset=asset, name=name).first()
    if before is not None and before.sha256 == sha256:
        return before, False
    check_room(len(data))
    path = storage.essence_path(sha256)
    keep(data, path)
    values = {"path": path, "num_bytes": len(data), "sha256": sha256, "created_at": timezone.now()}
    row, _ = Sidecar.objects.update_or_create(asset=asset, name=name, defaults=values)
    if before is not None:
        remove_unnamed([before.path])
    return row, True


def remove_sidecar(viewer: Viewer, asset: Asset, sidecar_id: int) -> None:
    """Take a subtitle file away from its film; the script that was written with it stays.

    Raises:
        ForbiddenError. NotFoundError: the film has no such file.
    """
    viewer.require(Action.CORRECT, asset.collection_id)
    row = Sidecar.objects.filter(asset=asset, id=sidecar_id).first() if sidecar_id < 2**63 else None
    if row is None:
        raise NotFoundError(f"There is no subtitle file {sidecar_id}.", remedy="Ask for the list of subtitle files again.")
    row.delete()
    remove_unnamed([row.path])


def attach_beside(viewer: Viewer, asset: Asset, film: Path) -> list[str]:
    """Keep the subtitle files of a film's name that lie in its folder; returns what is new. One that cannot be kept is left out.

    Raises:
        ForbiddenError
    """
    from inference.evidence.subtitles.files import beside

    viewer.require(Action.CORRECT, asset.collection_id)
    kept = []
    for path in beside(film):
        try:
            with path.open("rb") as stream:
                row, is_new = attach_sidecar(viewer, asset, stream, path.name)
        except (AppError, OSError):
            continue
        kept += [row.name] if is_new else []
    return kept


def attach_to_film_of_name(viewer: Viewer, source: IO[bytes], name: str) -> tuple[Asset, bool]:
    """Keep a subtitle file with the newest film that has its name.

    Returns:
        The film, and whether the file is new or other than before.

    Raises:
        ForbiddenError. NotFoundError: no film has that name. UploadError: the file is no subtitle. Nothing was kept.
    """
    viewer.require(Action.CORRECT)
    name = clean_name(name)
    asset = _film_of(viewer, name)
    if asset is None:
        raise NotFoundError(f"No film has the name of {name}.", remedy="Send the film first; both must be called the same.")
    return asset, attach_sidecar(viewer, asset, source, name)[1]


def _film_of(viewer: Viewer, name: str) -> Asset | None:
    from inference.evidence.subtitles.files import belongs_to

    stem = PurePosixPath(name).stem
    for _ in range(_TAILS + 1):
        films = visible_assets(viewer).filter(essence__original_name__istartswith=f"{stem}.").select_related("essence")
        for film in films.order_by("-created_at")[:200]:
            if belongs_to(name, film.essence.original_name):
                return film
        stem, dot, _ = stem.rpartition(".")
        if not dot or not stem:
            break
    return None
