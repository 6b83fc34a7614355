"""Room on the disk that is promised to work which writes while it goes, seen by every process of the archive.

Problem: looking at a disk twice a second does not keep its reserve; a program writes a hundred megabytes between two looks. So a step's
programs hold a claim on what they may still write, uploads and other steps count it as used, and the program's files cannot
grow beyond it (:mod:`inference.room`). A claim is a file that its owner keeps locked: one whose owner died is not
locked, and counts no more. Sizes are in bytes.

Contents: :func:`keep_room` (the keeper that steps work within), :class:`DiskClaim`.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from pathlib import Path

from omniscript_mam import storage
from omniscript_mam.errors import StorageFullError

from .quota import room_lock, spare_bytes, too_little_room

LEAST_BYTES = 1 << 20
"""Less than this is no room to go on with."""


class DiskClaim:
    """Room for one child on the disk of the data folder."""

    def __init__(self) -> None:
        self._path = storage.folder("claims") / str(uuid.uuid4())
        unlocked = self._path.with_name(f".{self._path.name}")
        self._file = os.open(unlocked, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        unlocked.rename(self._path)  # counted from here on

    def hold(self, num_bytes: int) -> int:
        """Hold room for so many bytes more, instead of what was held. At most half of what there is, so that others can work, too.

        Raises:
            StorageFullError: the reserve would be touched.
        """
        with room_lock():
            self._say(0)
            spare = spare_bytes()
            if spare < min(num_bytes, LEAST_BYTES):
                raise too_little_room(min(num_bytes, LEAST_BYTES), spare)
            granted = min(num_bytes, max(spare // 2, LEAST_BYTES))
            self._say(granted)
        return granted

    def refusal(self, num_bytes: int) -> StorageFullError:
        """The error for a child that wanted more than it was granted, at once."""
        self._say(0)
        return too_little_room(num_bytes, spare_bytes())

    def close(self) -> None:
        """Let go of what is held."""
        self._path.unlink(missing_ok=True)
        os.close(self._file)

    def _say(self, num_bytes: int) -> None:
        os.pwrite(self._file, f"{num_bytes:020d}".encode(), 0)


def keep_room(folder: Path) -> DiskClaim | None:
    """The keeper of room: a claim for what is written into the data folder; what goes elsewhere is not ours to keep."""
    return DiskClaim() if folder.resolve().is_relative_to(storage.data_dir().resolve()) else None
