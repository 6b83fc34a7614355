"""A short real film, and installations that leave no process behind."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.app.conftest import make_film

from .processes import Installation


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "test card.mp4", 48)


@pytest.fixture
def installation(tmp_path):
    """Makes installations; whatever they started is gone afterwards."""
    made: list[Installation] = []
    started = []

    def make(name: str = "data", **settings: str) -> Installation:
        found = Installation(tmp_path / name, **settings)
        start = found.start
        found.start = lambda *arguments: started.append(start(*arguments)) or started[-1]
        made.append(found)
        return found

    yield make
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
