"""The embedded index on disk: which folder is in use, what made it, and who may write.

    directory/
        CURRENT             name of the folder in use, replaced in one step
        write.lock          held (flock) by the one process that writes
        build.lock          held by the one process that builds a generation anew
        g000001/            one generation
            generation.json     format, library and model that made it
            text/               tantivy
            vectors.dat         :mod:`.vectors`

A new index is built in a folder of its own while the old one answers and is written; changing CURRENT puts it in use everywhere.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from search.errors import IndexDamagedError, IndexLockedError

FORMAT_VERSION = 5
"""Version of records, schema and analysis on disk; goes up with any change to them (2: records know their collection; 3: words keep their
marks, and what is optional in a script is folded; 4: what passes between people)."""

LOCK_POLL_S = 0.02


@dataclass(frozen=True)
class Generation:
    """What made an index. Two indexes of one generation can be read by the same code and model."""

    library: str
    model_id: str
    num_dims: int
    format_version: int = FORMAT_VERSION

    def __str__(self) -> str:
        return f"format {self.format_version}, {self.library}, model {self.model_id or 'none'}"


class IndexFolder:
    """The directory of an index. Thread-safe."""

    def __init__(self, directory: Path, lock_timeout_s: float) -> None:
        """Make the directory if it is not there; ``lock_timeout_s``: seconds that :meth:`writing` waits."""
        self.directory, self.lock_timeout_s = directory, lock_timeout_s
        self._thread_lock = threading.RLock()
        self._depth = 0
        self._is_building = False
        directory.mkdir(parents=True, exist_ok=True)

    def current(self) -> Path | None:
        """The folder in use; ``None`` before the first write of CURRENT.

        Raises:
            IndexDamagedError: CURRENT names a folder that is not there.
        """
        try:
            name = (self.directory / "CURRENT").read_text().strip()
        except FileNotFoundError:
            return None
        folder = self.directory / name
        if not name or "/" in name or not folder.is_dir():
            raise IndexDamagedError(f"{self.directory / 'CURRENT'} names {name!r}, which is not there.")
        return folder

    def new(self, generation: Generation) -> Path:
        """Make the folder of a new generation, not yet in use. Call with a lock held: that of building, or of writing."""
        numbers = [int(folder.name[1:]) for folder in self.directory.glob("g[0-9]*") if folder.name[1:].isdigit()]
        folder = self.directory / f"g{max(numbers, default=0) + 1:06d}"
        (folder / "text").mkdir(parents=True)
        (folder / "generation.json").write_text(json.dumps(_note_of(generation)))
        return folder

    def use(self, folder: Path) -> None:
        """Put a folder in use and delete the others. Call with the lock held."""
        unfinished = self.directory / "CURRENT.tmp"
        with unfinished.open("w") as file:
            file.write(folder.name)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self.directory / "CURRENT")
        self.sweep()

    def sweep(self) -> None:
        """Delete folders that are not in use, such as those of a rebuild that was killed. Call with the lock held.

        While somebody else builds a new generation nothing is deleted.
        """
        if not self._is_building and self._is_built():
            return
        current = self.current()
        for folder in self.directory.glob("g[0-9]*"):
            if folder != current:
                shutil.rmtree(folder, ignore_errors=True)  # a file in use elsewhere goes with the next sweep

    @contextmanager
    def building(self) -> Iterator[None]:
        """Be the one who builds a new generation; others may write to the one in use.

        Raises:
            IndexLockedError: somebody else is building for longer than the timeout.
        """
        with (self.directory / "build.lock").open("a") as file:
            _lock(file.fileno(), time.monotonic() + self.lock_timeout_s, self.directory)
            self._is_building = True
            try:
                yield
            finally:
                self._is_building = False

    def _is_built(self) -> bool:
        with (self.directory / "build.lock").open("a") as file:
            try:
                fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
            return False

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Be the one writer, of all threads and processes. May be nested in one thread.

        Raises:
            IndexLockedError: somebody else kept the lock for longer than the timeout.
        """
        deadline = time.monotonic() + self.lock_timeout_s
        if not self._thread_lock.acquire(timeout=self.lock_timeout_s):
            raise IndexLockedError(f"Another thread is writing to {self.directory}.")
        try:
            if self._depth:
                self._depth += 1
                yield
                return
            with (self.directory / "write.lock").open("a") as file:
                _lock(file.fileno(), deadline, self.directory)
                self._depth = 1
                yield
        finally:
            self._depth = max(0, self._depth - 1)
            self._thread_lock.release()


_NOTE_KEYS = {"engine": "library"}
"""Keys of ``generation.json``, which every release must be able to read, that are called otherwise here."""


def _note_of(generation: Generation) -> dict[str, str | int]:
    written = {name: key for key, name in _NOTE_KEYS.items()}
    return {written.get(name, name): value for name, value in asdict(generation).items()}


def read_generation(folder: Path) -> Generation:
    """What made a folder's index.

    Raises:
        IndexDamagedError: its note is missing or cannot be read.
    """
    try:
        note = json.loads((folder / "generation.json").read_text())
        return Generation(**{_NOTE_KEYS.get(key, key): value for key, value in note.items()})
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise IndexDamagedError(f"{folder / 'generation.json'} cannot be read: {error}.") from error


def _lock(descriptor: int, deadline: float, directory: Path) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise IndexLockedError(f"Another process is writing to {directory}.") from None
            time.sleep(LOCK_POLL_S)
