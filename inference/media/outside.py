"""Sound that our reader crashes on or cannot read, decoded by the ffmpeg program instead.

Problem: PyAV dies on some channel layouts (17.1 to 18.1: a double free where a track has a channel order of its own), and a crash of a
library is no damage of the file. What the program decodes is the same sound at the same time; only the way is
slower. Times are seconds from the first displayed frame.

Contents: :func:`outside_beginning` (for the probe), :func:`outside_stretch` (for the survey), :func:`mono_filters`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ffmpeg

from inference.errors import InferenceError
from inference.media.description import AudioStream, MediaInfo
from inference.media.sandbox.ffmpeg import run_ffmpeg, source
from inference.sampling import SAMPLE_RATE_HZ

_BEGINNING_S = 15.0
"""What the probe is given to listen to."""
_LEAD_S = 2.0


def _silent(share: float, message: str) -> None:
    """Nobody is told how far a stretch is."""


def outside_beginning(path: Path, index: int, target: Path) -> Path | None:
    """The beginning of a track with all its channels, as a WAV file of float samples; None if the program cannot decode it either."""
    output = ffmpeg.output(
        source(path)[str(index)],
        f"file:{target.absolute()}",
        acodec="pcm_f32le",
        f="wav",
        t=_BEGINNING_S,
        **{"rf64": "never", "bitexact": None},
    )
    try:
        run_ffmpeg(output, path, target, _BEGINNING_S, _silent)
    except InferenceError:
        return None
    return target


def mono_filters(track: Any, stream: AudioStream) -> Any:
    """The track as it is heard, as filters: our weights where it has any; else nothing, and the plain mix does."""
    if not stream.weights:
        return track
    terms = "+".join(f"{weight:.6f}*c{channel}" for channel, weight in enumerate(stream.weights) if weight)
    # "<" makes the weights add up to one, and the volume gives back their sum: an "=" would not outlive ffmpeg-python's escapes.
    return track.filter("pan", f"mono|c0<{terms}").filter("volume", f"{sum(stream.weights):.6f}", precision="float")


def outside_stretch(path: Path, info: MediaInfo, stream: AudioStream, range_s: tuple[float, float], target: Path) -> None:
    """Decode a stretch of one track to raw 16 kHz mono samples, the first of them at the start of the range.

    Raises:
        InferenceError: the program cannot decode it.
    """
    start_s, end_s = range_s
    seek = {"ss": f"{start_s - _LEAD_S + info.zero_after_start_s:.6f}"} if info.is_seekable and start_s > _LEAD_S else {}
    track = source(path, **seek)[str(stream.index)].filter("asetpts", f"PTS-({info.program_zero_s + start_s:.9f})/TB")
    track = mono_filters(track, stream).filter("aresample", SAMPLE_RATE_HZ, **{"async": 1, "first_pts": 0})
    track = track.filter("atrim", start=0, end=f"{end_s - start_s:.6f}").filter("aformat", sample_fmts="s16", channel_layouts="mono")
    output = ffmpeg.output(track, f"file:{target.absolute()}", f="s16le", acodec="pcm_s16le")
    run_ffmpeg(output, path, target, end_s - start_s, _silent, flags=info.program_clock)
