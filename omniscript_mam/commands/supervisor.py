"""Keeps the worker processes alive: started, restarted when they die (after 1, 2, 4 … 30 s), killed when they hang, stopped together.

A worker touches a file of its own while it lives (:mod:`omniscript_mam.tasks.reaper`); one that has not for HUNG_LEASES leases hangs in
something that lets no other thread run, and is killed, so that its job goes on elsewhere or its cancelling comes to an end. Times are the
monotonic clock's: the file is only looked at for a change.

One process per queue, so that a correction is indexed while an hour-long ingest runs. A worker ends by itself when its supervisor
is gone (it sees that its parent changed), however the supervisor ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO

HUNG_LEASES = 6
LEAST_HUNG_S = 60.0
STAMP_VARIABLE = "OMNISCRIPT_WORKER_STAMP"
"""Names the file that a worker of ours touches."""
PARENT_VARIABLE = "OMNISCRIPT_SUPERVISOR_PID"
MAX_LOG_BYTES = 20 << 20
MAX_PAUSE_S = 30.0
HEALTHY_S = 60.0
"""A worker that lived this long is restarted without a pause."""

GRACE_S = 8.0
"""Time a worker has to give its job back before it is killed."""


class Supervisor:
    """Runs one worker per queue. ``start`` and ``stop`` return soon; a thread watches."""

    def __init__(self, queues: list[str], log: Path, hung_s: float = LEAST_HUNG_S) -> None:
        self.queues = queues
        self.hung_s = hung_s
        self._stamps: dict[str, tuple[int, float]] = {}
        self.log = log
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._started_s: dict[str, float] = {}
        self._pause_s = dict.fromkeys(queues, 1.0)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="omniscript-supervisor", daemon=True)

    def start(self) -> None:
        """Start the workers and watch them."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        for queue in self.queues:
            self._spawn(queue)
        self._thread.start()

    def stop(self) -> None:
        """Stop the workers: politely, then by force; returns when they are gone."""
        self._stopping.set()
        self._thread.join(timeout=5)
        for process in self.processes.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        for process in self.processes.values():
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _watch(self) -> None:
        while not self._stopping.wait(0.5):
            for queue, process in list(self.processes.items()):
                if process.poll() is None and self._hangs(queue):
                    self._note(f"The {queue} worker gave no sign of life for {self.hung_s:.0f} s; it is killed.")
                    process.kill()
                    process.wait()
                if process.poll() is not None:
                    self._restart(queue)

    def _hangs(self, queue: str) -> bool:
        """True if a worker that has touched its file once has not done it again for too long; one that only starts is left alone."""
        try:
            touched = self._stamp(queue).stat().st_mtime_ns
        except FileNotFoundError:
            return False
        now_s = time.monotonic()
        before, since_s = self._stamps.get(queue, (0, now_s))
        self._stamps[queue] = (touched, since_s if touched == before else now_s)
        return touched == before and now_s - since_s > self.hung_s

    def _stamp(self, queue: str) -> Path:
        return self.log.parent / f"{queue}.alive"

    def _restart(self, queue: str) -> None:
        lived_s = time.monotonic() - self._started_s[queue]
        pause_s = self._pause_s[queue] = 1.0 if lived_s > HEALTHY_S else min(2 * self._pause_s[queue], MAX_PAUSE_S)
        self._note(f"The {queue} worker ended with status {self.processes[queue].returncode}; it is started again in {pause_s:.0f} s.")
        if not self._stopping.wait(pause_s):
            self._spawn(queue)

    def _spawn(self, queue: str) -> None:
        command = [sys.executable, "-m", "omniscript_mam.cli", "worker", "--queues", queue]
        self._stamp(queue).unlink(missing_ok=True)
        self._stamps.pop(queue, None)
        environment = {**os.environ, PARENT_VARIABLE: str(os.getpid()), STAMP_VARIABLE: str(self._stamp(queue))}
        with self._open_log() as log:
            self.processes[queue] = subprocess.Popen(
                command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._started_s[queue] = time.monotonic()

    def _open_log(self) -> IO[bytes]:
        if self.log.exists() and self.log.stat().st_size > MAX_LOG_BYTES:
            self.log.replace(self.log.with_suffix(".old.log"))
        return self.log.open("ab")

    def _note(self, message: str) -> None:
        with self._open_log() as log:
            log.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {message}\n".encode())


def is_orphan() -> bool:
    """True in a worker whose supervisor is gone."""
    parent = os.environ.get(PARENT_VARIABLE, "")
    return bool(parent) and os.getppid() != int(parent)
