"""How much room there is: free space of the disk, and the quota; and a full disk in words."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from django.db.models import Sum

from omniscript_mam import storage
from omniscript_mam.conf import conf
from omniscript_mam.errors import StorageFullError
from omniscript_mam.models import Essence, Rendition, Sidecar

BOOKKEEPING_BYTES = 6 << 20
"""What rows, logs and the index may need for what is taken in: files leave so much more than the reserve."""


def check_room(num_bytes: int, *, taken: int = 0) -> None:
    """Make sure that ``num_bytes`` more may be written, ``taken`` being on the disk but not yet in the catalogue.

    Raises:
        StorageFullError: the disk would have less than OMNISCRIPT_MIN_FREE_BYTES left, or the quota would be passed.
    """
    _check_disk(num_bytes)
    quota = conf.quota_bytes
    if quota and used_bytes() + taken + num_bytes > quota:
        raise StorageFullError(f"There is no room for {(taken + num_bytes) / 1e6:.1f} MB: the quota of {quota / 1e6:.1f} MB is used up.")


@contextmanager
def room_kept(num_bytes: int, *, taken: int = 0) -> Iterator[None]:
    """Look at the room and write into it as one act: nobody else of ours writes a file's bytes meanwhile.

    Raises:
        StorageFullError: as :func:`check_room`.
    """
    check_room(num_bytes, taken=taken)
    folder = os.open(storage.folder("incoming"), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # let go when it is closed
        _check_disk(num_bytes)
        yield
    finally:
        os.close(folder)


@contextmanager
def full_disk_told() -> Iterator[None]:
    """What the system says of a full disk or a used-up quota, as our error with its remedy."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise StorageFullError("There is no space left on the disk.") from error
        raise


def used_bytes() -> int:
    """Bytes of all essences, renditions and subtitle files."""
    essences = Essence.objects.aggregate(total=Sum("num_bytes"))["total"] or 0
    renditions = Rendition.objects.aggregate(total=Sum("num_bytes"))["total"] or 0
    sidecars = Sidecar.objects.aggregate(total=Sum("num_bytes"))["total"] or 0
    return int(essences + renditions + sidecars)


def _check_disk(num_bytes: int) -> None:
    free = shutil.disk_usage(storage.folder("incoming")).free
    kept = conf.min_free_bytes + (BOOKKEEPING_BYTES if num_bytes and conf.min_free_bytes else 0)
    if free - num_bytes < kept:
        spare = max(0, free - kept)
        raise StorageFullError(
            f"There is no room for {num_bytes / 1e6:.1f} MB: {spare / 1e6:.1f} MB may still be written "
            f"({free / 1e6:.0f} MB are free, of which {conf.min_free_bytes / 1e6:.0f} MB are kept)."
        )
