"""Time stamps: from the container's integers to seconds from the first displayed frame.

Problem: stamps may start anywhere, be missing, go back by a little (damage) or jump by hours (a recording that was cut, joined or wrapped).
Conventions: a raw stamp is an integer in its stream's time base; seconds appear only here. Jumps are mended in reading order,
so a file that has them must always be read from its start.

Contents: :func:`packet_stamp`, :class:`JumpMender`, :class:`FrameStamps`. What the distances of stamps say of the rate is in
:mod:`inference.media.frame_rates`.
"""

from __future__ import annotations

from fractions import Fraction

from av.frame import Frame as AvFrame
from av.packet import Packet

JUMP_S = 10.0
"""A forward step longer than this is a jump in formats whose clock may be reset (the ffmpeg program uses the same threshold)."""
BACK_S = 0.5
"""A step back longer than this is a jump in any format; less is reordering or damage."""
RESETTABLE = frozenset({"mpegts", "mpeg", "mpegvideo", "flv", "live_flv", "pva", "wtv", "ty"})
"""Containers in which the clock may be reset inside a file."""

DECODE_ORDER = frozenset({"avi", "h264", "hevc", "vvc", "av1", "obu", "m4v", "mpegvideo", "vc1", "cavsvideo", "avs2", "avs3", "dirac"})
"""Containers without presentation stamps."""


def packet_stamp(packet: Packet) -> int | None:
    """Decoding stamp, or the presentation stamp where there is no other."""
    return packet.dts if packet.dts is not None else packet.pts


class JumpMender:
    """Lays the pieces of a jumping clock end to end; packets must be given in reading order.

    A new piece starts when a stream's stamp is far from where it should be: back, or ahead of every stream of the file. A stream that
    pauses while another goes on is ahead of itself only. After a jump the other streams follow a few packets later, so each packet
    is put into that one of the last pieces in which it fits best.
    """

    def __init__(self, container: str) -> None:
        self._forward_s = JUMP_S if container in RESETTABLE else float("inf")
        self._offsets_s = [0.0]
        self._next_s: dict[int, float] = {}
        self.num_jumps = 0

    def offset_s(self, stream: int, stamp_s: float, duration_s: float) -> float:
        """Seconds to add to this packet's stamps."""
        expected_s = self._next_s.get(stream)
        offset_s = self._offsets_s[-1]
        if expected_s is not None:
            latest_s = max(expected_s, max(self._next_s.values())) + self._forward_s
            fitting = [o for o in reversed(self._offsets_s[-3:]) if expected_s - BACK_S <= stamp_s + o <= latest_s]
            if fitting:
                offset_s = min(fitting, key=lambda o: abs(stamp_s + o - expected_s))
            else:
                offset_s = expected_s - stamp_s
                self._offsets_s.append(offset_s)
                self.num_jumps += 1
        self._next_s[stream] = stamp_s + offset_s + duration_s
        return offset_s


class FrameStamps:
    """Presentation times of decoded pictures, where the container may have none.

    Containers in :data:`DECODE_ORDER` know only when a frame is to be decoded. Frames come out in the order they are shown, a
    constant number of frames late, so a frame's time is its decoding stamp less that delay; the presentation stamps that FFmpeg
    makes up for such files are wrong.

    Args:
        container: FFmpeg's name of the format.
        time_base: unit of the stamps.
        step: stamps between two frames, for frames without any.
    """

    def __init__(self, container: str, time_base: Fraction, step: int) -> None:
        self._time_base = time_base
        self._step = max(1, step)
        self._is_decode_order = container in DECODE_ORDER
        self._first_sent: int | None = None
        self._delay: int | None = None
        self._last: int | None = None

    def sent(self, packet: Packet) -> None:
        """Note a packet before it is decoded."""
        if self._first_sent is None:
            self._first_sent = packet.dts

    def of(self, frame: AvFrame) -> int:
        """The frame's stamp in the time base."""
        stamp = frame.pts if frame.pts is not None else frame.dts
        if self._is_decode_order:
            stamp = frame.dts
            if stamp is not None and self._first_sent is not None:
                if self._delay is None:
                    self._delay = stamp - self._first_sent
                stamp -= self._delay
        elif stamp is not None and frame.time_base and frame.time_base != self._time_base:
            stamp = round(stamp * frame.time_base / self._time_base)
        if stamp is None:
            stamp = 0 if self._last is None else self._last + self._step
        self._last = stamp
        return stamp
