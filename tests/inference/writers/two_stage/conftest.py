"""A coded film, a server that knows its script, and a machine without weights of small models (they are slow and tested elsewhere)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from inference import input_hash
from inference.writers import writer
from inference.writers.base import Writer
from tests.inference.engines.remote.film import coded_film
from tests.inference.engines.remote.server import KEY, ChatServer
from tests.inference.media.clips import Seen, look

DURATION_S = 16.0


@pytest.fixture(scope="session")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixteen seconds of pictures that tell their time."""
    return coded_film(tmp_path_factory.mktemp("coded") / "coded.mp4", duration_s=DURATION_S)


@pytest.fixture(scope="session")
def seen(path: Path) -> Seen:
    """The film as a survey in this process saw it."""
    return look(path, path.parent / "spool")


@pytest.fixture(scope="session")
def surveyed(path: Path, seen: Seen, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work folder with the film's spool: decoding is tested elsewhere."""
    folder = tmp_path_factory.mktemp("surveyed")
    shutil.copytree(path.parent / "spool", folder / input_hash(path) / "spool")
    return folder


@pytest.fixture
def workdir(surveyed: Path, tmp_path: Path) -> Path:
    """A work folder of this test's own, where the film is decoded already."""
    return Path(shutil.copytree(surveyed, tmp_path / "work"))


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No weights of the lite writer on this machine."""
    monkeypatch.setenv("OMNISCRIPT_MODELS_DIR", str(tmp_path / "nothing"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "nothing"))


@pytest.fixture
def writer_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Writer]:
    """The remote writer of a running server, with these keys in the endpoint's table."""

    def make(server: ChatServer, **keys: object) -> Writer:
        path = tmp_path / "endpoints.toml"
        usual = {"video": "jpeg_sequence", "audio": "part", "concurrency": 1, "num_tries": 2}
        path.write_text(server.toml(**{**usual, **keys}), encoding="utf-8")
        monkeypatch.setenv("OMNISCRIPT_ENDPOINTS", str(path))
        monkeypatch.setenv("OMNISCRIPT_TEST_KEY", KEY)
        return writer("remote")

    return make
