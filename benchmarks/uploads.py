"""Uploads that lie: whether the server and its workers live on, free space stays above the reserve, and every answer is in words.

    python benchmarks/uploads.py [--uploads 500] [--folder FOLDER]

A real `omniscript serve` works on a file system of 48 MB of its own (a tmpfs, which only root may mount; or FOLDER, which should lie on a
small disk), with a reserve of 8 MB and a limit of 24 MB a file. Eight senders at once send what :data:`KINDS` names: honest files, files
beyond the limit or the room, bodies that stop half-way, say a wrong length or none, are no forms or no films, or go to other addresses.
Free space is looked at every 2 ms. Sizes are in bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

DISK_BYTES, RESERVE_BYTES, LIMIT_BYTES = 48 << 20, 8 << 20, 24 << 20
SENDERS = 8
BOUNDARY = "a-line-between-parts"
ANSWER_TIMEOUT_S = 90.0


@dataclass
class Outcome:
    """Counts of one run; ``statuses`` by kind and HTTP status, ``wrong`` what must not be."""

    statuses: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    least_free_bytes: int = 1 << 60
    num_restarts: int = 0


class Site:
    """A running server, asked over plain sockets."""

    def __init__(self, port: int, seed: int) -> None:
        self.port = port
        self.seed = seed

    def film(self, number: int, num_bytes: int) -> bytes:
        """Bytes that begin as a Matroska file; others for each number."""
        return b"\x1aE\xdf\xa3" + random.Random(self.seed * 100_000 + number).randbytes(64) + bytes(max(0, num_bytes - 68))

    def form(self, content: bytes, name: str = "film.mkv") -> bytes:
        """A form with one file."""
        disposition = f'Content-Disposition: form-data; name="file"; filename="{name}"'
        return f"--{BOUNDARY}\r\n{disposition}\r\n\r\n".encode() + content + f"\r\n--{BOUNDARY}--\r\n".encode()

    def ask(self, body: bytes, *, length: int | None = None, path: str = "/api/v1/assets", kind: str = "", ends: str = "waits") -> bytes:
        """Send a request and read the answer; ``ends``: waits, half (closes its side) or gone (closes all)."""
        said_length = len(body) if length is None else length
        content_type = kind or f"multipart/form-data; boundary={BOUNDARY}"
        head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: {content_type}\r\n"
        head += f"Content-Length: {said_length}\r\n\r\n" if said_length >= 0 else "Transfer-Encoding: chunked\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=ANSWER_TIMEOUT_S) as sender:
            try:
                sender.sendall(head.encode())
                sender.sendall(body)
                if ends == "half":
                    sender.shutdown(socket.SHUT_WR)
            except BrokenPipeError:
                pass  # answered before all of it was sent: the answer is there to be read
            return b"" if ends == "gone" else b"".join(iter(lambda: sender.recv(65536), b""))


def chunked(content: bytes) -> bytes:
    """A body in chunks of 256 kB."""
    size = 1 << 18
    parts = [content[place : place + size] for place in range(0, len(content), size)]
    return b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts) + b"0\r\n\r\n"


Sender = Callable[[Site, int], bytes]
KINDS: dict[str, tuple[Sender, set[int]]] = {
    "honest": (lambda site, n: site.ask(site.form(site.film(n, 200_000))), {201, 507}),
    "honest and large": (lambda site, n: site.ask(site.form(site.film(n, 9_000_000))), {201, 507}),
    "beyond the limit": (lambda site, n: site.ask(site.form(b"")[:200], length=80 << 20), {413}),
    "beyond the limit, all of it sent": (lambda site, n: site.ask(site.form(site.film(n, 30 << 20))), {413}),
    "in chunks, beyond the limit": (lambda site, n: site.ask(chunked(site.form(site.film(n, 26 << 20))), length=-1), {413, 507}),
    "in chunks, honest": (lambda site, n: site.ask(chunked(site.form(site.film(n, 400_000))), length=-1), {201, 507}),
    "stops half-way": (lambda site, n: site.ask(site.form(site.film(n, 3_000_000))[:1_500_000], length=3_000_000, ends="half"), {400, 507}),
    "stops and is gone": (lambda site, n: site.ask(site.form(site.film(n, 3_000_000))[:900_000], length=3_000_000, ends="gone"), {0}),
    "says too little": (lambda site, n: site.ask(site.form(site.film(n, 900_000)), length=500_000), {201, 400, 507}),
    "says too little by far": (lambda site, n: site.ask(site.form(site.film(n, 900_000)), length=40), {400}),
    "falls silent": (lambda site, n: site.ask(site.form(site.film(n, 300_000)), length=900_000), {400, 507}),
    "no film": (lambda site, n: site.ask(site.form(b"Notes of a meeting.\n" * 500, "notes.txt")), {415}),
    "a picture": (lambda site, n: site.ask(site.form(b"\xff\xd8\xff\xe0" + bytes(90_000), "photo.jpg")), {415}),
    "no form": (lambda site, n: site.ask(b"nothing that is a form" * 9000), {400}),
    "elsewhere": (lambda site, n: site.ask(bytes(100_000), length=300 << 20, path="/api/v1/collections", kind="video/mp4"), {413}),
    "a file elsewhere": (lambda site, n: site.ask(site.form(site.film(n, 900_000)), path="/api/v1/collections"), {400}),
}
"""Kind → how it is sent, and which HTTP statuses are right (0: nobody waits for one)."""
RARE = {"falls silent": 0.15, "beyond the limit, all of it sent": 0.4, "in chunks, beyond the limit": 0.4}
"""Kinds that take long, and how often they come beside the others."""


def upload_all(site: Site, folder: Path, num_uploads: int, outcome: Outcome) -> None:
    """Send everything, :data:`SENDERS` at once, while somebody looks at the free space and somebody else deletes now and then."""
    over = threading.Event()
    watcher = threading.Thread(target=_watch_space, args=(folder, outcome, over), daemon=True)
    watcher.start()
    chances = random.Random(site.seed)
    kinds = chances.choices(list(KINDS), weights=[RARE.get(kind, 1.0) for kind in KINDS], k=num_uploads)
    with ThreadPoolExecutor(SENDERS) as pool:
        list(pool.map(lambda pair: _upload(site, *pair, outcome), enumerate(kinds)))
    over.set()
    watcher.join()


def _upload(site: Site, number: int, kind: str, outcome: Outcome) -> None:
    send, allowed = KINDS[kind]
    if number % 40 == 39:
        _delete_some(site)
    try:
        said = send(site, number)
    except OSError as error:
        outcome.wrong.append(f"{kind}: {type(error).__name__}: {error}")
        return
    status = int(said.split(b" ", 2)[1]) if said else 0
    outcome.statuses[f"{kind}: {status or 'gone'}"] += 1
    if status not in allowed:
        outcome.wrong.append(f"{kind}: {status}: {said[-300:]!r}")
    elif status >= 400:
        error = json.loads(said.partition(b"\r\n\r\n")[2])["error"]
        if not (error["message"] and error["remedy"]) or "unexpected" in error["code"]:
            outcome.wrong.append(f"{kind}: {error}")


def _delete_some(site: Site) -> None:
    said = _get(site, "GET", "/api/v1/assets?limit=20&state=failed")
    for asset in json.loads(said).get("results", []):
        _get(site, "DELETE", f"/api/v1/assets/{asset['id']}")


def _get(site: Site, method: str, path: str) -> bytes:
    with socket.create_connection(("127.0.0.1", site.port), timeout=ANSWER_TIMEOUT_S) as asked:
        asked.sendall(f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n".encode())
        return b"".join(iter(lambda: asked.recv(65536), b"")).partition(b"\r\n\r\n")[2]


def _watch_space(folder: Path, outcome: Outcome, over: threading.Event) -> None:
    while not over.wait(0.002):
        room = os.statvfs(folder)
        outcome.least_free_bytes = min(outcome.least_free_bytes, room.f_bavail * room.f_frsize)


@contextmanager
def serving(folder: Path, log: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`omniscript serve` with its workers on a data folder; its process and port."""
    settings = {"DATA_DIR": folder, "MIN_FREE_BYTES": RESERVE_BYTES, "MAX_UPLOAD_BYTES": LIMIT_BYTES, "EMBEDDER": "none"}
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("OMNISCRIPT_", "DJANGO_"))}
    environment |= {f"OMNISCRIPT_{name}": str(value) for name, value in settings.items()}
    with log.open("ab") as output:
        command = [sys.executable, "-m", "omniscript_mam.cli", "serve", "--port", "0"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)
    try:
        deadline_s = time.monotonic() + 60
        while not (told := re.search(r"is at http://[^:/]+:(\d+)/", log.read_text())):
            assert time.monotonic() < deadline_s and process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield process, int(told[1])
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of :data:`DISK_BYTES` in memory, mounted at the folder; only for root."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES},mode=700", "tmpfs", str(folder)], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def run(folder: Path, num_uploads: int, log: Path, seed: int = 1) -> Outcome:
    """Everything on one data folder; see :class:`Outcome`."""
    outcome = Outcome()
    with serving(folder, log) as (process, port):
        site = Site(port, seed)
        upload_all(site, folder, num_uploads, outcome)
        status = _get(site, "GET", "/api/v1/assets?limit=1")
        if process.poll() is not None or b"results" not in status:
            outcome.wrong.append("the server was lost")
        worker_log = folder / "logs" / "worker.log"
        outcome.num_restarts = worker_log.read_text(errors="replace").count("it is started again") if worker_log.exists() else 0
    left = [path.name for path in (folder / "incoming").iterdir()]
    if left:
        outcome.wrong.append(f"left in incoming/: {left}")
    return outcome


def main() -> int:
    """Print the counts; 1 if anything was wrong."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--uploads", type=int, default=500)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    started_s = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "serve.log"
        log.touch()
        if arguments.folder:
            outcome = run(arguments.folder, arguments.uploads, log)
        else:
            disk = Path(scratch) / "disk"
            disk.mkdir()
            with small_disk(disk):
                outcome = run(disk, arguments.uploads, log)
        sys.stderr.write(log.read_text()[-3000:] if outcome.wrong else "")
    for line, count in sorted(outcome.statuses.items()):
        print(f"{count:5d}  {line}")
    print(
        f"{arguments.uploads} uploads in {time.monotonic() - started_s:.0f} s; least free space {outcome.least_free_bytes / 1e6:.1f} MB",
        end="",
    )
    print(f" (reserve {RESERVE_BYTES / 1e6:.1f} MB); workers restarted: {outcome.num_restarts}; wrong: {len(outcome.wrong)}")
    for wrong in outcome.wrong[:20]:
        print(f"  {wrong}")
    return int(bool(outcome.wrong) or outcome.num_restarts > 0 or outcome.least_free_bytes < RESERVE_BYTES)


if __name__ == "__main__":
    sys.exit(main())
