"""Uploads that lie about their length, stop half-way or exceed the room, on a real small disk; `benchmarks/uploads.py` sends 500."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_disk import is_mountable

NUM_UPLOADS = 36


def test_no_upload_takes_the_server_the_workers_or_the_reserve(tmp_path):
    if not is_mountable(tmp_path / "disk"):
        pytest.skip("a small disk can only be mounted by root")
    program = Path(__file__).resolve().parents[2] / "benchmarks" / "uploads.py"
    told = subprocess.run(
        [sys.executable, str(program), "--uploads", str(NUM_UPLOADS)], capture_output=True, text=True, timeout=240, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{NUM_UPLOADS} uploads" in told.stdout
