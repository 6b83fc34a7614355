"""A film with burnt-in English and Chinese subtitles, and nothing to hear: what is read is the dialogue, to the letter."""

import itertools
import math
import subprocess
from fractions import Fraction
from pathlib import Path

import imageio_ffmpeg
import manimgx_fonts_cjk
import pytest
from PIL import Image, ImageDraw, ImageFont

from inference.pipeline import write_script

SIZE = (854, 480)
RATE = 12
FONT = next(Path(manimgx_fonts_cjk.__file__).parent.glob("*.ttc"))
LINES = [
    (1.0, 3.0, "Where have you been all night?"),
    (3.5, 5.5, "我在河边等了你三个小时。"),
    (6.0, 8.5, "I waited, Tom. Nobody came."),
    (9.0, 11.0, "对不起，我的车坏了。"),
    (11.5, 14.0, "Then call me next time!"),
]
"""(start, end, text), seconds."""


def picture(number):
    """A moving background: a gradient that drifts, discs that cross, and the subtitle of this time."""
    time_s = number / RATE
    image = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    shade = Image.new("RGB", SIZE, (30 + int(40 * math.sin(time_s)), 70, 110 + int(60 * math.cos(time_s / 2))))
    image = Image.blend(image, shade, 0.6)
    draw = ImageDraw.Draw(image)
    for disc in range(6):
        x = (disc * 190 + int(time_s * (40 + 15 * disc))) % (SIZE[0] + 120) - 60
        y = 110 + 60 * disc + int(20 * math.sin(time_s * 2 + disc))
        draw.ellipse((x, y, x + 70, y + 70), fill=(200 - 25 * disc, 90 + 20 * disc, 60 + 30 * disc))
    for start_s, end_s, text in LINES:
        if start_s <= time_s < end_s:
            font = ImageFont.truetype(str(FONT), 30)
            font.set_variation_by_axes([500])
            draw.text((SIZE[0] / 2, 440), text, font=font, fill="white", anchor="mm", stroke_width=2, stroke_fill="black")
    return image


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    path = tmp_path_factory.mktemp("subtitled") / "film.mp4"
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{SIZE[0]}x{SIZE[1]}"]
    command += ["-r", str(RATE), "-i", "-", "-c:v", "libx264", "-preset", "veryfast", "-crf", "21", "-pix_fmt", "yuv420p", str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as encoder:
        for number in range(15 * RATE):
            encoder.stdin.write(picture(number).tobytes())
        encoder.stdin.close()
    assert encoder.returncode == 0
    return path


@pytest.mark.models
def test_the_dialogue_is_read_exactly(film, tmp_path):
    script = write_script(film, workdir=tmp_path)
    spoken = [event for event in script.events() if event.dialogue]
    assert [event.dialogue for event in spoken] == [text for _, _, text in LINES]
    for event, (start_s, end_s, _) in zip(spoken, LINES, strict=True):
        assert abs(event.start_s - start_s) <= 0.3
        assert abs(event.end_s - end_s) <= 0.3
    assert [event.language for event in spoken][:2] == ["", "zh"]  # Latin letters may be any language
    assert all(a.end_s <= b.start_s for a, b in itertools.pairwise(spoken))
    assert Fraction(script.meta.frame_rate) == RATE
