"""The tools that run the tests: servers are started and stopped, nothing is hidden by half, and a missing server is no excuse under CI."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from omniscript_mam.programs import ffmpeg_program

from .processes import ROOT

IS_BARE = os.environ.get("OMNISCRIPT_TEST_BARE") == "1"
pytestmark = pytest.mark.bare


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not (name.startswith("OMNISCRIPT_TEST_") and name.endswith("_URL"))}
    return subprocess.run(command, env={**kept, **environment}, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.services
def test_every_server_is_started_and_stopped_again():
    code = "import os; print(*(v for n, v in os.environ.items() if n.startswith('OMNISCRIPT_TEST_') and n.endswith('_URL'))); exit(7)"
    options = ["--wheels"] if IS_BARE else []
    ended = run(sys.executable, "tools/services.py", *options, sys.executable, "-c", code)
    assert ended.returncode == 7, "the command's own exit status"
    if ended.stderr.strip():
        pytest.skip(ended.stderr.strip())
    addresses = [urlsplit(url) for url in ended.stdout.split()]
    assert {address.scheme for address in addresses} == {"redis", "amqp", "postgres"}
    for address in addresses:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((address.hostname, address.port), timeout=5)


@pytest.mark.parametrize(("ci", "code", "word"), [("true", 1, "1 error"), ("", 0, "1 skipped")])
def test_a_server_that_is_not_there_skips_its_test_and_fails_it_under_ci(ci, code, word):
    ended = run(sys.executable, "-m", "pytest", "-v", "-rs", "-p", "no:xdist", "tests/integration/test_servers.py::test_postgres", CI=ci)
    assert ended.returncode == code, ended.stdout + ended.stderr
    assert word in ended.stdout and "no postgres server" in ended.stdout


def test_no_program_is_left_on_a_bare_path():
    names = ("ffmpeg", "ffprobe", "redis-server", "rabbitmq-server", "psql", "postgres")
    ended = run(sys.executable, "tools/bare.py", "sh", "-c", f"command -v {' '.join(names)}; command -v ls && exit 5")
    assert ended.returncode == 5, ended.stderr
    assert [line.rpartition("/")[2] for line in ended.stdout.split()] == ["ls"]


@pytest.mark.skipif(not IS_BARE, reason="for make test-bare")
def test_the_packaged_ffmpeg_is_used_where_there_is_no_other():
    assert "imageio_ffmpeg" in ffmpeg_program()
