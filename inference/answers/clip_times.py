"""Times as models write them: ``MM:SS`` or ``MM:SS.d`` (minutes have two digits or, from 100 on, three), counted from the clip's start.

The grammar, the order of times while decoding and the reader all use these few functions. Inside, a time is a count of tenths of a
second: whole numbers compare exactly.

Contents: :func:`format_time`, :func:`read_tenths`, :func:`last_tenth`, :func:`time_pattern`, :func:`can_become`.
"""

from __future__ import annotations

import math
import re

TENTHS_PER_MIN = 600
_PREFIX = re.compile(r"(\d{0,3})(?:(:)(\d{0,2})(?:(\.)(\d?))?)?")


def last_tenth(duration_s: float) -> int:
    """The last time of a clip that can be written, in tenths of a second."""
    return math.floor(duration_s * 10 + 1e-6)


def format_time(time_s: float) -> str:
    """Seconds as ``MM:SS``, or ``MM:SS.d`` where the nearest tenth is not a whole second."""
    seconds, tenth = divmod(round(time_s * 10), 10)
    return f"{seconds // 60:02d}:{seconds % 60:02d}" + (f".{tenth}" if tenth else "")


def time_pattern(duration_s: float) -> str:
    """A regular expression of every time in [0, ``duration_s``], as a JSON Schema takes it (anchored)."""
    minutes, rest = divmod(last_tenth(duration_s), TENTHS_PER_MIN)
    seconds, tenth = divmod(rest, 10)
    choices = [f"{_two_digits(minutes - 1)}:[0-5][0-9](\\.[0-9])?"] if minutes else []
    if seconds:
        choices.append(f"{minutes:02d}:{_two_digits(seconds - 1)}(\\.[0-9])?")
    choices.append(f"{minutes:02d}:{seconds:02d}(\\.[0-{tenth}])?")
    return f"^({'|'.join(choices)})$"


def can_become(prefix: str, lowest: int, highest: int) -> bool:
    """Whether a time within [``lowest``, ``highest``] (tenths of a second) can begin with these characters."""
    match = _PREFIX.fullmatch(prefix)
    if match is None or lowest > highest:
        return False
    minutes, colon, seconds, _, tenth = match.groups()
    if not colon:
        return any(_minutes_overlap(minutes + "0" * more, minutes + "9" * more, lowest, highest) for more in range(4 - len(minutes)))
    if not _is_minutes(minutes) or (seconds and seconds[0] > "5"):
        return False
    base = int(minutes) * TENTHS_PER_MIN
    first, last = (int((seconds + "00")[:2]), int((seconds + "59"[len(seconds) :])[:2]))
    if tenth:
        return lowest <= base + first * 10 + int(tenth) <= highest
    return base + first * 10 <= highest and base + last * 10 + 9 >= lowest


def read_tenths(text: str) -> int | None:
    """Tenths of a second of a time in the spelling above; ``None`` for anything else."""
    match = re.fullmatch(r"(\d{2,3}):([0-5]\d)(?:\.(\d))?", text)
    if match is None or not _is_minutes(match[1]):
        return None
    return int(match[1]) * TENTHS_PER_MIN + int(match[2]) * 10 + int(match[3] or 0)


def _is_minutes(digits: str) -> bool:
    return len(digits) == 2 or (len(digits) == 3 and digits[0] != "0")


def _minutes_overlap(low: str, high: str, lowest: int, highest: int) -> bool:
    """Whether some count of minutes between two digit strings of one length, all its tenths included, meets [lowest, highest]."""
    if len(low) == 3 and low[0] == "0":
        low = "100"
    if not _is_minutes(low) or int(low) > int(high):
        return False
    return int(low) * TENTHS_PER_MIN <= highest and (int(high) + 1) * TENTHS_PER_MIN > lowest


def _two_digits(last: int) -> str:
    """Every number from 0 to ``last``, with at least two digits."""
    if last < 10:
        return f"0[0-{last}]"
    choices = []
    for tens in range(last // 10 + 1):
        choices.append(f"{tens}[0-{9 if tens < last // 10 else last % 10}]")
    return f"({'|'.join(choices)})"
