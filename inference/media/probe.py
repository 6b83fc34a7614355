"""The probe: a file in, its description out, with every danger kept in a child process.

A track on which our reader crashes is decoded by the ffmpeg program (:mod:`inference.media.outside` the sound,
:mod:`inference.media.outside_pictures` the picture), and the probe is done again.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from inference.errors import BrokenMediaError, DecoderStoppedError
from inference.media.admission import check_file, shown
from inference.media.description import MediaInfo
from inference.media.outside import outside_beginning
from inference.media.outside_pictures import outside_picture
from inference.media.sandbox.child import PROBE_LIMITS, run_child

_MAX_OUTSIDE = 8
"""Tracks that are tried with the program; a file in which more of them crash is left as it is."""


def probe(path: Path) -> MediaInfo:
    """Describe a media file: streams, exact rate, clock, orientation, start timecode.

    Raises:
        RefusedMediaError: not media that we accept, or beyond a limit.
        BrokenMediaError: media, but nothing in it can be decoded. DecoderStoppedError: our reader and the ffmpeg program crash on it.
        MediaError: the file cannot be read.
    """
    path = Path(path)
    check_file(path)  # what the first bytes tell needs no process
    with tempfile.TemporaryDirectory(prefix="omniscript-probe-") as scratch:
        data = _described(path, Path(scratch))
    try:
        return MediaInfo.from_data(data)
    except ValueError as error:
        raise BrokenMediaError(f"{shown(path)} cannot be described ({error}).") from error


def _described(path: Path, scratch: Path) -> Any:
    outside: dict[int, Path | None] = {}
    while True:
        trail: list[tuple[int, bool]] = []
        request = {
            "task": "probe",
            "path": str(path.absolute()),
            "outside": {str(index): str(file) if file else "" for index, file in outside.items()},
        }
        files = [file for file in outside.values() if file]
        try:
            return run_child(request, shown(path), PROBE_LIMITS, lambda share: None, read=files, trail=trail)
        except DecoderStoppedError:
            culprit, is_picture = trail[-1] if trail else (-1, False)
            if culprit < 0 or culprit in outside or len(outside) >= _MAX_OUTSIDE:
                raise
            outside[culprit] = (
                outside_picture(path, culprit, scratch / f"outside_{culprit}.mov")
                if is_picture
                else outside_beginning(path, culprit, scratch / f"outside_{culprit}.wav")
            )
            if is_picture and outside[culprit] is None:
                raise
