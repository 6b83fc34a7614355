"""The text of the subtitle tracks inside a file, as it is stored. Runs in a child process only (:mod:`inference.media.decoding.__main__`).

Problem: most text subtitles need no decoder (a packet is a time and a text), and the decoders lose what matters (who speaks in WebVTT,
text in braces in SubRip). So packets are unpacked here; only CEA-608, whose packets are drawing commands, is decoded. Bounded in rows and
characters.

Times in seconds from the first displayed frame. Contents: :func:`write_packets`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
from av.packet import Packet

from inference.errors import BrokenMediaError
from inference.media.admission import check_file, open_container, shown
from inference.media.decoding.stamps import packet_stamp
from inference.media.description import TEXT_SUBTITLES, MediaInfo

MAX_ROWS = 20_000
MAX_CHARS = 4_000_000
"""Of all tracks together. A talkative film has two thousand rows of forty characters."""
MAX_ROW_BYTES = 8_000


def write_packets(path: Path, info: MediaInfo, folder: Path) -> int:
    """Write ``[stream index, start, end, text]`` rows as JSON into ``folder/subtitles.json``; returns how many.

    The end is 0 where the file does not say.

    Raises:
        MediaError: the file cannot be opened.
    """
    rows: list[tuple[int, float, float, str]] = []
    num_chars = 0
    with open_container(path, check_file(path)) as container:
        wanted = [s for s in container.streams.subtitles if s.codec_context is not None and s.codec_context.name in TEXT_SUBTITLES]
        if not wanted:
            raise BrokenMediaError(f"{shown(path)} has no subtitle track whose text can be read.")
        try:
            for packet in container.demux(wanted):
                stamp = packet_stamp(packet)
                if stamp is None or packet.time_base is None or not 0 < packet.size <= MAX_ROW_BYTES:
                    continue
                text = _text_of(packet)
                start_s = float(stamp * packet.time_base) - info.zero_s
                end_s = start_s + float(packet.duration * packet.time_base) if packet.duration else 0.0
                num_chars += len(text)
                if text.strip():
                    rows.append((packet.stream.index, round(start_s, 3), round(end_s, 3), text))
                if len(rows) >= MAX_ROWS or num_chars > MAX_CHARS:
                    break
        except (av.FFmpegError, OSError, ValueError):
            pass  # a damaged end: what was read before it is good
    (folder / "subtitles.json").write_text(json.dumps(rows), encoding="utf-8")
    return len(rows)


def _text_of(packet: Packet) -> str:
    codec = packet.stream.codec_context.name
    data = bytes(packet)
    if codec == "mov_text":  # 16 bits of length, the text, then boxes of style
        return _decoded(data[2 : 2 + int.from_bytes(data[:2], "big")])
    if codec in {"eia_608", "cc_dec"}:
        return _captioned(packet)
    return _decoded(data)


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xfe\xff", b"\xff\xfe"):  # 3GPP allows UTF-16 with a mark
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace").replace("\x00", "")


def _captioned(packet: Packet) -> str:
    try:
        drawn: list[Any] = list(packet.decode())
    except (av.FFmpegError, ValueError):
        return ""
    return "\n".join(getattr(each, "dialogue", b"").decode("utf-8", "replace") for each in drawn)
