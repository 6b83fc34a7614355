"""A film whose pictures carry their own time: a row of squares that spell the frame number, and a sound that is nowhere the same."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from PIL import Image

from omniscript_mam.script import Character, Event, Meta, PlotSegment, Scene, SceneType, Script
from tests.inference.media.clips import Seen, look

BITS = 12
SQUARE_PX = 20
SIZE = (BITS * SQUARE_PX, 120)


def coded_film(path: Path, *, duration_s: float = 20.0, rate: Fraction = Fraction(24000, 1001), with_sound: bool = True) -> Path:
    """Write the film: H.264 at a rate where no frame is on a round second, and noise that swells."""
    rng = np.random.default_rng(7)
    with av.open(str(path), "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=rate, options={"preset": "ultrafast", "crf": "18"})
        video.width, video.height, video.pix_fmt = *SIZE, "yuv420p"
        audio = container.add_stream("aac", rate=16_000, layout="mono") if with_sound else None
        for number in range(round(duration_s * rate)):
            frame = VideoFrame.from_ndarray(_coded(number), format="rgb24")
            frame.pts, frame.time_base = number, 1 / rate
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None:
            samples = (rng.normal(0, 4000, round(duration_s * 16_000))).clip(-30000, 30000).astype("<i2")
            block = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
            block.sample_rate, block.pts = 16_000, 0
            container.mux(audio.encode(block))
            container.mux(audio.encode(None))
    return path


def _coded(number: int) -> np.ndarray:
    image = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
    for bit in range(BITS):
        if number >> bit & 1:
            image[20:60, bit * SQUARE_PX : (bit + 1) * SQUARE_PX] = 235
    image[80:, :] = 40 + number % 150
    return image


def frame_number(image: Image.Image) -> int:
    """The number that a picture of :func:`coded_film` spells."""
    scale = image.width / SIZE[0]
    row = np.asarray(image.convert("L"))[round(40 * scale)]
    return sum(1 << bit for bit in range(BITS) if row[round((bit + 0.5) * SQUARE_PX * scale)] > 160)


def seen_film(folder: Path, **options: object) -> Seen:
    """The film, probed and surveyed."""
    return look(coded_film(folder / "coded.mp4", **options), folder / "spool")  # type: ignore[arg-type]


def known_script(duration_s: float) -> Script:
    """Two people, an event every two seconds, two scenes."""
    people = [Character(id="char_001", name="Anna", named=True), Character(id="char_002", name="Ben", named=True)]
    half_s = duration_s / 2
    scenes = []
    for number, (begin_s, end_s) in enumerate([(0.0, half_s), (half_s, duration_s)]):
        events = [
            Event(
                id=f"event_{number}_{k}",
                start_s=begin_s + 2 * k + 0.5,
                end_s=begin_s + 2 * k + 1.5,
                character_id=people[k % 2].id,
                dialogue=f"Line {k} of scene {number}." if k % 2 == 0 else "",
                action="" if k % 2 == 0 else f"takes stone {k} in scene {number}",
            )
            for k in range(int((end_s - begin_s) / 2))
        ]
        place = {"location": ("Kitchen", "Beach")[number], "type": (SceneType.INTERIOR, SceneType.EXTERIOR)[number], "time": "Day"}
        scenes.append(Scene(id=f"scene_{number}", start_s=begin_s, end_s=end_s, events=events, **place))
    plot = [PlotSegment(id="plot_0", start_s=0.0, end_s=duration_s, summary="They talk.", active_characters=["char_001", "char_002"])]
    return Script(meta=Meta(title="Coded", duration_s=duration_s), plot=plot, characters=people, scenes=scenes)
