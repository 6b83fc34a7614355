"""The SMPTE label of the first frame, where a container carries one.

Looked for in this order: the picture track's own tag, a QuickTime ``tmcd`` or MXF timecode track, the file's tags, a
broadcast WAV's time reference. A ``;`` or
``.`` before the frames means drop-frame. A label that is not of the form HH:MM:SS:FF is ignored.

Contents: :func:`find_timecode`, :func:`parse_timecode`.
"""

from __future__ import annotations

import re

from av.container import InputContainer
from av.video.stream import VideoStream as AvVideoStream

_LABEL = re.compile(r"^(\d{2}):([0-5]\d):([0-5]\d)([:;.,])(\d{2,3})$")


def find_timecode(container: InputContainer, video: AvVideoStream | None) -> tuple[str, bool]:
    """The start timecode and whether it is drop-frame; ("", False) if there is none."""
    tags = [video.metadata] if video is not None else []
    tags += [s.metadata for s in container.streams if s.type == "data"]
    tags.append(container.metadata)
    tags += [s.metadata for s in container.streams if s.type in {"audio", "video"}]
    for tag in tags:
        for key, value in tag.items():
            if key.lower() == "timecode":
                label, drop_frame = parse_timecode(value)
                if label:
                    return label, drop_frame
    return _broadcast_wave_start(container), False


def _broadcast_wave_start(container: InputContainer) -> str:
    """The label of a broadcast WAV's first sample: its ``bext`` chunk counts samples since midnight. Frames are counted at 25."""
    reference = container.metadata.get("time_reference", "")
    rate_hz = next((s.codec_context.sample_rate for s in container.streams.audio if s.codec_context), 0)
    if not reference.isascii() or not reference.isdigit() or len(reference) > 18 or not rate_hz or int(reference) == 0:
        return ""
    frames = int(reference) * 25 // rate_hz % (24 * 3600 * 25)
    return f"{frames // 90_000:02d}:{frames // 1500 % 60:02d}:{frames // 25 % 60:02d}:{frames % 25:02d}"


def parse_timecode(text: str) -> tuple[str, bool]:
    """A label in our spelling (``HH:MM:SS:FF``, or ``HH:MM:SS;FF`` for drop-frame), or ("", False)."""
    match = _LABEL.match(text.strip())
    if match is None or int(match[1]) > 23:
        return "", False
    drop_frame = match[4] in ";.,"
    return f"{match[1]}:{match[2]}:{match[3]}{';' if drop_frame else ':'}{match[5]}", drop_frame
