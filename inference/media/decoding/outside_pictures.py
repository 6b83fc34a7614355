"""Pictures that the ffmpeg program decoded, because the library crashes on them: read here as the frames that they are.

Problem: a crash must change neither the pictures nor their times. The program hands over raw frames with the file's own stamps
(:mod:`inference.media.outside_pictures`); what raw frames do not carry, how their numbers are colours, is taken from the file's header.

Contents: :func:`outside_frames` (a stretch, from a pipe), :func:`first_outside` (the first picture, from a file).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
from av.video.frame import VideoFrame

from inference.errors import BrokenMediaError
from inference.media.admission import check_file, open_container

_FULL_RANGE = 2
"""FFmpeg's number of a colour range over all values, which some pixel formats (yuvj…) have in their name."""


def outside_frames(path: Path, index: int, descriptor: int) -> Iterator[VideoFrame]:
    """The frames of a pipe, in the order they are shown, coloured as track ``index`` of the file says. Ends where the pipe does."""
    with open_container(path, check_file(path)) as original:
        context = original.streams[index].codec_context
        colours = {name: getattr(context, name) for name in ("colorspace", "color_range", "color_primaries", "color_trc")}
        if str(getattr(context, "pix_fmt", "")).startswith("yuvj"):
            colours["color_range"] = _FULL_RANGE
    options = {"protocol_whitelist": "pipe", "format_whitelist": "nut"}
    try:
        with av.open(f"pipe:{descriptor}", mode="r", format="nut", options=options) as container:
            for frame in container.decode(container.streams.video[0]):
                for name, value in colours.items():
                    setattr(frame, name, value)
                yield frame
    except (av.FFmpegError, IndexError):
        return  # whoever runs the program knows how it ended


def first_outside(file: Path) -> VideoFrame:
    """The picture in a file of one.

    Raises:
        BrokenMediaError: there is none.
    """
    try:
        with av.open(f"file:{file}", mode="r", format="mov", options={"protocol_whitelist": "file"}) as container:
            return next(container.decode(video=0))
    except (av.FFmpegError, StopIteration, IndexError) as error:
        raise BrokenMediaError(f"No picture can be decoded, by the ffmpeg program either ({error}).") from error
