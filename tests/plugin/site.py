"""A Django site in a folder, run from outside by the Python of an environment that is not this one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Environment:
    """An environment, by its Python. It sees neither this repository nor the settings of the tests."""

    python: Path

    def variables(self, **more: str) -> dict[str, str]:
        """What its processes get."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("OMNISCRIPT_", "DJANGO_", "PYTHON", "PYTEST", "NEWSROOM_"))
        }
        return {**kept, "PATH": f"{self.python.parent}{os.pathsep}{kept['PATH']}", **more}

    def run(self, *arguments: str, folder: Path, code: int | None = 0, **more: str) -> subprocess.CompletedProcess[str]:
        """Python with these arguments, to its end; checks the exit code unless it is ``None``."""
        done = subprocess.run(
            [str(self.python), *arguments], cwd=folder, env=self.variables(**more), capture_output=True, text=True, timeout=240, check=False
        )
        assert code is None or done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-5000:]}"
        return done


@dataclass
class Site:
    """A project in a folder, with its variables; whatever was started is stopped by :meth:`stop`."""

    environment: Environment
    folder: Path
    variables: dict[str, str]
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def manage(self, *arguments: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        """``manage.py`` with these arguments."""
        return self.environment.run("manage.py", *arguments, folder=self.folder, code=code, **self.variables)

    def start(self, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
        """A process that goes on, with its output in a file."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                [str(self.environment.python), *arguments],
                cwd=self.folder, env=self.environment.variables(**self.variables), stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        self.processes.append(process)
        return process

    def serve(self, log: Path) -> str:
        """The site's pages on a free port; returns their origin once they answer."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        process = self.start("manage.py", "runserver", "--noreload", f"127.0.0.1:{port}", log=log)
        origin = f"http://127.0.0.1:{port}"
        until = time.monotonic() + 60
        while time.monotonic() < until and process.poll() is None:
            try:
                urllib.request.urlopen(f"{origin}/footage/", timeout=5).close()
                return origin
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.2)
        raise AssertionError(log.read_text(encoding="utf-8")[-5000:])

    def stop(self) -> None:
        """End everything that was started, with its children."""
        for process in self.processes:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
            process.wait(10)
