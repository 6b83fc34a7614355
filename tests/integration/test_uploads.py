"""Uploads that lie about their length, stop half-way or exceed the room, on a real small disk; `benchmarks/uploads.py` sends 500."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

NUM_UPLOADS = 36


def is_mountable(folder: Path) -> bool:
    """Whether a file system can be mounted here: as root, outside containers that forbid it."""
    if os.geteuid() != 0:
        return False
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False).returncode:
        return False
    return subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode == 0


def test_no_upload_takes_the_server_the_workers_or_the_reserve(tmp_path):
    if not is_mountable(tmp_path / "disk"):
        pytest.skip("a small disk can only be mounted by root")
    program = Path(__file__).resolve().parents[2] / "benchmarks" / "uploads.py"
    told = subprocess.run(
        [sys.executable, str(program), "--uploads", str(NUM_UPLOADS)], capture_output=True, text=True, timeout=240, check=False
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert f"{NUM_UPLOADS} uploads" in told.stdout
