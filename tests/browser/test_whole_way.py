"""The whole way with nothing replaced: `omniscript serve` with its worker, real models, a film with speech, a real browser."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from queue import Empty, Queue

import pytest
from playwright.sync_api import Browser, expect

from .footage import ffmpeg

TRAILER = Path(__file__).resolve().parents[2].parent / "shared" / "media" / "sintel_trailer-720p.mp4"
EXCERPT_START_S, EXCERPT_S = 10.0, 14.0
LINE_START_S = 18.3 - EXCERPT_START_S
"""Where "I am searching for someone." starts in the excerpt, by the trailer's own subtitles."""

INGEST_TIMEOUT_MS = 280_000


@pytest.fixture(scope="module")
def film(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("film") / "gatekeepers.mp4"
    command = [
        ffmpeg(),
        "-nostdin",
        "-v",
        "error",
        "-ss",
        str(EXCERPT_START_S),
        "-i",
        str(TRAILER),
        "-t",
        str(EXCERPT_S),
        "-vf",
        "scale=640:-2",
        str(path),
    ]
    subprocess.run(command, check=True, timeout=120)
    return path


@pytest.fixture
def address(tmp_path):
    """`omniscript serve` on a free port, with an archive of its own."""
    environment = os.environ | {"OMNISCRIPT_DATA_DIR": str(tmp_path / "data"), "OMNISCRIPT_EMBEDDER": "none"}
    process = subprocess.Popen(
        [sys.executable, "-m", "omniscript_mam.cli", "serve", "--port", "0"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    lines: Queue[str] = Queue()
    assert process.stdout is not None
    reader = threading.Thread(target=lambda: [lines.put(line) for line in process.stdout], daemon=True)
    reader.start()
    try:
        yield _announced(lines)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)
        reader.join(10)
        process.stdout.close()


def _announced(lines: Queue[str]) -> str:
    """The address that the command prints."""
    seen, until = [], time.monotonic() + 60
    while time.monotonic() < until:
        try:
            seen.append(lines.get(timeout=1))
        except Empty:
            continue
        found = re.search(r"http://[\d.]+:\d+", seen[-1])
        if found:
            return found[0]
    raise AssertionError(f"no address was printed: {seen}")


@pytest.mark.models
@pytest.mark.shared
@pytest.mark.timeout(400)
@pytest.mark.skipif(not TRAILER.is_file(), reason="needs ../shared/media")
def test_from_upload_to_the_line(browser: Browser, address: str, film: Path) -> None:
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/")
    page.set_input_files("input[type=file]", str(film))
    card = page.locator(".card")
    expect(card).to_contain_text("Working", timeout=60_000)
    expect(card.get_by_text("Ready")).to_be_visible(timeout=INGEST_TIMEOUT_MS)

    page.keyboard.press("/")
    page.keyboard.type("searching for someone")
    page.keyboard.press("Enter")
    hit = page.locator(".hit").first
    expect(hit.locator("mark").first).to_be_visible()
    page.evaluate("document.addEventListener('seeked', e => { window.landedAt ??= e.target.currentTime }, true)")
    hit.click()
    page.wait_for_function("() => window.landedAt !== undefined")
    landed_s = page.evaluate("window.landedAt")
    assert abs(landed_s - float(hit.get_attribute("data-start"))) <= 0.3
    assert abs(landed_s - LINE_START_S) <= 0.3, f"the player is at {landed_s:.2f} s, the line starts at {LINE_START_S:.2f} s"
    context.close()
