"""Fixtures of the remote tests: a coded film, and an engine at the test server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from inference.engines.remote.endpoints import endpoint_named
from inference.engines.remote.remote_engine import RemoteEngine
from tests.inference.engines.remote.film import seen_film
from tests.inference.engines.remote.server import KEY, ChatServer
from tests.inference.media.clips import Seen


@pytest.fixture(scope="session")
def film(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Twenty seconds at 23.976 frames per second, with sound."""
    return seen_film(tmp_path_factory.mktemp("coded"))


@pytest.fixture
def declare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Path]:
    """Write the endpoints' file and name it in the environment."""

    def write(text: str) -> Path:
        path = tmp_path / "endpoints.toml"
        path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("OMNISCRIPT_ENDPOINTS", str(path))
        monkeypatch.setenv("OMNISCRIPT_TEST_KEY", KEY)
        return path

    return write


@pytest.fixture
def engine_at(declare: Callable[[str], Path]) -> Callable[..., RemoteEngine]:
    """An engine for a running server, with these keys in its table."""

    def make(server: ChatServer, **keys: object) -> RemoteEngine:
        declare(server.toml(**keys))
        return RemoteEngine(endpoint_named())

    return make
