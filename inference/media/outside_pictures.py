"""Pictures that our reader crashes on, decoded by the ffmpeg program instead.

Problem: a crash of a library is no damage of the file. The program decodes the stretch and hands its raw frames, with the file's own stamps
and in the file's own unit, through a pipe to our reader, which scales, samples and looks for cuts as ever. Nothing is written in between.
Times are seconds from the first displayed frame.

Closed captions inside the pictures do not survive the way, which :func:`inference.media.description.outside_notes` says.

Contents: :func:`outside_picture` (for the probe), :func:`outside_pictures` (for the survey), :func:`reads_from_start`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ffmpeg

from inference.errors import DecoderStoppedError, InferenceError
from inference.media.admission import shown
from inference.media.decoding.stamps import DECODE_ORDER
from inference.media.description import MediaInfo
from inference.media.sandbox.ffmpeg import run_ffmpeg, source, stream_ffmpeg
from inference.media.shots import WARM_UP_S

_LEAD_S = 2.0
_UNTURNED = {"noautorotate": None}


def reads_from_start(info: MediaInfo) -> bool:
    """Whether the program's stamps mean something only when counted from the film's first picture."""
    return info.has_jumps or info.container in DECODE_ORDER


def outside_picture(path: Path, index: int, target: Path) -> Path | None:
    """The first picture of a track, without loss and not turned, as a file of one; None if the program cannot decode it either."""
    options = {"vcodec": "ffv1", "f": "mov", "frames:v": 1}
    output = ffmpeg.output(source(path, **_UNTURNED)[str(index)], f"file:{target.absolute()}", **options)
    try:
        run_ffmpeg(output, path, target, 1.0, lambda share, message: None)
    except InferenceError:
        return None
    return target


def outside_pictures(
    path: Path, info: MediaInfo, start_s: float, read: Callable[[int, bool], dict[str, Any]], *, from_start: bool = False
) -> dict[str, Any]:
    """Decode the pictures from a little before ``start_s`` on, for as long as somebody reads.

    Args:
        read: reads the pipe whose number it is given until it has enough, and says in ``saw_end`` whether the pipe ended before, in
            ``first_s`` when the first picture is (None: there was none). The flag: times count from the first picture.
        from_start: decode all that lies before, because a seek did not land where it should.

    Raises:
        DecoderStoppedError: the program stopped, too. InferenceError: what ``read`` raises.
    """
    assert info.video is not None
    is_counted = reads_from_start(info)
    moment_s = start_s - WARM_UP_S - _LEAD_S
    has_sought = info.is_seekable and not is_counted and not from_start and moment_s > 0
    # without accurate seeking, the picture that is on screen then is kept
    seek = {"ss": f"{moment_s + info.zero_after_start_s:.6f}", "noaccurate_seek": None} if has_sought else {}
    base = info.video.time_base
    raw = {"vcodec": "rawvideo", "f": "nut", "enc_time_base": f"{base.numerator}:{base.denominator}"}
    outlet, inlet = os.pipe()
    output = ffmpeg.output(source(path, **_UNTURNED, **seek)[str(info.video.index)], f"pipe:{inlet}", **raw)
    is_over = threading.Event()
    ended: list[InferenceError | None] = []

    def decode() -> None:
        try:
            ended.append(stream_ffmpeg(output, path, info.duration_s, inlet, is_over.is_set, flags=info.program_clock))
        except InferenceError as error:
            ended.append(error)

    program = threading.Thread(target=decode, name="outside-pictures", daemon=True)
    program.start()
    try:
        said = read(outlet, is_counted)
    finally:
        is_over.set()
        program.join()
    failure = ended[0] if ended else None
    if said["saw_end"] and failure is not None:
        raise DecoderStoppedError(
            f"{shown(path)}: the usual decoder crashed on the picture, and ffmpeg stopped, too ({failure})"
        ) from failure
    if has_sought and (said["first_s"] is None or said["first_s"] > max(0.0, start_s - WARM_UP_S)):
        return outside_pictures(path, info, start_s, read, from_start=True)
    return said
