"""Packets from a given moment on, with enough before it that the decoder is right by then.

Problem: a seek may land after the moment (formats without a keyframe index), or the container may have no trustworthy stamps at
all. So the landing is checked by its first keyframe, retried from further back, and in the end the file is read from its start,
undecoded up to the last keyframe before the moment. Times are seconds from the first displayed frame.

Contents: :class:`TimedPacket`, :func:`packets_from`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer
from av.packet import Packet

from inference.media.admission import check_file, open_container
from inference.media.decoding.stamps import JumpMender, packet_stamp
from inference.media.description import MediaInfo

_BACK_OFF_S = (2.0, 12.0, 45.0)
"""How far before the moment to aim: interleaving skew, then ever longer distances between keyframes."""
_MAX_PROBED = 3_000
"""Packets that are read after a seek in search of a keyframe, before it counts as failed."""
_SOUND_WARM_UP_S = 1.0
"""Sound before the moment that the decoder and the resampler are given, so that both have settled by then."""
_THREADS = min(4, os.cpu_count() or 1)
"""Threads of one decoder: several pieces of a film are decoded at once, so more would only take memory."""


@dataclass(frozen=True)
class TimedPacket:
    """A packet whose stamps have been mended, and its time (None if it has no stamp)."""

    packet: Packet
    time_s: float | None


def packets_from(path: Path, info: MediaInfo, moment_s: float) -> Iterator[TimedPacket]:
    """All packets of the used tracks that matter from ``moment_s`` on, in file order; the decoders use threads.

    Ends quietly where the file cannot be read further.
    """
    if moment_s > 0 and info.is_seekable:
        for back_off_s in _BACK_OFF_S:
            if moment_s - back_off_s <= 0:
                break
            with _open(path) as container:
                source = _after_seek(container, info, moment_s, moment_s - back_off_s)
                if source is not None:
                    yield from source
                    return
    first_key = _last_keyframe_before(path, info, moment_s) if moment_s > 0 else 0
    with _open(path) as container:
        num_pictures = 0
        for timed in _timed(container, info):
            if info.video and timed.packet.stream.index == info.video.index:
                num_pictures += 1
                if num_pictures <= first_key:
                    continue
            elif timed.time_s is not None and timed.time_s < moment_s - _SOUND_WARM_UP_S:
                continue
            yield timed


def _open(path: Path) -> InputContainer:
    return open_container(path, check_file(path))


def _used_indexes(info: MediaInfo) -> set[int]:
    return {stream.index for stream in info.heard_audio if not stream.is_outside} | ({info.video.index} if info.video else set())


def _timed(container: InputContainer, info: MediaInfo) -> Iterator[TimedPacket]:
    used = _used_indexes(info)
    streams = [stream for stream in container.streams if stream.index in used]
    for stream in streams:
        if stream.codec_context is not None:
            stream.codec_context.thread_type = "AUTO"
            stream.codec_context.thread_count = _THREADS if stream.type == "video" else 1
    mender = JumpMender(container.format.name) if info.has_jumps else None
    start_s = info.zero_s
    try:
        for packet in container.demux(streams):
            stamp = packet_stamp(packet)
            if stamp is None:
                yield TimedPacket(packet, None)
                continue
            base = Fraction(packet.time_base)
            if mender:
                _shift(packet, mender.offset_s(packet.stream.index, float(stamp * base), float((packet.duration or 0) * base)))
            presented = packet.pts if packet.pts is not None else packet.dts
            yield TimedPacket(packet, float((presented or 0) * base) - start_s)
    except (av.FFmpegError, OSError, ValueError):
        return  # the probe has already noted where the file becomes unreadable


def _shift(packet: Packet, offset_s: float) -> None:
    """Move a packet's stamps, so that the frames decoded from it come out mended too."""
    ticks = round(offset_s / float(packet.time_base))
    if packet.pts is not None:
        packet.pts += ticks
    if packet.dts is not None:
        packet.dts += ticks


def _after_seek(container: InputContainer, info: MediaInfo, moment_s: float, target_s: float) -> Iterator[TimedPacket] | None:
    """Seek, and check that decoding can start at or before the moment; None if it cannot."""
    index = info.video.index if info.video else info.heard_audio[0].index
    stream = container.streams[index]
    try:
        container.seek(int((target_s + info.zero_s) / float(stream.time_base or 1)), stream=stream)
    except (av.FFmpegError, OSError, ValueError):
        return None
    source = _timed(container, info)
    probed: list[TimedPacket] = []
    for timed in source:
        is_lead = timed.packet.stream.index == index
        if info.video and is_lead and not timed.packet.is_keyframe:
            continue  # not decodable without the keyframe before it
        probed.append(timed)
        if is_lead:
            if timed.time_s is None or timed.time_s > moment_s:
                return None
            return _chained(probed, source)
        if len(probed) > _MAX_PROBED:
            return None
    return None


def _chained(first: list[TimedPacket], rest: Iterator[TimedPacket]) -> Iterator[TimedPacket]:
    yield from first
    yield from rest


def _last_keyframe_before(path: Path, info: MediaInfo, moment_s: float) -> int:
    """How many picture packets come before the last keyframe at or before the moment."""
    if info.video is None:
        return 0
    best = num_pictures = 0
    with _open(path) as container:
        for timed in _timed(container, info):
            if timed.packet.stream.index != info.video.index:
                continue
            if timed.time_s is not None and timed.time_s > moment_s + 5:
                break
            if timed.packet.is_keyframe and timed.time_s is not None and timed.time_s <= moment_s:
                best = num_pictures
            num_pictures += 1
    return best
