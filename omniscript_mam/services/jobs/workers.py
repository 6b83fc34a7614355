"""Signs of life: each worker touches one file, so that others know whether anybody works."""

from __future__ import annotations

import time
from pathlib import Path

from omniscript_mam import storage
from omniscript_mam.conf import conf


def worker_stamp() -> Path:
    """The file that a living worker touches every third of a lease."""
    return storage.data_dir() / "worker.alive"


def has_live_worker() -> bool:
    """True if some worker gave a sign of life within a lease."""
    try:
        age_s = time.time() - worker_stamp().stat().st_mtime
    except FileNotFoundError:
        return False
    return age_s < conf.lease_s
