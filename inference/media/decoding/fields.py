"""Whether pictures are interlaced, by more than the first of them: a slate or a title before the programme is often progressive.

Contents: :func:`any_interlaced`.
"""

from __future__ import annotations

import av
from av.container import InputContainer
from av.video.frame import VideoFrame

_PLACES = (0.15, 0.4, 0.65, 0.9)
"""Shares of the film at which pictures are looked at."""
_AT_EACH = 3
_FROM_START = 120
"""Pictures that are looked at where a file can only be read from its start."""
_TRIES = 400


def any_interlaced(container: InputContainer, index: int, duration_s: float, *, is_seekable: bool) -> bool:
    """Whether any of the pictures looked at is interlaced. Damage ends the look, and nothing else."""
    start_s = (container.start_time or 0) / av.time_base
    for share in _PLACES if is_seekable else (0.0,):
        try:
            if share:
                container.seek(int((start_s + share * duration_s) * av.time_base))
            if _in_next(container, index, _AT_EACH if is_seekable else _FROM_START):
                return True
        except (av.FFmpegError, OSError, ValueError):
            continue
    return False


def _in_next(container: InputContainer, index: int, num_pictures: int) -> bool:
    for tries, packet in enumerate(container.demux(container.streams[index])):
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                if frame.interlaced_frame:
                    return True
                num_pictures -= 1
        if num_pictures <= 0 or tries > _TRIES:
            break
    return False
