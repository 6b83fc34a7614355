"""The data folder: where things are, and files that appear whole or not at all.

Paths stored in the database are relative to the data folder and made by this module only; names that users give never become paths.

    essences/ab/cd/<sha256>       original files, by content, read-only
    renditions/<asset>/<name>     proxy, poster, sprites, waveform
    spool/<asset>/  work/<job>/   scratch of a running job, removed when it is done
    incoming/                     uploads under way
    holds/<job>                   locked while somebody works on the job
    index/  logs/                 search index, logs of the worker
"""

from __future__ import annotations

import os
import shutil
import uuid
from pathlib import Path

from omniscript_mam.conf import conf
from omniscript_mam.errors import NotFoundError


def data_dir() -> Path:
    """The data folder."""
    return Path(conf.data_dir)


def is_read_only() -> bool:
    """True if the data folder is there and nothing can be written into it."""
    return data_dir().is_dir() and not os.access(data_dir(), os.W_OK)


def folder(name: str) -> Path:
    """A folder of the data folder, made when missing; ``name`` is one of ours, never a user's."""
    path = data_dir() / name
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


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
    path = (base / relative).resolve()
    if not path.is_relative_to(base) or not path.is_file():
        raise NotFoundError(f"The file {relative} is not in the data folder.", remedy="Restore it from a backup, or run the asset again.")
    return path


def relative(path: Path) -> str:
    """The stored form of a path inside the data folder."""
    return path.resolve().relative_to(data_dir().resolve()).as_posix()


def sync_file(path: Path) -> None:
    """Put a file's bytes on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


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
