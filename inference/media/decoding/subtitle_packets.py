"""The text of the subtitle tracks inside a file, as it is stored. Runs in a child process only (:mod:`inference.media.decoding.__main__`).

Problem: most text subtitles need no decoder (a packet is a time and a text), and the decoders lose what matters (who speaks in WebVTT,
text in braces in SubRip). So packets are unpacked here; CEA-608, whose packets are drawing commands, is read by
:mod:`inference.media.captions`. Bounded in rows and characters.

Times in seconds from the first displayed frame. Contents: :func:`write_packets`.
"""

from __future__ import annotations

import json
from pathlib import Path

import av
from av.packet import Packet

from inference.errors import BrokenMediaError
from inference.media.admission import check_file, open_container, shown
from inference.media.captions import caption_rows
from inference.media.decoding.stamps import packet_stamp
from inference.media.description import CAPTIONS, TEXT_SUBTITLES, MediaInfo

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
    blocks: dict[int, list[tuple[float, bytes]]] = {}
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
                start_s = float(stamp * packet.time_base) - info.zero_s
                if packet.stream.codec_context.name in CAPTIONS:
                    blocks.setdefault(packet.stream.index, []).append((start_s, bytes(packet)))
                    continue
                text = _text_of(packet)
                end_s = start_s + float(packet.duration * packet.time_base) if packet.duration else 0.0
                num_chars += len(text)
                if text.strip():
                    rows.append((packet.stream.index, round(start_s, 3), round(end_s, 3), text))
                if len(rows) >= MAX_ROWS or num_chars > MAX_CHARS:
                    break
        except (av.FFmpegError, OSError, ValueError):
            pass  # a damaged end: what was read before it is good
    for index, carried in blocks.items():
        services = caption_rows(carried)
        best = max(services.values(), key=lambda shown_rows: sum(len(row.text) for row in shown_rows), default=[])
        rows += [(index, round(row.start_s, 3), round(row.end_s, 3), row.text) for row in best]
    (folder / "subtitles.json").write_text(json.dumps(rows), encoding="utf-8")
    return len(rows)


def _text_of(packet: Packet) -> str:
    codec = packet.stream.codec_context.name
    data = bytes(packet)
    if codec == "mov_text":  # 16 bits of length, the text, then boxes of style
        return _decoded(data[2 : 2 + int.from_bytes(data[:2], "big")])
    return _decoded(data)


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xfe\xff", b"\xff\xfe"):  # 3GPP allows UTF-16 with a mark
        return data.decode("utf-16", "replace")
    return data.decode("utf-8", "replace").replace("\x00", "")
