"""The data folder: where things are, how much room there is, and files that appear whole or not at all.

Paths stored in the database are relative to the data folder and made by this module only; names that users give never become paths.

    essences/ab/cd/<sha256>       original files, by content, read-only
    renditions/<asset>/<name>     proxy, poster, sprites, waveform
    spool/<asset>/  work/<job>/   scratch of a running job, removed when it is done
    incoming/                     uploads under way
    index/  logs/                 search index, logs of the worker
"""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from django.db.models import Sum

from omniscript_mam.conf import conf
from omniscript_mam.errors import NotFoundError, StorageFullError
from omniscript_mam.models import Essence, Rendition


def data_dir() -> Path:
    """The data folder."""
    return Path(conf.data_dir)


def folder(name: str) -> Path:
    """A folder of the data folder, made when missing; ``name`` is one of ours, never a user's."""
    found = data_dir() / name
    found.mkdir(mode=0o700, parents=True, exist_ok=True)
    return found


def essence_path(sha256: str) -> str:
    """Where the file with this content is, relative to the data folder."""
    return f"essences/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def renditions_folder(asset_id: uuid.UUID | str) -> Path:
    """Folder of an asset's renditions."""
    return folder(f"renditions/{asset_id}")


def spool_folder(asset_id: uuid.UUID | str) -> Path:
    """Folder of an asset's decode (audio, frames), shared by the jobs of the asset, of which one runs at a time."""
    return folder(f"spool/{asset_id}")


def work_folder(job_id: uuid.UUID | str) -> Path:
    """Private folder of the writer during a job."""
    return folder(f"work/{job_id}")


def resolve(relative: str) -> Path:
    """The file of a stored path.

    Raises:
        NotFoundError: the path leaves the data folder (a damaged database) or there is no such file.
    """
    base = data_dir().resolve()
    found = (base / relative).resolve()
    if not found.is_relative_to(base) or not found.is_file():
        raise NotFoundError(f"The file {relative} is not in the data folder.", remedy="Restore it from a backup, or run the asset again.")
    return found


def relative(path: Path) -> str:
    """The stored form of a path inside the data folder."""
    return path.resolve().relative_to(data_dir().resolve()).as_posix()


def check_room(num_bytes: int, *, taken: int = 0) -> None:
    """Make sure that ``num_bytes`` more may be written, ``taken`` being on the disk but not yet in the catalogue.

    Raises:
        StorageFullError: the disk would have less than OMNISCRIPT_MIN_FREE_BYTES left, or the quota would be passed.
    """
    free = shutil.disk_usage(folder("incoming")).free
    if free - num_bytes < conf.min_free_bytes:
        raise StorageFullError(f"There is no room for {num_bytes / 1e6:.1f} MB: {free / 1e6:.0f} MB are free on the disk.")
    quota = conf.quota_bytes
    if quota and used_bytes() + taken + num_bytes > quota:
        raise StorageFullError(f"There is no room for {(taken + num_bytes) / 1e6:.1f} MB: the quota of {quota / 1e6:.1f} MB is used up.")


def used_bytes() -> int:
    """Bytes of all essences and renditions."""
    essences = Essence.objects.aggregate(total=Sum("num_bytes"))["total"] or 0
    renditions = Rendition.objects.aggregate(total=Sum("num_bytes"))["total"] or 0
    return int(essences + renditions)


def sync_folder(path: Path) -> None:
    """Put a folder's entries on the disk, so that a renamed file survives a power cut."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_tree(path: Path) -> None:
    """Remove a folder of ours with what is in it; a missing one is fine."""
    if path.is_dir() and path.resolve().is_relative_to(data_dir().resolve()):
        shutil.rmtree(path)
