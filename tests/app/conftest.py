"""A short real film, and the test writer in the register."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from inference.media import ffmpeg_program
from omniscript_mam.searcher import close_searchers
from omniscript_mam.services import writers
from omniscript_mam.services.jobs import running

WRITERS = ["tiny=tests.integration.tiny_writer:TinyWriter", "broken=tests.integration.tiny_writer:BrokenWriter"]


def make_film(path: Path, duration_s: int = 6) -> Path:
    """A moving test picture with a tone, H.264 and AAC."""
    sources = [
        "-f",
        "lavfi",
        "-i",
        f"testsrc2=size=320x180:rate=25:duration={duration_s}",
        "-f",
        "lavfi",
        "-i",
        f"sine=330:duration={duration_s}",
    ]
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-shortest"]
    subprocess.run([ffmpeg_program(), "-nostdin", "-v", "error", "-y", *sources, *coding, str(path)], check=True)
    return path


@pytest.fixture(scope="session")
def film(tmp_path_factory) -> Path:
    return make_film(tmp_path_factory.mktemp("film") / "test card.mp4")


@pytest.fixture(autouse=True)
def tiny(settings, data_folder):
    """The test writer is the default one; segments of two seconds."""
    given = {"WRITERS": WRITERS, "WRITER": "tiny", "SEGMENT_S": 2.0, "EMBEDDER": "hashed", "LEASE_S": 30.0}
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, **given}
    running.stopping.clear()
    writers.open_writer.cache_clear()
    yield
    close_searchers()


@pytest.fixture
def no_broker(monkeypatch):
    """Messages are only noted, but for those that ask others to help."""
    from omniscript_mam.services import publishing

    sent: list[str] = []

    def note(task: str, *arguments: str) -> bool:
        if task != "omniscript.segments":
            sent.append(arguments[0] if arguments else "index")
        return True

    monkeypatch.setattr(publishing, "_send", note)
    return sent
