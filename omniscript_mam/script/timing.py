"""Time in the Script document: exact frame rates, SMPTE timecode, and timestamps as people write them.

Three clocks meet here. *Seconds* (float) count from the first displayed frame; *frames* (int) count from the same frame, 0 being the
first; a *timecode label* (``01:00:00:00``, ``01:00:00;02``) names a frame as an editing system does, usually from a start
label other than zero. Frame rates are fractions, never floats: NTSC film runs at 24000/1001, not at 23.976.

Rules:
    - Labels exist where the rate makes them true: at whole rates, and at those divided by 1.001. At any other rate (the mean of a
      variable one, 30.02) a label would run away from the clock, so there are none; times are shown as elapsed.
    - Labels count frames at the nominal rate (24 for 23.976), so a non-drop label at an NTSC rate falls 3.6 s behind the clock per hour.
    - Drop-frame (29.97 and 59.94 only; SMPTE ST 12-1) skips the labels ;00 and ;01 (at 59.94: ;00 to ;03) at the start of every minute
      but each tenth. Only labels are skipped, never frames.
    - A frame lasts from its start, included, to the next one's, excluded. Seconds become the frame that is on screen (the largest frame
      that starts at or before the time); a time within 1 microsecond before a start counts as that start, so that float noise is harmless.
    - Labels run over 24 hours and then begin again.

Contents: :func:`parse_frame_rate`, :func:`frame_at`, :func:`frame_start`; :class:`Timecode`; :func:`format_timestamp`,
:func:`parse_timestamp`.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from fractions import Fraction

from .errors import TimingError
from .schema import MAX_DURATION_S

NTSC_RATES = (12, 15, 24, 30, 48, 60, 120)
"""Nominal rates that also exist divided by 1.001."""

DROP_RATES = {Fraction(30000, 1001): 2, Fraction(60000, 1001): 4}
"""Rates with drop-frame labels, and how many labels they skip at the start of a minute."""

MAX_RATE = 1000
"""Highest legal frame rate, per second."""

TOLERANCE_S = Fraction(1, 1_000_000)
"""A time this close before a frame's start belongs to that frame."""

_LABEL = re.compile(r"(\d{1,2}):([0-5]?\d):([0-5]?\d)([:;.,])(\d{1,3})", re.ASCII)
_CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,4}):([0-5]?\d(?:[.,]\d{1,9})?)", re.ASCII)
_UNITS = re.compile(
    r"(?:(\d{1,3})\s*(?:h|hours?|hrs?|小时|时)\s*)?(?:(\d{1,5})\s*(?:m|min|mins|minutes?|分钟?)\s*)?(?:(\d{1,7}(?:[.,]\d{1,9})?)\s*(?:s|secs?|seconds?|秒)?)?",
    re.ASCII | re.IGNORECASE,
)


def parse_frame_rate(value: str | float | Fraction) -> Fraction:
    """The exact frame rate behind a number or text.

    ``"24000/1001"`` and ``"25"`` are taken as they are; a decimal within 0.005 of an NTSC rate (``23.976``, ``"23.98"``, ``29.97``,
    ``59.94``) is that rate; other decimals are the nearest fraction with a denominator up to 1001.

    Raises:
        TimingError: not a number, not positive, or above :data:`MAX_RATE` frames per second.
    """
    try:
        text = value.strip() if isinstance(value, str) else value
        if isinstance(value, bool) or (isinstance(text, str) and len(text) > 40):
            raise ValueError
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError, OverflowError, TypeError):
        raise TimingError(f"{value!r} is not a frame rate.", remedy='Write it as a fraction ("24000/1001") or a number ("25").') from None
    if not 0 < rate <= MAX_RATE:
        raise TimingError(f"The frame rate {value} is not between 0 and {MAX_RATE} per second.")
    if rate.denominator == 1 or (isinstance(text, str) and "/" in text) or isinstance(value, Fraction):
        return rate
    nearest = min((Fraction(nominal * 1000, 1001) for nominal in NTSC_RATES), key=lambda ntsc: abs(ntsc - rate))
    if abs(nearest - rate) < Fraction(5, 1000):
        return nearest
    return rate.limit_denominator(1001)


def frame_at(time_s: float | Fraction, frame_rate: Fraction) -> int:
    """The frame on screen at a time (seconds from the first displayed frame); see the rounding rule above.

    Raises:
        TimingError: the time is negative, not finite, or beyond the longest legal video.
    """
    if not -TOLERANCE_S <= time_s <= MAX_DURATION_S:
        raise TimingError(f"{time_s!r} is not a time between 0 and {MAX_DURATION_S:.0f} seconds.")
    return max(0, math.floor((Fraction(time_s) + TOLERANCE_S) * frame_rate))


def frame_start(frame: int, frame_rate: Fraction) -> float:
    """When a frame appears, in seconds: the float nearest to ``frame / frame_rate``."""
    return float(frame / frame_rate)


@dataclass(frozen=True)
class Timecode:
    """Labels of one essence: its exact rate, whether they drop, and the label of its first frame.

    Attributes:
        frame_rate: exact rate, at most 120 frames per second nominal.
        drop_frame: labels skip (29.97 and 59.94 only).
        start: label of frame 0.
    """

    frame_rate: Fraction
    drop_frame: bool = False
    start: str = ""

    def __post_init__(self) -> None:
        if not 1 <= self.nominal_rate <= 120:
            raise TimingError(
                f"There is no timecode at {self.frame_rate} frames per second.", remedy="Timecode exists at 1 to 120 frames per second."
            )
        if self.frame_rate not in (self.nominal_rate, Fraction(self.nominal_rate * 1000, 1001)):
            raise TimingError(
                f"There is no timecode at {self.frame_rate} frames per second.",
                remedy="Timecode exists at whole rates and at those divided by 1.001; use elapsed times.",
            )
        if self.drop_frame and self.frame_rate not in DROP_RATES:
            raise TimingError(
                f"There is no drop-frame timecode at {self.frame_rate} frames per second.",
                remedy="Drop-frame exists at 29.97 and 59.94 only.",
            )
        _ = self.start_frame

    @property
    def nominal_rate(self) -> int:
        """Labels per second: 24 for 23.976."""
        return math.ceil(self.frame_rate)

    @property
    def num_dropped(self) -> int:
        """Labels skipped at the start of a minute: 0, 2 or 4."""
        return DROP_RATES[self.frame_rate] if self.drop_frame else 0

    @property
    def frames_per_day(self) -> int:
        """Frames until the labels begin again: 24 hours of labels, less the skipped ones."""
        return 24 * 3600 * self.nominal_rate - 24 * (60 - 6) * self.num_dropped

    @property
    def start_frame(self) -> int:
        """Count of the start label from 00:00:00:00."""
        return self.count(self.start) if self.start else 0

    def fields(self, count: int) -> tuple[int, int, int, int]:
        """Hours, minutes, seconds and frames of the ``count``-th label of the day (also element by element on integer arrays)."""
        rate, dropped = self.nominal_rate, self.num_dropped
        count = count % self.frames_per_day
        if dropped:
            per_minute = 60 * rate - dropped
            tens, rest = count // (10 * per_minute + dropped), count % (10 * per_minute + dropped)
            minutes = (rest - dropped * (rest >= dropped)) // per_minute
            count = count + dropped * (9 * tens + minutes)
        seconds = count // rate
        return seconds // 3600, seconds // 60 % 60, seconds % 60, count % rate

    def count(self, label: str) -> int:
        """How many labels of the day come before this one.

        ``:`` before the frames stands for either kind; ``;`` (also ``.`` and ``,``) for drop-frame only.

        Raises:
            TimingError: not a label, or one that does not exist at this rate (and why).
        """
        found = _LABEL.fullmatch(label.strip())
        if not found:
            raise TimingError(f"{label!r} is not a timecode.", remedy="Write it as HH:MM:SS:FF, or HH:MM:SS;FF for drop-frame.")
        hours, minutes, seconds, frames = (int(found[i]) for i in (1, 2, 3, 5))
        if found[4] != ":" and not self.drop_frame:
            raise TimingError(
                f"{label} is a drop-frame label, but this material is not drop-frame.", remedy="Write it with a colon before the frames."
            )
        if hours > 23:
            raise TimingError(f"{label} does not exist: hours end at 23.")
        if frames >= self.nominal_rate:
            raise TimingError(f"{label} does not exist: at {self.frame_rate} frames per second the frames end at {self.nominal_rate - 1}.")
        if frames < self.num_dropped and seconds == 0 and minutes % 10:
            raise TimingError(f"{label} does not exist: drop-frame skips the first {self.num_dropped} labels of this minute.")
        total_minutes = 60 * hours + minutes
        return (60 * total_minutes + seconds) * self.nominal_rate + frames - self.num_dropped * (total_minutes - total_minutes // 10)

    def label(self, frame: int) -> str:
        """The label of a frame of the essence (0 is the first displayed one)."""
        hours, minutes, seconds, frames = self.fields(self.start_frame + frame)
        return f"{hours:02d}:{minutes:02d}:{seconds:02d}{';' if self.drop_frame else ':'}{frames:02d}"

    def frame(self, label: str) -> int:
        """The frame of the essence that has this label; one before the start label is taken to lie after midnight."""
        return (self.count(label) - self.start_frame) % self.frames_per_day

    def label_at(self, time_s: float) -> str:
        """The label on screen at a time in seconds."""
        return self.label(frame_at(time_s, self.frame_rate))

    def time_of(self, label: str) -> float:
        """When the frame with this label appears, in seconds."""
        return frame_start(self.frame(label), self.frame_rate)


def format_timestamp(time_s: float, *, short: bool = False) -> str:
    """Seconds as ``HH:MM:SS.mmm`` (rounded to the nearest millisecond), or short as ``MM:SS`` (rounded down, minutes may pass 99)."""
    if not 0 <= time_s <= MAX_DURATION_S:
        raise TimingError(f"{time_s!r} is not a time between 0 and {MAX_DURATION_S:.0f} seconds.")
    if short:
        minutes, seconds = divmod(math.floor(time_s + float(TOLERANCE_S)), 60)
        return f"{minutes:02d}:{seconds:02d}"
    total_ms = math.floor(time_s * 1000 + 0.5)
    return f"{total_ms // 3_600_000:02d}:{total_ms // 60_000 % 60:02d}:{total_ms // 1000 % 60:02d}.{total_ms % 1000:03d}"


def parse_timestamp(text: str, timecode: Timecode | None = None) -> float:
    """Seconds from what people type or paste.

    Reads ``1:02:03.5``, ``02:03``, SRT's ``00:01:02,345``, ``83.4``, ``83s``, ``1h2m3s``, ``1分23秒``, full-width digits and colons,
    and any of these in brackets. ``01:00:10:12`` is a timecode label and needs ``timecode`` to say at which rate and from which start.

    Raises:
        TimingError: not a time, a label without ``timecode``, or beyond the longest legal video.
    """
    cleaned = _ascii(text).strip().strip("[]()<>").strip()
    if len(cleaned) <= 40 and cleaned:
        if _LABEL.fullmatch(cleaned) and cleaned.count(":") + cleaned.count(";") == 3:
            if timecode is None:
                raise TimingError(f"{text!r} is a timecode; its frame rate is not known here.", remedy="Write it as HH:MM:SS.mmm.")
            return timecode.time_of(cleaned)
        found = _CLOCK.fullmatch(cleaned) or _UNITS.fullmatch(cleaned)
        if found:
            hours, minutes, seconds = (float((part or "0").replace(",", ".")) for part in found.groups())
            if found[1] is not None and minutes > 59:
                raise TimingError(f"{text!r} is not a time: after hours, minutes end at 59.")
            time_s = round(3600 * hours + 60 * minutes + seconds, 9)
            if time_s <= MAX_DURATION_S:
                return time_s
            raise TimingError(f"{text!r} is later than the longest video, {MAX_DURATION_S:.0f} seconds.")
    raise TimingError(f"{text[:60]!r} is not a time.", remedy="Write it as HH:MM:SS.mmm, MM:SS or seconds.")


def _ascii(text: str) -> str:
    """Full-width digits and punctuation as ASCII."""
    return "".join(chr(ord(char) - 0xFEE0) if 0xFF01 <= ord(char) <= 0xFF5E else char for char in text)
