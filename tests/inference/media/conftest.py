"""What the media tests share: a plain clip that many tests read, made once; and that all of them depend on the ffmpeg program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inference.media.clips import AAC, X264, make_clip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything in this folder: ``make test-bare`` runs it with the packaged program."""
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.bare)


@pytest.fixture(scope="session")
def plain_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds, 160x120, 25 frames per second, H.264 with B-frames and AAC; flash and beep at 3.0 s."""
    return make_clip(tmp_path_factory.mktemp("plain") / "plain.mp4", *X264, *AAC)
