"""Assets: take a file into the archive once, rename it, take it out again.

The bytes are hashed while they are copied into ``incoming/``; the finished copy is renamed to its content address. A crash at any
point leaves either nothing but a temporary file (removed after a day) or the whole file.
"""

from __future__ import annotations

import errno
import hashlib
import logging
import os
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import IntegrityError, transaction

from omniscript_mam import storage
from omniscript_mam.conf import conf
from omniscript_mam.errors import ConflictError, StorageFullError, UploadEmptyError, UploadError, UploadTooLargeError
from omniscript_mam.models import Asset, Essence, IndexEntry, State
from omniscript_mam.selectors.collections import get_collection
from omniscript_mam.viewer import SYSTEM, Action, Viewer

from ..search import indexing
from .names import clean_name, title_from
from .quota import check_room
from .sidecars import remove_files

log = logging.getLogger(__name__)

CHUNK_BYTES = 1 << 20
ROOM_CHECK_BYTES = 64 << 20
STALE_S = 24 * 3600.0
"""Age at which a temporary file in ``incoming/`` counts as left behind."""


def register_upload(
    viewer: Viewer,
    source: IO[bytes] | Path,
    original_name: str,
    *,
    title: str = "",
    options: dict[str, Any] | None = None,
    collection: uuid.UUID | str | None = None,
) -> tuple[Asset, bool]:
    """Take a file into the archive; the same bytes are the same asset.

    Args:
        source: an open binary stream, or the path of a file (which stays where it is).
        original_name: what the user calls the file; only shown, never used as a path.
        title: catalogue title; made from the name when empty.
        options: ingest settings (``writer``, ``languages``, ``segment_s`` …).
        collection: id of the collection that a new asset goes into.

    Returns:
        The asset, and whether it is new.

    Raises:
        UploadEmptyError, UploadTooLargeError, StorageFullError, UploadError: nothing was kept.
        NotFoundError, ForbiddenError: there is no such collection for them, or the same bytes are in another; nothing was kept.
    """
    collection_id = get_collection(viewer, collection).id if collection else None
    viewer.require(Action.CORRECT, collection_id)
    if isinstance(source, Path):
        with _open(source) as stream:
            check_room(os.fstat(stream.fileno()).st_size)
            return register_upload(viewer, stream, original_name, title=title, options=options, collection=collection)
    name = clean_name(original_name)
    with _copied(source) as (temporary, sha256, num_bytes):
        essence = Essence.objects.filter(sha256=sha256).select_related("asset").first()
        if essence is not None:
            viewer.require(Action.CORRECT, essence.asset.collection_id)
            return essence.asset, False
        try:
            with transaction.atomic():  # the file moves inside, so that a deletion of the same bytes waits for it
                asset = Asset.objects.create(
                    title=title.strip()[:500] or title_from(name), options=options or {}, collection_id=collection_id
                )
                Essence.objects.create(
                    asset=asset, path=storage.essence_path(sha256), original_name=name, num_bytes=num_bytes, sha256=sha256
                )
                IndexEntry.objects.create(asset=asset)
                _keep(temporary, sha256)
        except IntegrityError:  # the same bytes arrived twice at once; the other one was first
            return Essence.objects.select_related("asset").get(sha256=sha256).asset, False
    return asset, True


def rename_asset(viewer: Viewer, asset: Asset, title: str) -> None:
    """Give an asset another title.

    Raises:
        ForbiddenError. ConflictError: the title is empty.
    """
    viewer.require(Action.CORRECT, asset.collection_id)
    if not title.strip():
        raise ConflictError("A title cannot be empty.", remedy="Give at least one word.")
    asset.title = title.strip()[:500]
    asset.save(update_fields=["title", "updated_at"])
    IndexEntry.objects.filter(asset=asset).update(generation="")  # the title is in every record of it


def change_options(viewer: Viewer, asset: Asset, options: dict[str, Any]) -> None:
    """Give an asset other ingest settings for its next job; what is not named stays.

    Raises:
        ForbiddenError
    """
    viewer.require(Action.CORRECT, asset.collection_id)
    asset.options = {**asset.options, **options}
    asset.save(update_fields=["options"])


def delete_asset(viewer: Viewer, asset: Asset) -> None:
    """Take an asset out: rows, files, and its records in the index.

    Raises:
        ForbiddenError. ConflictError: a job of it is running.
    """
    viewer.require(Action.ADMINISTER, asset.collection_id)
    with transaction.atomic():
        if asset.jobs.filter(state=State.RUNNING).exists():
            raise ConflictError(f"“{asset.title}” is being worked on.", remedy="Cancel its job first.")
        essence_paths = [essence.path for essence in Essence.objects.filter(asset=asset)]
        sidecar_paths = [sidecar.path for sidecar in asset.sidecars.all()]
        identifier = asset.id
        asset.delete()
        for path in essence_paths:
            (storage.data_dir() / path).unlink(missing_ok=True)
        remove_files(sidecar_paths)
    indexing.forget(SYSTEM, str(identifier))
    for folder in (storage.renditions_folder(identifier), storage.spool_folder(identifier)):
        storage.remove_tree(folder)


def remove_stale_uploads(viewer: Viewer) -> int:
    """Remove temporary files that a crash left behind; returns how many.

    Raises:
        ForbiddenError
    """
    viewer.require_everywhere(Action.ADMINISTER)
    limit = time.time() - STALE_S
    stale = [path for path in storage.folder("incoming").iterdir() if path.is_file() and path.stat().st_mtime < limit]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def _open(path: Path) -> IO[bytes]:
    try:
        if not path.is_file():  # a FIFO or device would block or never end
            raise UploadError(f"{path} is not a file.", remedy="Give the path of a media file.")
        return path.open("rb")
    except OSError as error:
        raise UploadError(f"{path} cannot be read: {error.strerror}.", remedy="Check the path and its permissions.") from error


@contextmanager
def _copied(stream: IO[bytes]) -> Iterator[tuple[Path, str, int]]:
    """Copy a stream into ``incoming/``, synced, with its SHA-256; the copy is removed at the end unless it was renamed."""
    descriptor, name = tempfile.mkstemp(dir=storage.folder("incoming"), prefix="upload-")
    try:
        with os.fdopen(descriptor, "wb") as copy:
            sha256, num_bytes = _copy(stream, copy)
        yield Path(name), sha256, num_bytes
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFullError("There is no space left on the disk.") from error
        raise
    finally:
        Path(name).unlink(missing_ok=True)


def _copy(stream: IO[bytes], copy: IO[bytes]) -> tuple[str, int]:
    digest, num_bytes, checked = hashlib.sha256(), 0, 0
    while chunk := stream.read(CHUNK_BYTES):
        num_bytes += len(chunk)
        if num_bytes > conf.max_upload_bytes:
            raise UploadTooLargeError(f"The file is larger than the limit of {conf.max_upload_bytes / 1e6:.1f} MB.")
        if num_bytes >= checked:
            check_room(len(chunk), taken=num_bytes - len(chunk))
            checked = num_bytes + ROOM_CHECK_BYTES
        digest.update(chunk)
        copy.write(chunk)
    if not num_bytes:
        raise UploadEmptyError("The file is empty.")
    check_room(0, taken=num_bytes)
    copy.flush()
    os.fsync(copy.fileno())
    return digest.hexdigest(), num_bytes


def _keep(temporary: Path, sha256: str) -> None:
    target = storage.data_dir() / storage.essence_path(sha256)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary.chmod(0o400)
    temporary.replace(target)
    storage.sync_folder(target.parent)
