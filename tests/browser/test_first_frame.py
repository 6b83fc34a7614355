"""What stands in the player before anything is played is the film's first frame, not a picture chosen for the library."""

from __future__ import annotations

import io
import subprocess

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page

from .footage import ffmpeg, harbour_script
from .stage import take_in

pytestmark = pytest.mark.django_db(transaction=True)

RED, BLUE = (220, 20, 20), (20, 20, 220)
RED_CODE, BLUE_CODE = "0xdc1414", "0x1414dc"


@pytest.fixture(scope="module")
def red_then_blue(tmp_path_factory):
    """One red frame, then blue ones with something going on: whoever looks for a fine picture takes a blue one."""
    target = tmp_path_factory.mktemp("first") / "red then blue.mp4"
    graph = (
        f"color=c={BLUE_CODE}:s=640x360:r=25:d=24,drawbox=x='mod(60*t,500)':y=100:w=120:h=120:color=0x86bfff:t=fill,"
        f"drawbox=enable='eq(n,0)':color={RED_CODE}:t=fill"
    )
    coding = ["-c:v", "libx264", "-preset", "ultrafast", "-g", "25", "-pix_fmt", "yuv420p"]
    command = [ffmpeg(), "-nostdin", "-v", "error", "-y", "-f", "lavfi", "-i", graph, *coding, str(target)]
    subprocess.run(command, check=True, timeout=120)
    return target


def shown(page: Page) -> np.ndarray:
    """Mean colour at the left of the picture, as the screen shows it (the play button stands in its middle)."""
    box = page.locator("[data-player] video").bounding_box()
    assert box is not None
    clip = {
        "x": box["x"] + 0.1 * box["width"],
        "y": box["y"] + 0.1 * box["height"],
        "width": 0.2 * box["width"],
        "height": 0.2 * box["height"],
    }
    image = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
    return np.asarray(image, np.float64).mean(axis=(0, 1))


def test_the_player_shows_frame_0(page: Page, red_then_blue) -> None:
    asset = take_in(red_then_blue, "Red then blue", harbour_script(), indexed=False)
    page.goto(f"/assets/{asset.id}/")
    video = page.locator("[data-player] video")
    page.wait_for_function("() => { const v = document.querySelector('[data-player] video'); return v.readyState >= 2 && !v.seeking }")
    assert video.evaluate("v => v.currentTime") == 0
    assert video.evaluate("v => v.paused")
    assert np.abs(shown(page) - RED).max() < 45
    assert video.get_attribute("poster") is None
    page.keyboard.press("Shift+ArrowRight")
    page.wait_for_function("() => { const v = document.querySelector('[data-player] video'); return v.currentTime > 0 && !v.seeking }")
    assert np.abs(shown(page) - BLUE).max() < 45
