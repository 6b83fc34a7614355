"""Files on their way in: written once into ``incoming/``, counted, hashed and judged on the way, and whole or gone at the end.

The same way for a form of the page, the API, and a file that the command line names: :class:`Arrival` is told bytes as they come, and
refuses as soon as it can: by the declared length before the first byte, by the first 64 KiB when they are there, by the limit or the room
on the disk with the chunk that would pass it. Free space never goes under OMNISCRIPT_MIN_FREE_BYTES, however many files arrive at once in
however many processes: looking at the room and writing into it are one act, under a lock.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

from omniscript_mam import storage
from omniscript_mam.conf import conf
from omniscript_mam.errors import NotMediaError, UploadEmptyError, UploadTooLargeError

from .quota import check_room, full_disk_told, room_kept

log = logging.getLogger(__name__)

WRITE_BYTES = 1 << 20
"""Bytes that are written at once."""
HEAD_BYTES = 1 << 16
STALE_S = 24 * 3600.0
"""Age at which a temporary file in ``incoming/`` counts as left behind."""


@dataclass(frozen=True)
class Arrived:
    """A whole file in ``incoming/``: where, its content's SHA-256, its size."""

    path: Path
    sha256: str
    num_bytes: int


class Arrival:
    """One file on its way in. Use as a context manager: what was not taken over (renamed) is removed at its end.

    Args:
        name: what people call it, for messages.
        declared_bytes: how long its sender says it is; ``None``: not said.
        is_text: it is a subtitle file, whose reader judges it; anything else must begin as media does.

    Raises:
        UploadTooLargeError, StorageFullError: by the declared length; nothing was written.
    """

    def __init__(self, name: str, declared_bytes: int | None = None, *, is_text: bool = False) -> None:
        check_length(declared_bytes or 0)
        self.name = name
        self.num_bytes = 0
        self._digest = hashlib.sha256()
        self._waiting = bytearray()
        self._is_text = self._is_judged = is_text
        with full_disk_told():
            descriptor, path = tempfile.mkstemp(dir=storage.folder("incoming"), prefix="upload-")
        self.path = Path(path)
        self._file: IO[bytes] = os.fdopen(descriptor, "w+b", buffering=0)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()

    def write(self, chunk: bytes | bytearray | memoryview) -> None:
        """The next bytes.

        Raises:
            UploadTooLargeError, StorageFullError, NotMediaError: the file is not taken; call :meth:`discard`.
        """
        self._waiting += chunk
        if self.num_bytes + len(self._waiting) > conf.max_upload_bytes:
            raise _too_large()
        if not self._is_judged and self.num_bytes + len(self._waiting) >= HEAD_BYTES:
            self._judge_beginning()
        if len(self._waiting) >= WRITE_BYTES:
            self._store()

    def finish(self) -> Arrived:
        """The whole file, on the disk.

        Raises:
            UploadEmptyError, NotMediaError, StorageFullError: it is not taken; call :meth:`discard`.
        """
        if not self.num_bytes and not self._waiting:
            raise UploadEmptyError("The file is empty.")
        if not self._is_judged:
            self._judge_beginning()
        self._store()
        if not self._is_text:
            self._judge_whole()
        with full_disk_told():
            os.fsync(self._file.fileno())
            self._file.close()
        return Arrived(self.path, self._digest.hexdigest(), self.num_bytes)

    def discard(self) -> None:
        """Remove what was not taken over. Safe to call at any time, any number of times."""
        try:
            self._file.close()
        except OSError as error:  # a network disk that is full says so only now; the file goes anyway
            log.warning("A file in incoming/ could not be closed: %s", error)
        self.path.unlink(missing_ok=True)

    def _store(self) -> None:
        chunk, self._waiting = bytes(self._waiting), bytearray()
        self._digest.update(chunk)
        with full_disk_told(), room_kept(len(chunk), taken=self.num_bytes):
            view = memoryview(chunk)
            while view:
                view = view[self._file.write(view) :]
        self.num_bytes += len(chunk)

    def _judge_beginning(self) -> None:
        from inference.media import refusal_of_beginning

        self._is_judged = True
        self._refuse(refusal_of_beginning(bytes(self._waiting)))

    def _judge_whole(self) -> None:
        from inference.media import verdict_of

        self._refuse(verdict_of(self._file).refusal)

    def _refuse(self, refusal: str) -> None:
        if refusal:
            raise NotMediaError(f"“{self.name}” is {refusal}, not a film or a sound recording. Nothing of it was kept.")


def check_length(num_bytes: int) -> None:
    """Whether a file that is declared so long may come at all; before a byte of it is read.

    Raises:
        UploadTooLargeError, StorageFullError
    """
    if num_bytes > conf.max_upload_bytes:
        raise _too_large()
    check_room(num_bytes)


@contextmanager
def copied(stream: IO[bytes], name: str) -> Iterator[Arrived]:
    """A stream's bytes as a file in ``incoming/``, hashed while they are copied; removed at the end unless it was renamed.

    Raises:
        UploadTooLargeError, UploadEmptyError, StorageFullError, NotMediaError
    """
    with Arrival(name) as arrival:
        while chunk := stream.read(WRITE_BYTES):
            arrival.write(chunk)
        yield arrival.finish()


def remove_stale_uploads() -> int:
    """Remove temporary files that a crash left behind; returns how many."""
    limit = time.time() - STALE_S
    stale = [path for path in storage.folder("incoming").glob("*") if path.is_file() and path.stat().st_mtime < limit]
    for path in stale:
        path.unlink(missing_ok=True)
    return len(stale)


def _too_large() -> UploadTooLargeError:
    return UploadTooLargeError(f"The file is larger than the limit of {conf.max_upload_bytes / 1e6:.1f} MB.")
