"""How much room there is: free space of the disk less what work in progress has claimed of it, and the quota; and a full disk in words.

Sizes are in bytes.
"""

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
from omniscript_mam.errors import ReadOnlyError, StorageFullError
from omniscript_mam.models import Essence, Rendition, Sidecar

BOOKKEEPING_BYTES = 6 << 20
"""What rows, logs and the index may need for what is taken in: files leave so much more than the reserve."""
GOING_ON_BYTES = 2 << 20
"""What a step may write itself between two looks (rows, notes, a sprite sheet): it stops so much before the reserve."""


def check_room(num_bytes: int, *, taken: int = 0) -> None:
    """Make sure that ``num_bytes`` more may be written, ``taken`` being on the disk but not yet in the catalogue.

    Raises:
        ReadOnlyError. StorageFullError: the disk would have less than OMNISCRIPT_MIN_FREE_BYTES left, or the quota would be passed.
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
    with room_lock():
        _check_disk(num_bytes)
        yield


@contextmanager
def room_lock() -> Iterator[None]:
    """Whoever writes much into the data folder, or claims room there, does so one at a time."""
    folder = os.open(storage.folder("incoming"), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)  # let go when it is closed
        yield
    finally:
        os.close(folder)


def check_going_on() -> None:
    """Make sure that a step may go on: that what it writes before it looks again leaves the reserve alone.

    Raises:
        StorageFullError
    """
    free = _free_bytes()
    if free < conf.min_free_bytes + (GOING_ON_BYTES if conf.min_free_bytes else 0):
        raise too_little_room(GOING_ON_BYTES, free - conf.min_free_bytes)


def spare_bytes() -> int:
    """What files may still take of the disk: beyond the reserve, the book-keeping, and what others have claimed."""
    return _free_bytes() - _claimed_bytes() - conf.min_free_bytes - (BOOKKEEPING_BYTES if conf.min_free_bytes else 0)


def too_little_room(num_bytes: int, spare: int) -> StorageFullError:
    """The error that says how much room there is."""
    return StorageFullError(
        f"There is no room for {num_bytes / 1e6:.1f} MB: {max(0, spare) / 1e6:.1f} MB may still be written "
        f"({_free_bytes() / 1e6:.0f} MB are free, of which {conf.min_free_bytes / 1e6:.0f} MB are kept)."
    )


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
    if storage.is_read_only():
        raise ReadOnlyError
    spare = spare_bytes()
    if not num_bytes and conf.min_free_bytes:
        spare += BOOKKEEPING_BYTES
    if spare < num_bytes:
        raise too_little_room(num_bytes, spare)


def _free_bytes() -> int:
    return shutil.disk_usage(storage.folder("incoming")).free


def _claimed_bytes() -> int:
    """What is claimed by whoever lives: a claim's file is locked by its owner; what the dead left is removed."""
    total = 0
    for path in storage.folder("claims").glob("[!.]*"):
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            continue  # let go just now
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            path.unlink(missing_ok=True)
        except BlockingIOError:
            said = os.read(descriptor, 20)
            total += int(said) if said.isdigit() else 0
        finally:
            os.close(descriptor)
    return total
