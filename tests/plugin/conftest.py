"""The wheel of this checkout, and an environment that has it and everything it needs, but nothing else of this repository.

The third-party packages are those of the environment that runs the tests, found through a ``.pth`` file; ours come from the wheel alone.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import venv
from pathlib import Path

import django
import pytest

from tests.app.conftest import make_film

from .site import Environment

ROOT = Path(__file__).resolve().parents[2]
PIP = [sys.executable, "-m", "pip"]


@pytest.fixture(autouse=True)
def data_folder() -> None:
    """Nothing here uses the settings of the process that runs the tests."""


@pytest.fixture(scope="session")
def wheel(tmp_path_factory) -> Path:
    """The wheel, built once for all processes of the test run."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "wheel"
    with (shared / "wheel.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not list(folder.glob("*.whl")):
            command = [*PIP, "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(ROOT)]
            built = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
            assert built.returncode == 0, built.stderr[-3000:]
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory) -> Environment:
    """An environment with the wheel installed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "others.pth").write_text(f"{Path(django.__file__).parents[1]}\n")
    command = [*PIP, "--python", str(python), "install", "--quiet", "--no-deps", "--no-index", "--ignore-installed", str(wheel)]
    installed = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert installed.returncode == 0, installed.stderr[-3000:]
    return Environment(python)


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    """Twelve seconds of a moving test picture with a tone."""
    return make_film(tmp_path_factory.mktemp("film") / "evening news.mp4", 12)
