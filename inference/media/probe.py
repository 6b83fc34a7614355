"""The probe: a file in, its description out, with every danger kept in a child process."""

from __future__ import annotations

from pathlib import Path

from inference.errors import BrokenMediaError
from inference.media.admission import check_file, shown
from inference.media.description import MediaInfo
from inference.media.sandbox.child import PROBE_LIMITS, run_child


def probe(path: Path) -> MediaInfo:
    """Describe a media file: streams, exact rate, clock, orientation, start timecode.

    Raises:
        RefusedMediaError: not media that we accept, or beyond a limit.
        BrokenMediaError: media, but nothing in it can be decoded.
        MediaError: the file cannot be read.
    """
    path = Path(path)
    check_file(path)  # what the first bytes tell needs no process
    data = run_child({"task": "probe", "path": str(path.absolute())}, shown(path), PROBE_LIMITS, lambda share: None)
    try:
        return MediaInfo.from_data(data)
    except ValueError as error:
        raise BrokenMediaError(f"{shown(path)} cannot be described ({error}).") from error
