"""Times as models write them, and what they mean for a list of timed items: within the clip, in order, with an end.

Contents: :func:`read_time`, :class:`Timed`, :func:`settle`.
"""

from __future__ import annotations

import itertools
import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .clip_times import read_tenths
from .faults import Log, shown

TOLERANCE_S = 1.0
"""A time this far outside of the clip is meant to be its border."""
LONGEST_GUESS_S = 5.0
"""An event without an end lasts up to the next one, and no longer than this."""
MAX_TIME_CHARS = 40
"""A longer text is not looked at as a time."""

_CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)(?:[.,](\d{1,6}))?")
_SECONDS = re.compile(r"(-?\d{1,6}(?:\.\d{1,9})?)\s*(?:s|secs?|seconds?|秒)?", re.IGNORECASE)
_PARTS = re.compile(
    r"(?:(\d{1,2})\s*(?:h|hours?|小时|时))?\s*(?:(\d{1,3})\s*(?:m|mins?|minutes?|分钟?))?\s*"
    r"(?:(\d{1,3}(?:\.\d{1,6})?)\s*(?:s|secs?|seconds?|秒))?",
    re.IGNORECASE,
)
_RANGE = re.compile(r"\s*(?:-+>?|–|—|~|→|to|至|到)\s*", re.IGNORECASE)


def read_time(value: Any) -> float | None:
    """Seconds of a time in any spelling that has one value; ``None`` for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if abs(value) < 1e6 and math.isfinite(value) else None
    if not isinstance(value, str) or len(value) > MAX_TIME_CHARS:
        return None
    tenths = read_tenths(value)
    if tenths is not None:
        return tenths / 10
    text = unicodedata.normalize("NFKC", value).strip().strip("[]()<>【】「」\"'“”").strip()
    if match := _CLOCK.fullmatch(text):
        hours, minutes, seconds, part = match.groups()
        if hours and int(minutes) > 59:
            return None
        return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + (float(f"0.{part}") if part else 0.0)
    if match := _SECONDS.fullmatch(text):
        return float(match[1])
    if text and (match := _PARTS.fullmatch(text)):
        return int(match[1] or 0) * 3600 + int(match[2] or 0) * 60 + float(match[3] or 0)
    return None


def split_range(value: Any) -> tuple[Any, Any]:
    """The start and the end in a range: a list of two, or a text such as ``00:05 - 00:08``; a single time is a start."""
    if isinstance(value, list) and 1 <= len(value) <= 2:
        return value[0], value[1] if len(value) == 2 else None
    if isinstance(value, str) and len(value) <= 2 * MAX_TIME_CHARS and read_time(value) is None:
        sides = _RANGE.split(value.strip().strip("[]()【】"))
        if len(sides) == 2 and None not in (read_time(sides[0]), read_time(sides[1])):
            return sides[0], sides[1]
    return value, None


@dataclass
class Timed:
    """An item as it was written, its path, and the list that it belongs to; :func:`settle` makes its times seconds."""

    fields: dict[str, Any]
    path: str
    group: int = 0


def settle(items: Sequence[Timed], duration_s: float, log: Log, longest_s: float = LONGEST_GUESS_S) -> list[Timed]:
    """The items that have a time in the clip, each with a start and an end in seconds, sorted within its group.

    Args:
        duration_s: length of the clip; times count from its start.
        longest_s: an item without a possible end lasts no longer than this.
    """
    kept = [item for item in items if _start(item, duration_s, log)]
    starts = sorted(item.fields["start"] for item in kept)
    for item in kept:
        _end(item, starts, duration_s, log, longest_s)
    ordered = sorted(kept, key=lambda item: (item.group, item.fields["start"]))
    for before, after in itertools.pairwise(kept):
        if before.group == after.group and after.fields["start"] < before.fields["start"]:
            log.add("time.order", f"{after.path}.start", f"{after.fields['start']:g} s after {before.fields['start']:g} s")
    return ordered


def _start(item: Timed, duration_s: float, log: Log) -> bool:
    """Make the start seconds; whether the item has one within the clip."""
    fields, path = item.fields, f"{item.path}.start"
    written, other = split_range(fields.get("start"))
    if other is not None:
        fields["start"] = written
        if fields.get("end") is None:
            fields["end"] = other
        log.add("time.spelling", path, shown(str(other)))
    start_s = _seconds(written, path, log)
    if start_s is None or start_s < -TOLERANCE_S:
        log.add("time.unreadable", path, "absent" if written in (None, "") else shown(str(written)))
        return False
    if start_s > duration_s + TOLERANCE_S:
        log.add("time.outside", path, f"{start_s:g} s of {duration_s:g} s")
        return False
    fields["start"] = _clamped(start_s, duration_s, path, log)
    return True


def _end(item: Timed, starts: list[float], duration_s: float, log: Log, longest_s: float) -> None:
    fields, path = item.fields, f"{item.path}.end"
    written, start_s = fields.get("end"), fields["start"]
    end_s = _seconds(written, path, log)
    if end_s is not None and start_s <= end_s <= duration_s + TOLERANCE_S:
        fields["end"] = _clamped(end_s, duration_s, path, log)
        return
    following = bisect_right(starts, start_s)
    next_s = starts[following] if following < len(starts) else duration_s
    fields["end"] = max(start_s, min(next_s, start_s + longest_s, duration_s))
    log.add("time.no_end", path, "absent" if written in (None, "") else shown(str(written)))


def _seconds(written: Any, path: str, log: Log) -> float | None:
    time_s = read_time(written)
    if time_s is not None and not (isinstance(written, str) and read_tenths(written) is not None):
        log.add("time.spelling", path, shown(str(written)))
    return time_s


def _clamped(time_s: float, duration_s: float, path: str, log: Log) -> float:
    inside = min(max(time_s, 0.0), duration_s)
    if inside != time_s:
        log.add("time.clamped", path, f"{time_s:g} s of {duration_s:g} s")
    return inside
