"""Times and sizes as the page shows them; the clock itself is the exporters'."""

from __future__ import annotations

from typing import Any

from omniscript_mam.exporters.clock import Clock, elapsed
from omniscript_mam.script import Script

__all__ = ["Clock", "bytes_text", "clock_of", "elapsed", "length_text", "seconds_text", "took_text"]


def clock_of(script: Script | None, media_info: dict[str, Any]) -> Clock:
    """The clock of an asset, from its script's meta or, before there is one, from what the probe found."""
    video = media_info.get("video") or {}
    meta = script.meta if script else None
    frame_rate = (meta.frame_rate if meta else "") or str(video.get("frame_rate") or "")
    start = (meta.start_timecode if meta else "") or str(media_info.get("start_timecode") or "")
    return Clock.at(frame_rate, start, drop_frame=bool(media_info.get("drop_frame"))) if frame_rate else Clock()


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


def took_text(took_s: float | None) -> str:
    """How long a job took: ``4.2 s`` below a minute, else ``12:03``; "" where it is not known."""
    if took_s is None:
        return ""
    return f"{took_s:.1f} s" if took_s < 60 else elapsed(took_s)
