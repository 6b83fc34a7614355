"""A clip as servers take it: JPEG pictures on an integer clock, a WAV, or an MP4 with both, all as base64 text.

Problem: a server that is given a video samples it as it likes and guesses the times. Where it takes pictures with their times, it gets the
spool's own pictures and their exact presentation times; where it takes only a file, the file is made of the same pictures on a constant
grid, so that whatever it samples was on screen at the second it says. Times count from the clip's start, in seconds.

Contents: :class:`Picture`, :func:`pictures`, :func:`frame_clock`, :func:`wav`, :func:`mp4`, :func:`data_url`.
"""

from __future__ import annotations

import base64
import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from PIL import Image

from inference.engines.base import Clip
from inference.media.description import Frame, FrameOnDemand
from inference.sampling import SAMPLE_RATE_HZ

JPEG_QUALITY = 85
MILLISECONDS_HZ = 1000.0
_EXACT_S = 0.0005


@dataclass(frozen=True)
class Picture:
    """``time_s`` from the clip's start; ``frame`` is decoded each time the picture is asked for, and not held."""

    time_s: float
    frame: Frame | FrameOnDemand
    max_side_px: int

    def image(self) -> Image.Image:
        """The picture within ``max_side_px``."""
        image = Image.fromarray(self.frame.image)
        image.thumbnail((self.max_side_px, self.max_side_px), Image.Resampling.BICUBIC)
        return image

    def jpeg(self) -> str:
        """Base64 of a JPEG."""
        file = io.BytesIO()
        self.image().save(file, "JPEG", quality=JPEG_QUALITY)
        return base64.b64encode(file.getvalue()).decode()


def pictures(clip: Clip) -> list[Picture]:
    """The clip's frames, each on screen at its time; the first one may have come a little before the clip and then counts as 0."""
    return [Picture(max(0.0, frame.time_s - clip.start_s), frame, clip.max_side_px) for frame in clip.frames()]


def frame_clock(times_s: Sequence[float], frame_rate_hz: float) -> tuple[float, list[int]]:
    """A rate and one index per picture, so that index ÷ rate is its time within half a millisecond.

    That is the film's own rate and frame numbers where the clip begins on a frame and the rate is constant, else milliseconds.
    """
    for rate_hz in (frame_rate_hz, MILLISECONDS_HZ):
        indexes = [round(time_s * rate_hz) for time_s in times_s]
        if all(abs(index / rate_hz - time_s) <= _EXACT_S for index, time_s in zip(indexes, times_s, strict=True)):
            break
    return rate_hz, indexes


def wav(sound: np.ndarray) -> bytes:
    """A WAV file, 16-bit mono 16 kHz, of float32 samples in -1..1."""
    file = io.BytesIO()
    with wave.open(file, "wb") as writer:
        writer.setnchannels(1)
        writer.setsampwidth(2)
        writer.setframerate(SAMPLE_RATE_HZ)
        writer.writeframes(_int16(sound).tobytes())
    return file.getvalue()


def mp4(shown: Sequence[Picture], sound: np.ndarray | None, duration_s: float, rate_hz: float) -> bytes:
    """An MP4 file (H.264, AAC) of exactly this stretch: at each tick of a constant rate the picture that was on screen then.

    Args:
        shown: in order; none gives a small black picture, for sound alone.
        sound: float32 at 16 kHz, or None for a file without a sound track.
    """
    shown = shown or [Picture(0.0, Frame(0.0, np.zeros((64, 64, 3), np.uint8)), 64)]
    rate = Fraction(rate_hz).limit_denominator(1000)
    image, position = shown[0].image(), 0
    width, height = (max(2, side - side % 2) for side in image.size)
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        video = container.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "23"})
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = None if sound is None else container.add_stream("aac", rate=SAMPLE_RATE_HZ, layout="mono")
        for tick in range(max(1, round(duration_s * rate))):
            on_screen = position
            while on_screen + 1 < len(shown) and shown[on_screen + 1].time_s <= tick / rate + _EXACT_S:
                on_screen += 1
            if on_screen != position:
                image, position = shown[on_screen].image(), on_screen
            frame = VideoFrame.from_image(image.resize((width, height)))
            frame.pts, frame.time_base = tick, 1 / rate
            container.mux(video.encode(frame))
        container.mux(video.encode(None))
        if audio is not None and sound is not None:
            block = AudioFrame.from_ndarray(_int16(sound).reshape(1, -1), format="s16", layout="mono")
            block.sample_rate, block.pts, block.time_base = SAMPLE_RATE_HZ, 0, Fraction(1, SAMPLE_RATE_HZ)
            container.mux(audio.encode(block))
            container.mux(audio.encode(None))
    return file.getvalue()


def data_url(mime_type: str, content: bytes) -> str:
    """``data:`` address that holds the content itself."""
    return f"data:{mime_type};base64,{base64.b64encode(content).decode()}"


def _int16(sound: np.ndarray) -> np.ndarray:
    return np.clip(np.rint(sound * 32767.0), -32768, 32767).astype("<i2")
