"""Real processes of the program, in a data folder of their own, looked at from outside."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """One data folder with its settings; runs commands and workers as a user would."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.folder = folder
        self.calls = folder.parent / f"{folder.name}-calls"
        self.log = folder.parent / f"{folder.name}-worker.log"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMNISCRIPT_", "DJANGO_"))}
        self.environment = {
            **kept,
            "PYTHONPATH": str(ROOT),
            "OMNISCRIPT_DATA_DIR": str(folder),
            "OMNISCRIPT_WRITERS": "tiny=tests.integration.tiny_writer:TinyWriter",
            "OMNISCRIPT_WRITER": "tiny",
            "OMNISCRIPT_EMBEDDER": "hashed",
            "OMNISCRIPT_MIN_FREE_BYTES": "0",
            "OMNISCRIPT_LEASE_S": "2",
            "OMNISCRIPT_TEST_CALLS": str(self.calls),
            **{f"OMNISCRIPT_{name}": value for name, value in settings.items()},
        }

    def run(self, *arguments: str, code: int | None = 0, **options: Any) -> subprocess.CompletedProcess[str]:
        """A command, to its end; checks the exit code unless it is None."""
        command = [sys.executable, "-m", "omniscript_mam.cli", *arguments]
        found = subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=180, check=False, **options)
        assert code is None or found.returncode == code, f"{arguments}: {found.returncode}\n{found.stdout}\n{found.stderr}"
        return found

    def python(self, code: str, *arguments: str) -> None:
        """A few lines of Python with the program's settings."""
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "omniscript_mam.config.settings"}
        subprocess.run([sys.executable, "-c", code, *arguments], env=environment, timeout=60, check=True)

    def data(self, *arguments: str, code: int | None = 0) -> Any:
        """What a command prints as JSON."""
        return json.loads(self.run(*arguments, "--json", code=code).stdout)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A program that goes on, in a process group of its own."""
        with self.log.open("ab") as output:
            command = [sys.executable, "-m", "omniscript_mam.cli", *arguments]
            return subprocess.Popen(command, env=self.environment, stdout=output, stderr=output, start_new_session=True)

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows of the database, read from outside."""
        if "OMNISCRIPT_DATABASE_URL" in self.environment:
            import psycopg

            with psycopg.connect(self.environment["OMNISCRIPT_DATABASE_URL"]) as server:
                return server.execute(statement).fetchall()
        connection = sqlite3.connect(self.folder / "omniscript.sqlite3", timeout=30)
        try:
            return connection.execute(statement).fetchall()
        finally:
            connection.close()

    def value(self, statement: str) -> Any:
        """The first value of the first row."""
        return self.rows(statement)[0][0]

    def until(self, condition: Callable[[], bool], timeout_s: float = 90.0) -> None:
        """Wait; a timeout shows the worker's log."""
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, self.log.read_text()[-4000:] if self.log.exists() else "no log"
            time.sleep(0.05)

    def called(self) -> list[str]:
        """What the test writer was asked to do, in order."""
        return self.calls.read_text().split("\n")[:-1] if self.calls.exists() else []


def kill_9(process: subprocess.Popen[bytes]) -> None:
    """Kill a process with all its children, as a power cut would."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
