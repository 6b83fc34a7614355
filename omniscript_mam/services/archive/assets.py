"""Assets: take a file into the archive once, rename it, take it out again.

The bytes are hashed while they arrive in ``incoming/`` (:mod:`.arrivals`); the whole file is renamed to its content address. A crash at
any point leaves either nothing but a temporary file (removed after a day) or the whole file.
"""

from __future__ import annotations

import logging
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from django.db import IntegrityError, transaction

from omniscript_mam import storage
from omniscript_mam.errors import ConflictError, UploadError, sendable
from omniscript_mam.models import Asset, Essence, IndexEntry, Sidecar, State
from omniscript_mam.selectors.collections import get_collection
from omniscript_mam.viewer import SYSTEM, Action, Viewer

from .. import publishing
from ..search import indexing
from ..writers import check_writer
from .arrivals import Arrived, check_length, copied
from .names import clean_name, title_from
from .quota import full_disk_told
from .sidecar_files import remove_unnamed

log = logging.getLogger(__name__)


def register_upload(
    viewer: Viewer,
    source: IO[bytes] | Path | Arrived,
    original_name: str,
    *,
    title: str = "",
    options: dict[str, Any] | None = None,
    collection: uuid.UUID | str | None = None,
) -> tuple[Asset, bool]:
    """Take a file into the archive; the same bytes are the same asset.

    Args:
        source: an open binary stream, the path of a file (which stays where it is), or a file that lies in ``incoming/`` already.
        original_name: what the user calls the file; only shown, never used as a path.
        title: catalogue title; made from the name when empty.
        options: ingest settings (``writer``, ``languages``, ``segment_s`` …).
        collection: id of the collection that a new asset goes into.

    Returns:
        The asset, and whether it is new.

    Raises:
        UploadEmptyError, UploadTooLargeError, StorageFullError, NotMediaError, UploadError: nothing was kept.
        WriterNameError: ``options`` name a writer that is not known; nothing was kept.
        NotFoundError, ForbiddenError: there is no such collection for them, or the same bytes are in another; nothing was kept.
    """
    collection_id = get_collection(viewer, collection).id if collection else None
    viewer.require(Action.CORRECT, collection_id)
    check_writer(str((options or {}).get("writer", "")))
    name = clean_name(original_name)
    with _arrived(source, name) as arrived:
        sha256, num_bytes = arrived.sha256, arrived.num_bytes
        essence = Essence.objects.filter(sha256=sha256).select_related("asset").first()
        if essence is not None:
            viewer.require(Action.CORRECT, essence.asset.collection_id)
            return essence.asset, False
        try:
            with full_disk_told(), transaction.atomic():  # the file moves inside, so that a deletion of the same bytes waits for it
                asset = Asset.objects.create(
                    title=sendable(title).strip()[:500] or title_from(name), options=options or {}, collection_id=collection_id
                )
                Essence.objects.create(
                    asset=asset, path=storage.essence_path(sha256), original_name=name, num_bytes=num_bytes, sha256=sha256
                )
                IndexEntry.objects.create(asset=asset)
                _keep(arrived.path, sha256)
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
    asset.title = sendable(title).strip()[:500]
    with transaction.atomic():
        asset.save(update_fields=["title", "updated_at"])
        publishing.wake_for_index()  # the title is in every record of it


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
            raise ConflictError(f"“{asset.title}” is being worked on.", remedy="Cancel its job first, and wait until it is cancelled.")
        essence_paths = [essence.path for essence in Essence.objects.filter(asset=asset)]
        sidecar_paths = [sidecar.path for sidecar in Sidecar.objects.filter(asset=asset)]
        identifier = asset.id
        asset.delete()
        for path in essence_paths:
            (storage.data_dir() / path).unlink(missing_ok=True)
        remove_unnamed(sidecar_paths)
    indexing.forget(SYSTEM, str(identifier))
    for folder in (storage.renditions_folder(identifier), storage.spool_folder(identifier)):
        storage.remove_tree(folder)


def _open(path: Path) -> IO[bytes]:
    try:
        if not path.is_file():  # a FIFO or device would block or never end
            raise UploadError(f"{path} is not a file.", remedy="Give the path of a media file.")
        return path.open("rb")
    except OSError as error:
        raise UploadError(f"{path} cannot be read: {error.strerror}.", remedy="Check the path and its permissions.") from error


@contextmanager
def _arrived(source: IO[bytes] | Path | Arrived, name: str) -> Iterator[Arrived]:
    """The file in ``incoming/``; one that is not there yet is copied, and looked at before if it is a path."""
    if isinstance(source, Arrived):
        yield source
    elif isinstance(source, Path):
        with _open(source) as stream:
            check_length(os.fstat(stream.fileno()).st_size)
            with copied(stream, name) as arrived:
                yield arrived
    else:
        with copied(source, name) as arrived:
            yield arrived


def _keep(temporary: Path, sha256: str) -> None:
    target = storage.data_dir() / storage.essence_path(sha256)
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary.chmod(0o400)
    temporary.replace(target)
    storage.sync_folder(target.parent)
