"""What a loop leaves behind in a list of events: the same ones again, at the same times or later and later.

Contents: :func:`without_repeats`, :func:`without_loops`.
"""

from __future__ import annotations

import json

from .faults import Log
from .loose_times import Timed

COPIES = 4
"""People say a thing three times; four copies of everything that an event has are a loop."""
MAX_PERIOD = 8
"""Most events that one round of a loop may have. Chosen."""


def without_repeats(items: list[Timed], log: Log) -> list[Timed]:
    """The items without those that are there already, in every field and at the same times."""
    seen: set[str] = set()
    kept: list[Timed] = []
    repeated: list[Timed] = []
    for item in items:
        told = _told(item, times=True)
        (repeated if told in seen else kept).append(item)
        seen.add(told)
    if repeated:
        log.add("item.repeated", repeated[0].path, f"{len(repeated)} of {len(items)}")
    return kept


def without_loops(items: list[Timed], log: Log) -> list[Timed]:
    """The items with one copy of what comes :data:`COPIES` times or more in a row, whatever their times."""
    for period in range(1, MAX_PERIOD + 1):
        items = _once(items, period, log)
    return items


def _once(items: list[Timed], period: int, log: Log) -> list[Timed]:
    told = [_told(item, times=False) for item in items]
    kept: list[Timed] = []
    at = 0
    while at < len(items):
        end = at
        while end + period < len(items) and told[end] == told[end + period]:
            end += 1
        num_copies = (end - at) // period + 1
        if num_copies >= COPIES and any(told[at : at + period]):
            kept += items[at : at + period]
            log.add("item.loop", items[at + period].path, f"{num_copies} copies of {period} item{'s' if period > 1 else ''}")
            at += num_copies * period
        else:
            kept += items[at : max(end, at + 1)]
            at = max(end, at + 1)
    return kept


def _told(item: Timed, *, times: bool) -> str:
    """Everything that an item says; "" where it says nothing but who and when."""
    skipped = {""} if times else {"", "start", "end"}
    fields = {key: value for key, value in item.fields.items() if key not in skipped and value not in ("", None)}
    if not times and not set(fields) - {"character", "voice_type"}:
        return ""
    return json.dumps(fields, sort_keys=True, default=str)
