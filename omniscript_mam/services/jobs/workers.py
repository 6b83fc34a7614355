"""Signs of life: each worker touches one file, so that others know whether anybody works."""

from __future__ import annotations

import os
import time
from pathlib import Path

from omniscript_mam import storage
from omniscript_mam.conf import conf


def worker_stamp() -> Path:
    """The file that a living worker touches every third of a lease."""
    return storage.data_dir() / "worker.alive"


def show_life() -> None:
    """Touch the file that all workers share and, under a supervisor, the one that is this worker's own."""
    worker_stamp().touch()
    if own := os.environ.get("OMNISCRIPT_WORKER_STAMP", ""):
        Path(own).touch()


def has_live_worker() -> bool:
    """True if some worker gave a sign of life within a lease."""
    try:
        age_s = time.time() - worker_stamp().stat().st_mtime
    except FileNotFoundError:
        return False
    return abs(age_s) < conf.lease_s  # a sign from the future is one from before the clock was set back
