"""Run a command and measure it from outside: wall seconds, and the peak resident memory of it and all its descendants (bytes)."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Measured:
    """``wall_s``: seconds from start to exit. ``peak_bytes``: largest resident memory of the process tree, sampled five times a second."""

    wall_s: float
    peak_bytes: int
    output: str


def measure(command: list[str], *, env: dict[str, str] | None = None) -> Measured:
    """Run a command to its end.

    Raises:
        subprocess.CalledProcessError: it failed; its output is in the error.
    """
    started = time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, **(env or {})}) as process:
        peak = [0]
        sampler = threading.Thread(target=_sample, args=(process, peak), daemon=True)
        sampler.start()
        output, errors = process.communicate()
        sampler.join()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command, output, errors)
    return Measured(time.monotonic() - started, peak[0], output)


def _sample(process: subprocess.Popen[str], peak: list[int]) -> None:
    while process.poll() is None:
        peak[0] = max(peak[0], sum(map(_resident_bytes, _tree(process.pid))))
        time.sleep(0.2)


def _tree(root: int) -> set[int]:
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            after_name = status.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it ended between the listing and the reading
        parents[int(status.parent.name)] = int(after_name[1])
    tree = {root}
    while True:
        more = {child for child, parent in parents.items() if parent in tree} - tree
        if not more:
            return tree
        tree |= more


def _resident_bytes(process_id: int) -> int:
    try:
        return int(Path(f"/proc/{process_id}/statm").read_text().split()[1]) * PAGE_BYTES
    except OSError:
        return 0  # ended meanwhile
