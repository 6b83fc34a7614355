"""How many processor threads a model may use. Standard library only."""

from __future__ import annotations

import os


def num_threads() -> int:
    """``OMNISCRIPT_THREADS`` if it is set, otherwise the number of processors this process may run on; at least 1."""
    named = os.environ.get("OMNISCRIPT_THREADS", "")
    if named.isdigit() and int(named) > 0:
        return int(named)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
