"""Times as the page shows them: elapsed (``1:02:03``) and, where the essence has frames, SMPTE timecode from its own start label.

Input times are seconds from the first displayed frame. An essence whose rate or start label is not legal gets elapsed times only:
a wrong timecode is worse than none.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from omniscript_mam.script import Script, TimingError
from omniscript_mam.script.timing import Timecode, parse_frame_rate


@dataclass(frozen=True)
class Clock:
    """The clock of one asset. ``frame_rate`` is "" for sound only; ``timecode`` is ``None`` where no labels exist."""

    frame_rate: str = ""
    start_timecode: str = ""
    drop_frame: bool = False
    timecode: Timecode | None = None

    def label(self, time_s: float) -> str:
        """Timecode on screen at a time, or the elapsed time where there is none."""
        return self.timecode.label_at(max(0.0, time_s)) if self.timecode else elapsed(time_s)

    @property
    def rate_text(self) -> str:
        """The rate as people say it: ``25``, ``23.976``, ``29.97 drop-frame``."""
        if not self.frame_rate:
            return ""
        return f"{float(Fraction(self.frame_rate)):.3f}".rstrip("0").rstrip(".") + (" drop-frame" if self.drop_frame else "")


def clock_of(script: Script | None, media_info: dict[str, Any]) -> Clock:
    """The clock of an asset, from its script's meta or, before there is one, from what the probe found."""
    video = media_info.get("video") or {}
    meta = script.meta if script else None
    rate_text = (meta.frame_rate if meta else "") or str(video.get("frame_rate") or "")
    start = (meta.start_timecode if meta else "") or str(media_info.get("start_timecode") or "")
    drop_frame = ";" in start or bool(media_info.get("drop_frame"))
    if not rate_text:
        return Clock()
    try:
        rate = parse_frame_rate(rate_text)
    except TimingError:
        return Clock()
    exact = f"{rate.numerator}/{rate.denominator}"
    for candidate_start, candidate_drop in ((start, drop_frame), ("", False)):
        try:
            return Clock(exact, candidate_start, candidate_drop, Timecode(rate, candidate_drop, candidate_start))
        except TimingError:
            continue
    return Clock(exact)


def elapsed(time_s: float) -> str:
    """Seconds as ``0:07``, ``12:03`` or ``1:02:03``, rounded down."""
    whole = int(max(0.0, time_s) + 1e-6)
    hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def seconds_text(time_s: float) -> str:
    """Seconds for a data attribute or an address: at most a millisecond, without trailing zeros (``12.3``)."""
    return f"{time_s:.3f}".rstrip("0").rstrip(".")


def length_text(duration_s: float) -> str:
    """A duration in words: ``48 s``, ``3 min``, ``1 h 32 min``."""
    if duration_s < 59.5:
        return f"{duration_s:.0f} s"
    minutes = round(duration_s / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def bytes_text(num_bytes: int) -> str:
    """A size in words: ``640 kB``, ``3.2 MB``, ``1.45 GB``."""
    if num_bytes < 1e6:
        return f"{max(1, round(num_bytes / 1e3))} kB"
    return f"{num_bytes / 1e6:.1f} MB" if num_bytes < 1e9 else f"{num_bytes / 1e9:.2f} GB"
