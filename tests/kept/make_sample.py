"""Makes ``sample.tar.xz``: a data folder, a database and queued jobs as the code of one commit leaves them.

The sample is history: it was made once, with the commit that README.md names, and the code of today must open it. To make it again,
check that commit out beside this tree and let Python import it instead of this one:

    git worktree add ../kept-code COMMIT
    PYTHONPATH=../kept-code python tests/kept/make_sample.py tests/kept/sample.tar.xz

Modules are named here as that commit has them. Whatever is killed is killed with SIGKILL, in the middle of a segment.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from http.server import ThreadingHTTPServer
from pathlib import Path

from imageio_ffmpeg import get_ffmpeg_exe

PORT = 28657
"""Of the endpoint: its address is part of a remote writer's version, so the tests must serve the same one. Below the ephemeral ports."""
SEGMENT_S = "6"
LIVES_ON_S = "3600"
"""Leases of the workers that are killed: long enough that the next worker does not take their jobs over."""
SCRATCH = ("secret_key", "worker.alive", "logs", "incoming")
"""Never part of the sample."""

WORKER_THAT_HANGS = """
import sys, time
from pathlib import Path
from inference.writers.lite import writer
write = writer.LiteWriter.write
def write_or_hang(self, film, plan, index, *rest):
    if index == 2:
        Path(sys.argv[1]).touch()
        time.sleep(600)
    return write(self, film, plan, index, *rest)
writer.LiteWriter.write = write_or_hang
"""
WORKER = "from omniscript_mam.cli import main; main(['worker'])"
WRITE = "from pathlib import Path\nfrom inference.pipeline import write_script\n" + (
    "write_script(Path(sys.argv[2]), workdir=Path(sys.argv[3]), title='Kept', options={'segment_s': 6.0})"
)
CORRECT = """
import django
django.setup()
from omniscript_mam.models import Asset, ScriptRevision
from omniscript_mam.script import from_data
from omniscript_mam.services import characters
asset = Asset.objects.get(title='The silver key')
people = lambda: from_data(asset.revisions.first().document).characters
number = lambda: asset.revisions.first().number
first, second = [person.id for person in people() if person.id != 'environment'][:2]
first = characters.edit_character(asset, first, revision=number(), author='archivist', name='Clara Bow', voice='warm and low')
characters.merge_characters(asset, second, first, revision=number(), author='archivist')
characters.undo(asset, revision=number(), author='archivist')
"""


def main() -> None:
    """Make the archive that the command line names."""
    out_path = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        sample = Path(folder) / "sample"
        make(sample, Path(folder))
        with tarfile.open(out_path, "w:xz") as archive:
            archive.add(sample, "sample", filter=_anonymous)
    print(out_path, out_path.stat().st_size, "bytes")


def make(sample: Path, films: Path) -> None:
    """Fill the folder: ``data/``, ``written/``, ``endpoints.toml``."""
    from tests.remote.film import known_script

    home = Home(sample)
    told = {name: _story(films / f"{name}.mp4", seed, length_s) for name, seed, length_s in STORIES}
    coded, spool = _coded(films)
    broken = films / "broken.mp4"
    broken.write_bytes(coded.read_bytes()[:600])

    home.run("collections", "create", "Evenings", "--writer", "lite", "--description", "Stories told at home")
    home.run("ingest", str(told["key"]), "--title", "The silver key", "--collection", "Evenings", "--language", "en")
    home.python(CORRECT)
    home.run("ingest", str(broken), "--title", "Broken", code=1)
    waiting = json.loads(home.run("ingest", str(told["cancelled"]), "--title", "Cancelled", "--detach", "--json"))
    home.run("jobs", "--cancel", waiting[0]["job"])

    home.run("ingest", str(told["killed"]), "--title", "Killed", "--detach")
    home.kill_when(home.hanging(WORKER), home.hangs.exists)

    with _server(known_script(spool.duration_s), spool) as (server, is_asked_for_the_third):
        tokens = {"prompt": 1.0, "completion": 4.0, "currency": "EUR"}
        table = server.toml("kept", video="jpeg_sequence", structured="structured_outputs", concurrency=1, price=tokens, silence_s=60.0)
        home.endpoints.write_text(table, encoding="utf-8")
        home.run("ingest", str(coded), "--title", "Two stages", "--writer", "remote-kept", "--detach")
        home.kill_when(home.start("-c", WORKER), is_asked_for_the_third)

    home.run("ingest", str(told["queued"]), "--title", "Queued", "--detach")
    home.hangs.unlink()
    (sample / "written").mkdir()
    home.kill_when(home.hanging(WRITE, str(told["killed"]), str(sample / "written")), home.hangs.exists)
    home.close()


STORIES = (("key", 1, 24), ("cancelled", 2, 6), ("killed", 9, 20), ("queued", 4, 8))
"""Name, seed and seconds of the films that the lite writer writes."""


class Home:
    """The data folder that is being filled, and programs run in it."""

    def __init__(self, sample: Path) -> None:
        self.data = sample / "data"
        self.endpoints = sample / "endpoints.toml"
        self.hangs = sample / "hangs"
        self.data.mkdir(parents=True)
        self.endpoints.write_text("", encoding="utf-8")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMNISCRIPT_", "DJANGO_"))}
        self.environment = {
            **kept,
            "DJANGO_SETTINGS_MODULE": "omniscript_mam.config.settings",
            "OMNISCRIPT_DATA_DIR": str(self.data),
            "OMNISCRIPT_EMBEDDER": "hashed",
            "OMNISCRIPT_SEGMENT_S": SEGMENT_S,
            "OMNISCRIPT_LEASE_S": LIVES_ON_S,
            "OMNISCRIPT_MIN_FREE_BYTES": "0",
            "OMNISCRIPT_ENDPOINTS": str(self.endpoints),
            "OMNISCRIPT_TEST_KEY": "sk-test-5f3a9c",
        }

    def run(self, *arguments: str, code: int = 0) -> str:
        """A command of the program, to its end; what it printed."""
        command = [sys.executable, "-m", "omniscript_mam.cli", *arguments]
        ended = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert ended.returncode == code, f"{arguments}: {ended.returncode}\n{ended.stdout}\n{ended.stderr}"
        return ended.stdout

    def python(self, code: str) -> None:
        """A few lines of Python, to their end."""
        subprocess.run([sys.executable, "-c", code], env=self.environment, check=True)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Python, in a process group of its own."""
        return subprocess.Popen([sys.executable, *arguments], env=self.environment, start_new_session=True)

    def hanging(self, code: str, *arguments: str) -> subprocess.Popen[bytes]:
        """Python whose lite writer says so, and hangs, at the third segment."""
        return self.start("-c", f"{WORKER_THAT_HANGS}\n{code}", str(self.hangs), *arguments)

    def kill_when(self, process: subprocess.Popen[bytes], condition: Callable[[], bool]) -> None:
        """Kill a process with all its children once something holds."""
        deadline_s = time.monotonic() + 300
        while not condition():
            assert time.monotonic() < deadline_s and process.poll() is None, f"{process.args!r} did not get there"
            time.sleep(0.1)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """Put what SQLite keeps beside its files into them, and take out what is nobody's business."""
        for path in self.data.glob("*.sqlite3"):
            connection = sqlite3.connect(path)
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.execute("VACUUM")
            connection.close()
        for name in SCRATCH:
            path = self.data / name
            shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
        for frames in (*self.data.glob("spool/*"), *self.data.parent.glob("written/*/spool")):
            shutil.rmtree(frames)  # large, and made again by the survey wherever it is missing
        self.hangs.unlink()


def _story(path: Path, seed: int, length_s: float) -> Path:
    """A drawn and spoken film, made small."""
    from eval.world import render, story

    large = path.with_suffix(".large.mp4")
    render(story(seed, length_s), large, seed=seed, size=(320, 180))
    return _shrunk(large, path)


def _coded(folder: Path) -> tuple[Path, object]:
    """A film that spells its own time, and its spool, by which the server of the tests knows what it is asked about."""
    from tests.inference.media.clips import look
    from tests.remote.film import coded_film

    path = _shrunk(coded_film(folder / "large.mp4", duration_s=20.0, rate=Fraction(8), with_sound=False), folder / "coded.mp4")
    return path, look(path, folder / "spool").spool


def _shrunk(large: Path, path: Path) -> Path:
    options = ["-c:v", "libx264", "-preset", "veryslow", "-crf", "34", "-c:a", "aac", "-b:a", "24k", "-ar", "16000"]
    command = [get_ffmpeg_exe(), "-v", "error", "-i", str(large), *options, "-map_metadata", "-1", "-movflags", "+faststart", str(path)]
    subprocess.run(command, check=True)
    return path


def _server(script, spool):
    """The test server at its fixed port, as a context manager; it answers the plan and two segments, and then keeps silent."""
    from contextlib import contextmanager

    from tests.remote.answers import answer_from
    from tests.remote.server import ChatServer, _Handler

    @contextmanager
    def running():
        know, num_scripts = answer_from(script, spool), 0

        def answer(asked):
            nonlocal num_scripts
            num_scripts += asked.purpose == "script"
            if num_scripts > 2:
                server.over.wait(120)
            return know(asked)

        server = ChatServer(answer)
        server._http.server_close()
        server._http = ThreadingHTTPServer(("127.0.0.1", PORT), _Handler)
        server._http.daemon_threads = True
        server._http.chat = server
        server._thread._kwargs = {"poll_interval": 0.02}
        server._thread._target = server._http.serve_forever
        with server:
            yield server, lambda: num_scripts > 2

    return running()


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main()
