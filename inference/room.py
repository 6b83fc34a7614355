"""Room on the disk for what a child writes: asked for before it is written, a stretch at a time.

Problem: a program that writes may fill a disk between two looks at it. So its files are bounded by what was granted (RLIMIT_FSIZE), and the
bound is raised from outside as they grow, while there is room. Who grants is set by whoever runs the work (:func:`within`); where
nobody is, the limits of the run are all there is. Sizes are in bytes.

Contents: :class:`Claim` (what a keeper of room hands out), :func:`within`, :class:`Growth`.
"""

from __future__ import annotations

import os
import resource
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Protocol

STRETCH_BYTES = 256 << 20
"""Asked for at once: more than a disk takes in between two looks."""
_LOOK_EVERY_S = 0.05


class Claim(Protocol):
    """Room that is held for one child, where everybody who writes sees it."""

    def hold(self, num_bytes: int) -> int:
        """Hold room for so many bytes more, instead of what was held; returns how many are granted. Raises where there is too little."""
        ...

    def refusal(self, num_bytes: int) -> Exception:
        """What to raise where a child wanted to write more than this faster than it could be granted: there is little room, then."""
        ...

    def close(self) -> None:
        """Let go of what is held."""
        ...


Keeper = Callable[[Path], Claim | None]
"""``keeper(folder)``: a claim on the disk of a folder, or None where nobody minds."""

_keeper: ContextVar[Keeper | None] = ContextVar("keeper", default=None)


@contextmanager
def within(keeper: Keeper) -> Iterator[None]:
    """Children that this thread starts ask here for room."""
    token = _keeper.set(keeper)
    try:
        yield
    finally:
        _keeper.reset(token)


class Growth:
    """The bound of one child's files, raised while there is room.

    Args:
        folders: what the child writes into.
        most: bytes of its largest file, whatever room there is.
    """

    def __init__(self, folders: Sequence[Path], most: int) -> None:
        keeper = _keeper.get()
        self._folders, self._most = folders, most
        self._claim = keeper(folders[0]) if keeper is not None and folders else None
        self._over = threading.Event()
        self._watcher: threading.Thread | None = None
        self._granted = self._bound = most
        self._bounds: list[int] = []
        self.error: BaseException | None = None
        if self._claim is not None:
            try:
                self._granted = self._claim.hold(min(most, STRETCH_BYTES))
            except BaseException:
                self._claim.close()
                raise
            self._bound = min(most, _largest(folders) + self._granted)
            self._bounds.append(self._bound)

    @property
    def first_bound(self) -> int:
        """What the child may write at first, bytes of its largest file."""
        return self._bound if hasattr(resource, "prlimit") else self._most

    def watch(self, pid: int, stop: Callable[[], None]) -> None:
        """Raise the bound of a running child as it writes; where there is no room, stop it and keep the reason."""
        if self._claim is not None:
            self._watcher = threading.Thread(target=self._watch, args=(pid, stop), daemon=True)
            self._watcher.start()

    def end(self, *, is_whole: bool) -> None:
        """The child has ended.

        Raises:
            what the keeper of room said, if that is why the child was stopped or could not go on.
        """
        self._over.set()
        if self._watcher is not None:
            self._watcher.join()
        if self._claim is None:
            return
        try:
            largest = _largest(self._folders)
            # The system writes up to the bound and no further, so a file of just that size was stopped by it.
            if self.error is None and not is_whole and largest < self._most and largest in self._bounds:
                self.error = self._claim.refusal(largest)
        finally:
            self._claim.close()
        if self.error is not None:
            raise self.error

    def _watch(self, pid: int, stop: Callable[[], None]) -> None:
        while not self._over.wait(_LOOK_EVERY_S):
            try:
                self._look(pid)
            except ProcessLookupError:
                return  # it has just ended
            except BaseException as error:  # noqa: BLE001 (of any kind, the keeper belongs to others; it comes out in the thread that waits)
                self.error = error
                stop()
                return

    def _look(self, pid: int) -> None:
        largest = _largest(self._folders)
        left = self._bound - largest
        if left > self._granted // 2 or self._bound >= self._most or self._claim is None:
            return
        self._granted = max(left, self._claim.hold(min(self._most - largest, STRETCH_BYTES)))
        self._bound = min(self._most, largest + self._granted)
        self._bounds.append(self._bound)
        if hasattr(resource, "prlimit"):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (self._bound, self._most))


def _largest(folders: Sequence[Path]) -> int:
    """Bytes of the largest file directly in some folders."""
    sizes = [0]
    for folder in folders:
        try:
            with os.scandir(folder) as entries:
                sizes += [entry.stat(follow_symlinks=False).st_size for entry in entries if entry.is_file(follow_symlinks=False)]
        except OSError:
            continue  # not made yet, or a file of it was renamed just now
    return max(sizes)
