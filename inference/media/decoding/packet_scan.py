"""One pass over all packets of a file, without decoding: what is really in it.

Problem: headers lie (durations of years, frame counts of billions, a truncated file's old length). The packets tell the truth:
how many frames there are, when the last one ends, whether the rate varies, how far keyframes are apart, whether sound has
holes, whether the clock jumps. A file over :data:`MAX_SCAN_BYTES` is scanned only so far, and its declared duration is
believed.

Contents: :class:`StreamFacts`, :class:`PacketScan`, :func:`scan_packets`.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass, field
from fractions import Fraction

import av
import numpy as np
from av.container import InputContainer
from av.packet import Packet

from inference.errors import RefusedMediaError
from inference.media.admission import BOUNDS, check_duration
from inference.media.decoding.stamps import JumpMender, packet_stamp

MAX_SCAN_BYTES = 4 << 30
"""How much of a file is scanned; a disk that reads 18 MB a second does it within the four minutes that a probe may take."""
_GAP_S = 0.05
"""A hole in the sound longer than this is one; shorter ones are the rounding of stamps and a codec's padding."""


@dataclass
class StreamFacts:
    """Facts of one stream, times in seconds on the mended container clock. ``stamps`` are kept for pictures only."""

    time_base: Fraction
    keep_stamps: bool
    stamps: array[int] = field(default_factory=lambda: array("q"))
    num_packets: int = 0
    first_s: float | None = None
    end_s: float = 0.0
    last_duration_s: float = 0.0
    has_gaps: bool = False
    keyframe_gap_s: float = 0.0
    last_keyframe_s: float | None = None

    def take(self, packet: Packet, offset_s: float) -> None:
        """Count one packet."""
        stamp = packet.pts if packet.pts is not None else packet.dts
        self.num_packets += 1
        if stamp is None:  # a stream without stamps: packets follow each other
            stamp = round(self.end_s / self.time_base)
        time_s = float(stamp * self.time_base) + offset_s
        duration_s = float((packet.duration or 0) * self.time_base)
        if self.keep_stamps:
            self.stamps.append(round(time_s / self.time_base) if offset_s else stamp)
            if packet.is_keyframe:
                if self.last_keyframe_s is not None:
                    self.keyframe_gap_s = max(self.keyframe_gap_s, time_s - self.last_keyframe_s)
                self.last_keyframe_s = time_s
        elif self.first_s is not None and time_s - self.end_s > _GAP_S:
            self.has_gaps = True
        self.first_s = time_s if self.first_s is None else min(self.first_s, time_s)
        if time_s + duration_s >= self.end_s or self.num_packets == 1:
            self.end_s = time_s + duration_s
            self.last_duration_s = duration_s

    def sorted_stamps(self) -> np.ndarray:
        """All presentation stamps in order, int64."""
        return np.sort(np.frombuffer(self.stamps, dtype=np.int64)) if self.stamps else np.zeros(0, np.int64)


@dataclass
class PacketScan:
    """Facts of the file: per stream index, whether the clock jumps, whether all was read, and where reading failed ("" if it did not)."""

    streams: dict[int, StreamFacts]
    has_jumps: bool
    is_complete: bool
    failure: str = ""


def scan_packets(container: InputContainer, name: str) -> PacketScan:
    """Read every packet once.

    Raises:
        RefusedMediaError: more frames or a longer time than accepted.
    """
    used = [s for s in container.streams if s.type in {"video", "audio"} and s.time_base]
    streams = {s.index: StreamFacts(Fraction(s.time_base), s.type == "video") for s in used if s.time_base}
    mender = JumpMender(container.format.name)
    num_bytes, failure = 0, ""
    try:
        for packet in container.demux(used):
            stamp = packet_stamp(packet)
            num_bytes += packet.size
            if stamp is None and packet.size == 0:
                continue  # the flush packet at the end
            if num_bytes > MAX_SCAN_BYTES:
                return PacketScan(streams, mender.num_jumps > 0, False)
            if packet.is_discard:
                continue
            facts = streams[packet.stream.index]
            offset_s = 0.0
            if stamp is not None:
                offset_s = mender.offset_s(
                    packet.stream.index, float(stamp * facts.time_base), float((packet.duration or 0) * facts.time_base)
                )
            facts.take(packet, offset_s)
            if facts.num_packets > BOUNDS.max_frames and facts.keep_stamps:
                raise RefusedMediaError(f"{name} has more than {BOUNDS.max_frames} frames.", remedy="Cut the file into parts.")
    except (av.FFmpegError, OSError, ValueError) as error:
        failure = str(getattr(error, "strerror", "") or error)
    for facts in streams.values():
        if facts.first_s is not None:
            check_duration(facts.end_s - facts.first_s, name)
    return PacketScan(streams, mender.num_jumps > 0, True, failure)
