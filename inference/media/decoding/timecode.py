"""The SMPTE label of the first frame, where a container carries one.

Looked for in this order: the picture track's own tag, a QuickTime ``tmcd`` or MXF timecode track, the file's tags. A ``;`` or
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
    return "", False


def parse_timecode(text: str) -> tuple[str, bool]:
    """A label in our spelling (``HH:MM:SS:FF``, or ``HH:MM:SS;FF`` for drop-frame), or ("", False)."""
    match = _LABEL.match(text.strip())
    if match is None or int(match[1]) > 23:
        return "", False
    drop_frame = match[4] in ";.,"
    return f"{match[1]}:{match[2]}:{match[3]}{';' if drop_frame else ':'}{match[5]}", drop_frame
