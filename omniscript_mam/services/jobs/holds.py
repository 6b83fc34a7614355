"""Whether anybody still works on a job: a lock on a file for as long as a process has the job, or segments of it, in hand.

A lease lapses while its worker hangs or sleeps, so a lapsed lease does not mean that the work has stopped. The system gives a lock back
when the process that holds it is gone, however it went. Workers on other machines show their locks where the file system of the data
folder carries them; where it does not, a lapsed lease has to do.
"""

from __future__ import annotations

import fcntl
import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from omniscript_mam import storage


@contextmanager
def held(job_id: uuid.UUID) -> Iterator[None]:
    """Hold the job; any number of processes and threads may, at once."""
    descriptor = _locked(_file(job_id))
    try:
        yield
    finally:
        os.close(descriptor)


def is_held(job_id: uuid.UUID) -> bool:
    """Whether some process has the job in hand. Where nobody has, what was left of the file is removed."""
    path = _file(job_id)
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def _locked(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        if path.exists() and path.stat().st_ino == os.fstat(descriptor).st_ino:
            return descriptor
        os.close(descriptor)  # somebody looked meanwhile, and removed the file


def _file(job_id: uuid.UUID) -> Path:
    return storage.folder("holds") / str(job_id)
