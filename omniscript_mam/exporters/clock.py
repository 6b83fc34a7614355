"""Times as people read them: elapsed (``1:02:03``) and, where a film has frames, SMPTE timecode from its own start label.

Input times are seconds from the first displayed frame. A film whose rate or start label is not legal gets elapsed times only: a wrong
timecode is worse than none. Exact times for machines are :mod:`omniscript_mam.script.timing`'s.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from omniscript_mam.script import TimingError
from omniscript_mam.script.timing import Timecode, parse_frame_rate


@dataclass(frozen=True)
class Clock:
    """The clock of one film. ``frame_rate`` is "" for sound only; ``timecode`` is ``None`` where no labels exist."""

    frame_rate: str = ""
    start_timecode: str = ""
    drop_frame: bool = False
    timecode: Timecode | None = None

    @classmethod
    def at(cls, frame_rate: str, start_timecode: str = "", *, drop_frame: bool = False) -> Clock:
        """The clock of a film whose rate and start label are stated; without labels, or without a clock, where these are not legal.

        Args:
            frame_rate: as :func:`omniscript_mam.script.parse_frame_rate` reads it.
            start_timecode: label of the first frame; one that is not legal counts as none, that is, as zero.
            drop_frame: the labels skip; said by a ``;`` in the label too.
        """
        try:
            rate = parse_frame_rate(frame_rate)
        except TimingError:
            return cls()
        exact = f"{rate.numerator}/{rate.denominator}"
        for start, drop in ((start_timecode, drop_frame or ";" in start_timecode), ("", False)):
            try:
                return cls(exact, start, drop, Timecode(rate, drop, start))
            except TimingError:
                continue
        return cls(exact)

    def label(self, time_s: float) -> str:
        """Timecode on screen at a time, or the elapsed time where there is none."""
        return self.timecode.label_at(max(0.0, time_s)) if self.timecode else elapsed(time_s)

    @property
    def rate_text(self) -> str:
        """The rate as people say it: ``25``, ``23.976``, ``29.97 drop-frame``."""
        if not self.frame_rate:
            return ""
        return f"{float(Fraction(self.frame_rate)):.3f}".rstrip("0").rstrip(".") + (" drop-frame" if self.drop_frame else "")


def elapsed(time_s: float, *, tenths: bool = False) -> str:
    """Seconds as ``0:07``, ``12:03`` or ``1:02:03``, rounded down; with tenths (``0:07.4``) to the nearest."""
    count = round(max(0.0, time_s) * 10) if tenths else 10 * int(max(0.0, time_s) + 1e-6)
    whole = count // 10
    hours, minutes, seconds = whole // 3600, whole // 60 % 60, whole % 60
    text = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
    return f"{text}.{count % 10}" if tenths else text
