"""Start a program inside limits, then become it.

A script of its own that uses only the standard library, run by path: ``python -I confine.py '{"memory_bytes": …}' program
argument …``. It sets the limits on itself and then executes the program, so nothing runs between fork and exec in a process
with threads. The program dies with the process that started it, so a killed worker leaves no orphan decoder.

Keys: ``memory_bytes`` (address space), ``cpu_s``, ``file_bytes`` (largest file it may write), ``file_bytes_first`` (the same, until the
parent raises it), ``nice``; ``read``, ``write`` and ``list`` (names only), lists of files and folders. Where the kernel has Landlock
(Linux 5.13), the program can open nothing else, and from 6.7 on make no TCP connection; elsewhere FFmpeg's own whitelists and the limits
above are all there is.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import struct
import sys

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446  # the same numbers on every architecture
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14
_ALL_BY_VERSION = {1: (1 << 13) - 1, 2: (1 << 14) - 1}
_ALL_SINCE_3 = (1 << 15) - 1
_ALL_NETWORK = 0b11  # bind and connect, TCP


def _limit(kind: int, value: int, first: int | None = None) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY:
        value = min(value, hard)
    resource.setrlimit(kind, (value if first is None else min(value, first), value))


def _wall_in(libc: ctypes.CDLL, read: list[str], write: list[str], listed: list[str]) -> bool:
    """Let this process open only what is listed. False where the kernel cannot do it."""
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    if version < 1:
        return False
    handled = _ALL_BY_VERSION.get(version, _ALL_SINCE_3)
    attributes = struct.pack("<QQ", handled, _ALL_NETWORK) if version >= 4 else struct.pack("<Q", handled)
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0))
    if ruleset < 0:
        return False
    looking = _EXECUTE | _READ_FILE | _READ_DIR
    for paths, access in ((read, looking), (write, handled & ~_EXECUTE), (listed, _READ_DIR)):
        for path in paths:
            try:
                descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
            except OSError:
                continue  # what is not there need not be allowed
            granted = access
            if not os.path.isdir(path):  # noqa: PTH112 (this script starts fast: no pathlib)
                granted = access & (_EXECUTE | _READ_FILE | _WRITE_FILE | _TRUNCATE)
            rule = struct.pack("<Qi", granted & handled, descriptor)
            libc.syscall(_ADD_RULE, ctypes.c_int(ruleset), ctypes.c_int(1), rule, ctypes.c_uint(0))
            os.close(descriptor)
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return bool(libc.syscall(_RESTRICT_SELF, ctypes.c_int(ruleset), ctypes.c_uint(0)) == 0)


def main() -> None:
    """Set the limits and execute the program."""
    limits = json.loads(sys.argv[1])
    os.nice(int(limits.get("nice", 0)))
    _limit(resource.RLIMIT_CORE, 0)
    if "cpu_s" in limits:
        _limit(resource.RLIMIT_CPU, int(limits["cpu_s"]))
    if "file_bytes" in limits:
        _limit(resource.RLIMIT_FSIZE, int(limits["file_bytes"]), int(limits.get("file_bytes_first", limits["file_bytes"])))
    if sys.platform == "linux":
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if "read" in limits:
            _wall_in(libc, limits["read"], limits["write"], limits["list"])
        if "memory_bytes" in limits:
            _limit(resource.RLIMIT_AS, int(limits["memory_bytes"]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606 (there is no shell to be avoided)


if __name__ == "__main__":
    main()
