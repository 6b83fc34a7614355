"""Start a program inside limits, then become it.

A script of its own that uses only the standard library, run by path: ``python -I limits.py '{"memory_bytes": …}' program
argument …``. It sets the limits on itself and then executes the program, so nothing runs between fork and exec in a process
with threads. The program dies with the process that started it, so a killed worker leaves no orphan decoder.

Keys: ``memory_bytes`` (address space), ``cpu_s``, ``file_bytes`` (largest file it may write), ``nice``.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys

_PR_SET_PDEATHSIG = 1


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value, value))


def main() -> None:
    """Set the limits and execute the program."""
    limits = json.loads(sys.argv[1])
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    os.nice(int(limits.get("nice", 0)))
    _limit(resource.RLIMIT_CORE, 0)
    if "memory_bytes" in limits and sys.platform == "linux":
        _limit(resource.RLIMIT_AS, int(limits["memory_bytes"]))
    if "cpu_s" in limits:
        _limit(resource.RLIMIT_CPU, int(limits["cpu_s"]))
    if "file_bytes" in limits:
        _limit(resource.RLIMIT_FSIZE, int(limits["file_bytes"]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 (there is no shell to be avoided)


if __name__ == "__main__":
    main()
