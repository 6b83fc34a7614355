"""A data folder that nothing can be written into: searched, watched and read; whatever would change it says so in words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.app.conftest import make_film

from .processes import Installation, kill_9

CANNOT = "The data folder cannot be written"


def start(found: Installation, *arguments: str) -> subprocess.Popen[str]:
    """A command that sees the folder as one that cannot be written: root by a mount of its own, others by the folder's mode."""
    command = [sys.executable, "-m", "omniscript_mam.cli", *arguments]
    if os.geteuid() == 0:
        mounted = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'
        command = ["unshare", "-m", "bash", "-c", mounted, str(found.folder), *command]
    return subprocess.Popen(
        command, env=found.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )


def ask(found: Installation, *arguments: str) -> tuple[int, str, str]:
    process = start(found, *arguments)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def can_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    command = ["unshare", "-m", "mount", "--bind", str(folder), str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


@pytest.fixture
def archive(installation: Callable[..., Installation], tmp_path: Path) -> Iterator[Installation]:
    found = installation(SEGMENT_S="2")
    found.run("ingest", str(make_film(tmp_path / "test card.mp4", 4)))
    if os.geteuid() == 0:
        if not can_mount(found.folder):
            pytest.skip("root may write everywhere, and may not mount here")
        yield found
        return
    folders = [found.folder, *(path for path in found.folder.rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    yield found
    for folder in folders:
        folder.chmod(0o700)


def test_commands_read_and_say_why_they_do_not_write(archive, tmp_path):
    assert json.loads(ask(archive, "search", "loudness", "--json")[1])["hits"]
    assert "TEST CARD" in ask(archive, "script", "test card")[1]
    assert json.loads(ask(archive, "index", "verify", "--json")[1])["agrees"]
    for arguments in (("ingest", str(tmp_path / "test card.mp4")), ("index", "rebuild"), ("delete", "--yes", "test card"), ("worker",)):
        code, _, told = ask(archive, *arguments)
        assert code == 1 and CANNOT in told and "Traceback" not in told, arguments


def test_the_page_shows_and_says_why_it_does_not_change(archive):
    server = start(archive, "serve", "--port", "0")
    try:
        line = ""
        deadline = time.monotonic() + 60
        while "http://" not in line and time.monotonic() < deadline:
            line = server.stderr.readline()
            assert "cannot be written" in line or "http://" in line, line
        base = line.split(" at ")[1].split("/   ")[0]

        def get(path: str, **options: object) -> tuple[int, bytes]:
            try:
                with urllib.request.urlopen(urllib.request.Request(base + path, **options), timeout=30) as answer:
                    return answer.status, answer.read()
            except urllib.error.HTTPError as error:
                return error.code, error.read()

        asset = json.loads(get("/api/v1/assets")[1])["results"][0]["id"]
        for path in ("/", "/search/?q=loudness", f"/assets/{asset}/", f"/api/v1/assets/{asset}/script"):
            assert get(path)[0] == 200, path
        proxy = json.loads(get(f"/api/v1/assets/{asset}")[1])["files"]["proxy"]
        assert get(proxy, headers={"Range": "bytes=0-99"})[0] == 206
        kind = {"Content-Type": "application/json"}
        for method, path, body in (("PATCH", "", b'{"title": "x"}'), ("DELETE", "", None), ("POST", "/rerun", b"{}")):
            status, told = get(f"/api/v1/assets/{asset}{path}", method=method, data=body, headers=kind)
            assert (status, json.loads(told)["error"]["code"]) == (503, "read_only"), method
    finally:
        kill_9(server)
