"""Fixtures of the media tests: a plain clip that many tests read, made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.inference.media.clips import AAC, X264, make_clip


@pytest.fixture(scope="session")
def plain_clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five seconds, 160x120, 25 frames per second, H.264 with B-frames and AAC; flash and beep at 3.0 s."""
    return make_clip(tmp_path_factory.mktemp("plain") / "plain.mp4", *X264, *AAC)
