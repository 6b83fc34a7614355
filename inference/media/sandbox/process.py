"""Run one program on an untrusted file: bounded in time, memory and output, cancellable, and never left behind.

Both kinds of children go through :func:`run_limited`: our own reader (:mod:`inference.media.sandbox.child`) and ffmpeg
(:mod:`inference.media.sandbox.ffmpeg`). Programs get an argument list, never a shell; a small environment without the parent's
secrets; their own process group, which is killed as a whole.

Contents: :class:`ProcessLimits`, :class:`Walls`, :class:`Outcome`, :func:`run_limited`.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from inference.environment import handed_on
from inference.errors import MissingProgramError
from inference.room import Growth

_STARTER = Path(__file__).with_name("confine.py")
_ROOT = Path(__file__).resolve().parents[__name__.count(".")]
_MAX_LINE = 16_000_000
"""Bytes of one line of output at most; the longest honest one is the description of a file, some kilobytes."""
_ERROR_LINES = 40
"""Last lines of the error output that are kept for the message."""


@dataclass(frozen=True)
class ProcessLimits:
    """Bounds of one run: ``wall_s`` in all, ``stall_s`` without a line of output, address space, CPU time, largest written
    file, niceness.
    """

    wall_s: float
    stall_s: float
    memory_bytes: int = 3 << 30
    cpu_s: int = 7200
    file_bytes: int = 1 << 30
    nice: int = 5


@dataclass(frozen=True)
class Walls:
    """The files and folders of ours that a program may open: ``read`` to look at, ``write`` to write into. System folders come on top."""

    read: tuple[Path, ...]
    write: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How a run ended: exit status (negative: the signal), the last lines of its error output, and why we stopped it ("" if we did not)."""

    status: int
    error_tail: str
    stopped: str = ""


def run_limited(
    argv: Sequence[str],
    limits: ProcessLimits,
    on_line: Callable[[str], None],
    walls: Walls | None = None,
    handed: Sequence[int] = (),
) -> Outcome:
    """Run a program and hand each line of its output to ``on_line``; whatever that raises stops the program and comes out here.

    What it writes is bounded by the room that there is, too (:mod:`inference.room`).

    Args:
        argv: program and arguments.
        on_line: called in this thread with each line, and with "" about once a second while there is none, so that a caller can cancel.
        walls: what it may open; None: anything.
        handed: open descriptors that become the program's own; they are closed here whatever happens.

    Raises:
        MissingProgramError: the program does not exist.
    """
    with contextlib.ExitStack() as owned:
        for descriptor in handed:
            owned.callback(os.close, descriptor)
        return _run_walled(argv, limits, on_line, walls, handed, owned)


def _run_walled(
    argv: Sequence[str],
    limits: ProcessLimits,
    on_line: Callable[[str], None],
    walls: Walls | None,
    handed: Sequence[int],
    owned: contextlib.ExitStack,
) -> Outcome:
    if shutil.which(argv[0]) is None:
        raise MissingProgramError(f"The program {argv[0]} is not on this machine.")
    growth = Growth(walls.write if walls is not None else (), limits.file_bytes)
    bounds: dict[str, object] = {
        "file_bytes_first": growth.first_bound,
        "memory_bytes": limits.memory_bytes,
        "cpu_s": limits.cpu_s,
        "file_bytes": limits.file_bytes,
        "nice": limits.nice,
    }
    if walls is not None:
        bounds["read"] = [*_system_folders(argv[0]), *map(str, walls.read)]
        bounds["write"] = ["/dev/null", *map(str, walls.write)]
        bounds["list"] = [str(_ROOT)]  # Python looks for packages by listing the folder they are in
    command = [sys.executable, "-I", "-S", str(_STARTER), json.dumps(bounds), *argv]
    try:
        outcome = _run(command, limits, on_line, growth, handed, owned)
    except BaseException:
        growth.end(is_whole=True)
        raise
    growth.end(is_whole=outcome.status == 0)
    return outcome


def _run(
    command: Sequence[str],
    limits: ProcessLimits,
    on_line: Callable[[str], None],
    growth: Growth,
    handed: Sequence[int],
    owned: contextlib.ExitStack,
) -> Outcome:
    child = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=_environment(),
        start_new_session=True,
        pass_fds=handed,
    )
    owned.close()  # a pipe ends only when nobody else holds it
    lines: queue.Queue[str | None] = queue.Queue(maxsize=1000)
    tail: deque[str] = deque(maxlen=_ERROR_LINES)
    assert child.stdout is not None
    assert child.stderr is not None
    readers = [
        threading.Thread(target=_read_lines, args=(child.stdout, lines), daemon=True),
        threading.Thread(target=_read_tail, args=(child.stderr, tail), daemon=True),
    ]
    for reader in readers:
        reader.start()
    stopped = ""
    try:
        growth.watch(child.pid, lambda: _kill(child))
        stopped = _follow(lines, limits, on_line)
    finally:
        if stopped or sys.exc_info()[0] is not None:
            _kill(child)
        _drain(lines, readers[0])
        status = child.wait()
        _kill_group(child.pid)  # a grandchild that outlived its parent
        for reader in readers:
            reader.join(timeout=5)
        child.stdout.close()
        child.stderr.close()
    return Outcome(status, "\n".join(tail), stopped)


def _follow(lines: queue.Queue[str | None], limits: ProcessLimits, on_line: Callable[[str], None]) -> str:
    """Pass lines on until the program closes its output; the return value says which limit was hit, or ""."""
    started = last_line = time.monotonic()
    while True:
        now = time.monotonic()
        if now - started > limits.wall_s:
            return f"took longer than {limits.wall_s:.0f} seconds"
        if now - last_line > limits.stall_s:
            return f"made no progress for {limits.stall_s:.0f} seconds"
        try:
            line = lines.get(timeout=1.0)
        except queue.Empty:
            on_line("")
            continue
        if line is None:
            return ""
        last_line = time.monotonic()
        on_line(line)


def _read_lines(stream: IO[bytes], lines: queue.Queue[str | None]) -> None:
    while line := stream.readline(_MAX_LINE):
        lines.put(line.decode("utf-8", "replace").rstrip("\n"))
    lines.put(None)


def _read_tail(stream: IO[bytes], tail: deque[str]) -> None:
    while line := stream.readline(2_000):
        tail.append(line.decode("utf-8", "replace").rstrip())


def _drain(lines: queue.Queue[str | None], reader: threading.Thread) -> None:
    """Let the reading thread end: it may be waiting for room in the queue."""
    while reader.is_alive():
        try:
            lines.get(timeout=0.05)
        except queue.Empty:
            continue


def _kill(child: subprocess.Popen[bytes]) -> None:
    _kill_group(child.pid)
    child.kill()


def _kill_group(group: int) -> None:
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return  # everybody in it has ended


def _system_folders(program: str) -> list[str]:
    """What any program needs: its own folder, system libraries, Python and the packages on its path; no home, no data, no /etc/passwd."""
    executable = shutil.which(program) or program
    libraries = ["/usr", "/bin", "/lib", "/lib64", "/nix", "/gnu", "/proc", "/sys", "/dev/urandom", "/dev/null"]
    settings = ["/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime", "/etc/ssl/openssl.cnf", "/etc/alternatives"]
    python = [sys.prefix, sys.base_prefix, sys.exec_prefix, sysconfig.get_path("stdlib"), str(Path(sys.executable).resolve().parent)]
    packages = [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    ours = [str(_ROOT / name) for name in (__name__.partition(".")[0], "omniscript_mam")]
    linked = handed_on("LD_LIBRARY_PATH").get("LD_LIBRARY_PATH", "").split(":")
    home = Path(executable).resolve().parent
    beside = [str(home.parent / name) for name in ("lib", "lib64")] if home.name == "bin" else []  # where a build of one's own puts them
    folders = [*libraries, *settings, *python, *packages, *ours, *linked, str(home), *beside]
    return [folder for folder in dict.fromkeys(folders) if folder]


def _environment() -> dict[str, str]:
    """PATH, language and temporary folder of the parent, and nothing else: the child has no business with its settings and secrets."""
    kept = handed_on("PATH", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
    quiet = {
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "OPENCV_LOG_LEVEL": "ERROR",
        "PYTHONWARNINGS": "ignore",
    }
    return {**kept, **quiet, "PYTHONPATH": str(_ROOT), "AV_LOG_FORCE_NOCOLOR": "1"}
