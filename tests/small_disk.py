"""A small file system of a test's own, which only root can mount."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def is_mountable(folder: Path) -> bool:
    """Whether a file system can be mounted here: as root, outside containers that forbid it."""
    if os.geteuid() != 0:
        return False
    folder.mkdir(exist_ok=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True, check=False).returncode:
        return False
    return subprocess.run(["umount", str(folder)], capture_output=True, check=False).returncode == 0


@contextmanager
def small_disk(folder: Path, num_bytes: int) -> Iterator[Path]:
    """Mount a disk of a size at a folder; skips the test where nothing can be mounted."""
    if not is_mountable(folder):
        pytest.skip("a small disk can only be mounted by root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={num_bytes}", "tmpfs", str(folder)], check=True, capture_output=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, capture_output=True)
