"""Temporal units: which pictures and which stretch of sound stand side by side, and at which time (paper, section 5.1).

Times are seconds from the clip's start. A unit with pictures holds ``patch`` of them, as Qwen3-VL joins them, and the sound from its
first picture to the next unit's; the first one begins with the clip. Where pictures come late, stand still for long, or there are none,
the sound goes on in units of :data:`SOUND_UNIT_S` without pictures. Units are gapless, so no sound is lost or heard twice.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

SOUND_UNIT_S = 1.0
"""Length of a unit that has sound alone."""
LONGEST_UNIT_S = 2.0
"""A unit with pictures ends so long after it begins, or with its last picture; what follows it is sound alone."""


@dataclass(frozen=True)
class TemporalUnit:
    """One pair (v_t, a_t). ``stamp_s`` is the time that the model reads; ``num_audio`` audio tokens follow the pictures."""

    start_s: float
    end_s: float
    stamp_s: float
    has_pictures: bool
    num_audio: int = 0


def make_units(
    picture_times_s: Sequence[float], duration_s: float, sound_s: float, tokens_per_second: int, patch: int = 2
) -> list[TemporalUnit]:
    """The units of a clip.

    Args:
        picture_times_s: exact times of the pictures, in order; the first may lie a little before the clip.
        duration_s: length of the clip. sound_s: length of its sound, 0 without.

    Raises:
        ValueError: the times go back.
    """
    times = [max(0.0, time_s) for time_s in picture_times_s]
    if any(after < before for before, after in itertools.pairwise(times)):
        raise ValueError("The times of the pictures go back.")
    if not times:
        return [_with_sound(unit, sound_s, tokens_per_second) for unit in _without_pictures(0.0, duration_s, sound_s)]
    groups = [times[first : first + patch] for first in range(0, len(times), patch)]
    starts = [group[0] for group in groups]
    if starts[0] <= SOUND_UNIT_S:
        starts[0] = 0.0
    units = _without_pictures(0.0, starts[0], sound_s)
    ends = [*starts[1:], max(duration_s, times[-1])]
    for group, start_s, end_s in zip(groups, starts, ends, strict=True):
        own_end_s = min(end_s, max(start_s + LONGEST_UNIT_S, group[-1]))
        units.append(TemporalUnit(start_s, own_end_s, (group[0] + group[-1]) / 2, True))
        units += _without_pictures(own_end_s, end_s, sound_s)
    return [_with_sound(unit, sound_s, tokens_per_second) for unit in units]


def _without_pictures(start_s: float, end_s: float, sound_s: float) -> list[TemporalUnit]:
    units = []
    while start_s < min(end_s, sound_s) - 1e-9:
        stop_s = min(start_s + SOUND_UNIT_S, end_s)
        units.append(TemporalUnit(start_s, stop_s, (start_s + stop_s) / 2, False))
        start_s = stop_s
    return units


def _with_sound(unit: TemporalUnit, sound_s: float, tokens_per_second: int) -> TemporalUnit:
    """Counts come from differences of one rounded clock, so their sum is exact."""
    first, past = (round(min(time_s, sound_s) * tokens_per_second) for time_s in (unit.start_s, unit.end_s))
    return TemporalUnit(unit.start_s, unit.end_s, unit.stamp_s, unit.has_pictures, past - first)
