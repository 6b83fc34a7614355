"""The files of sidecars: kept by their content, removed when no row names them any more. Whoever calls has asked whether they may."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from pathlib import Path

from omniscript_mam import storage
from omniscript_mam.models import Essence, Sidecar


def keep(data: bytes, path: str) -> None:
    """Write a file of the data folder, whole or not at all."""
    target = storage.data_dir() / path
    descriptor, temporary = tempfile.mkstemp(dir=storage.folder("incoming"), prefix="upload-")
    try:
        with os.fdopen(descriptor, "wb") as copy:
            copy.write(data)
            copy.flush()
            os.fsync(copy.fileno())
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(temporary).chmod(0o400)
        Path(temporary).replace(target)
        storage.sync_folder(target.parent)
    finally:
        Path(temporary).unlink(missing_ok=True)


def remove_unnamed(paths: Iterable[str]) -> None:
    """Remove sidecars' files that no row names any more."""
    for path in set(paths):
        if not Sidecar.objects.filter(path=path).exists() and not Essence.objects.filter(path=path).exists():
            (storage.data_dir() / path).unlink(missing_ok=True)
