"""The subtitle tracks inside a film, as text: the parent's end of :mod:`inference.media.decoding.subtitle_packets`.

Teletext is text too, but only the ffmpeg program may hold the library that reads it; it writes SubRip there.

Times in seconds from the first displayed frame. Contents: :func:`read_subtitle_tracks`, :func:`readable`, :class:`StoredRow`.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import NamedTuple

from inference.errors import InferenceError, MediaError
from inference.media.admission import shown
from inference.media.description import TEXT_SUBTITLES, MediaInfo, SubtitleStream
from inference.media.sandbox.child import SUBTITLE_LIMITS, run_child
from inference.media.sandbox.ffmpeg import run_ffmpeg, source

_TELETEXT = frozenset({"dvb_teletext", "libzvbi_teletextdec"})


class StoredRow(NamedTuple):
    """One packet of a track: its text as it is stored. ``end_s`` is 0 where the file does not say."""

    stream: int
    start_s: float
    end_s: float
    text: str


def readable(stream: SubtitleStream) -> bool:
    """True for a track of text; the others are pictures."""
    return stream.codec in TEXT_SUBTITLES or is_teletext(stream)


def is_teletext(stream: SubtitleStream) -> bool:
    """True for teletext, which :func:`read_teletext` reads."""
    return stream.codec in _TELETEXT


def read_subtitle_tracks(path: Path, info: MediaInfo) -> list[StoredRow]:
    """The rows of all tracks of text, in the order of the file.

    Raises:
        MediaError: the file cannot be read, or reading it took too much. ExternalProcessError: the child does not work.
    """
    with tempfile.TemporaryDirectory(prefix="subtitles-") as folder:
        request = {"task": "subtitles", "path": str(path.absolute()), "info": info.to_data(), "folder": folder}
        run_child(request, shown(path), SUBTITLE_LIMITS, lambda share: None)
        rows = json.loads((Path(folder) / "subtitles.json").read_text(encoding="utf-8"))
    return [StoredRow(int(stream), float(start_s), float(end_s), str(text)) for stream, start_s, end_s, text in rows]


def read_teletext(path: Path, info: MediaInfo, stream: SubtitleStream) -> bytes:
    """A teletext track as SubRip whose times are the container's own (``info.zero_s`` is our zero); b"" where nobody here can read it."""
    with tempfile.TemporaryDirectory(prefix="subtitles-") as folder:
        target = Path(folder) / "teletext.srt"
        text = source(path, txt_format="text")[str(stream.index)]
        output = text.output(str(target), f="srt", copyts=None, **{"c:s": "srt"})
        try:
            run_ffmpeg(output, path, target, info.duration_s, lambda share, message: None)
        except (MediaError, InferenceError):  # this ffmpeg has no such decoder, or the pages hold no subtitles
            return b""
        return target.read_bytes()
