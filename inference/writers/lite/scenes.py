"""Shots into scenes: stretches of one place and time.

A scene border is a shot border that nothing bridges: no shot before it looks like a shot after it (shot and reverse shot alternate, so
the last few on either side are compared, within a time window), no conversation runs across, no music holds both sides together; black
frames and text cards speak for a border. Then borders are moved off speech, and scenes shorter than a few seconds join the neighbour
they resemble. Without a picture, scenes are what long pauses part.

Times in seconds; scenes are gapless from 0 to the end. Contents: :func:`find_scenes`, :func:`distance`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from inference.evidence.joining.gather import Gathered, Shot
from inference.evidence.observed import Look
from inference.evidence.spans import Span, join_spans

BORDER = 0.17
"""Border score above which a scene ends; calibrated by eye on the footage and on rendered films."""
WINDOW_S = 25.0
"""Shots further apart than this do not hold a scene together. Chosen, like the next."""
AROUND = 4
"""How many shots on either side of a border are compared."""
SHORTEST_S = 5.0
"""A scene shorter than this joins a neighbour. Chosen."""
LONG_PAUSE_S = 8.0
"""Without a picture, a pause of this length parts two scenes. Chosen."""
BLACK = 0.06
"""Mean luma (0..1) below which a shot is black: it is compared with nothing, and speaks for a border."""


def find_scenes(film: Gathered) -> list[Span]:
    """(start, end) of each scene, in order, gapless."""
    if film.duration_s <= 0:
        return []
    seen = [shot for shot in film.shots if shot.look is not None]
    borders = [(time_s, 1.0) for time_s in _pauses(film)] if not seen else _borders(film)
    spoken = join_spans([(u.start_s, u.end_s) for u in film.utterances])
    moved: dict[float, float] = {}
    for time_s, score in borders:
        at = _off_speech(time_s, spoken)
        if 0.5 < at < film.duration_s - 0.5:
            moved[at] = max(score, moved.get(at, 0.0))
    return _drop_short(sorted(moved.items()), film.duration_s)


def _pauses(film: Gathered) -> list[float]:
    """Middles of long pauses, for sound without a picture."""
    busy = join_spans([(u.start_s, u.end_s) for u in film.utterances])
    return [(a[1] + b[0]) / 2 for a, b in itertools.pairwise(busy) if b[0] - a[1] >= LONG_PAUSE_S]


def _borders(film: Gathered) -> list[tuple[float, float]]:
    """Shot borders that end a scene, with their scores."""
    borders = []
    for i in range(1, len(film.shots)):
        score = border_score(film, i)
        if score >= BORDER:
            borders.append((film.shots[i].start_s, score))
    return borders


def border_score(film: Gathered, i: int) -> float:
    """How much speaks for a scene border before shot ``i`` (about 0..1)."""
    time_s = film.shots[i].start_s
    before = _comparable(film.shots[max(0, i - AROUND) : i], time_s)
    after = _comparable(film.shots[i : i + AROUND], time_s)
    if not before or not after:
        return 0.0
    score = min(distance(a, b) for a in before for b in after)
    neighbours = (film.shots[i - 1].look, film.shots[i].look)
    if any(look is not None and look.dark_share > 0.99 and look.brightness < BLACK for look in neighbours):
        score += 0.10
    if any(text.role == "title" and -3.0 < text.start_s - time_s < 3.0 for text in film.texts):
        score += 0.08
    last = max((u.end_s for u in film.utterances if u.end_s <= time_s + 0.1), default=-60.0)
    following = min((u.start_s for u in film.utterances if u.start_s >= time_s - 0.1), default=film.duration_s + 60.0)
    gap_s = following - last
    crossing = any(u.start_s < time_s - 0.1 and u.end_s > time_s + 0.1 for u in film.utterances)
    if crossing or gap_s < 0.6:
        score -= 0.08
    elif gap_s > 3.0:
        score += 0.05
    if any(s.kind == "music" and s.start_s < time_s - 3.0 and s.end_s > time_s + 3.0 for s in film.speech):
        score -= 0.03
    if _same_face(film, time_s):
        score -= 0.05
    return score


def _same_face(film: Gathered, time_s: float) -> bool:
    left = {f.identity for f in film.faces if f.identity >= 0 and time_s - 6.0 < f.end_s <= time_s + 0.2}
    right = {f.identity for f in film.faces if f.identity >= 0 and time_s - 0.2 <= f.start_s < time_s + 6.0}
    return bool(left & right)


def _comparable(shots: Sequence[Shot], time_s: float) -> list[Look]:
    """Looks of the shots near a border, black ones left out (they resemble every night)."""
    near = [shot for shot in shots if shot.look is not None and shot.start_s < time_s + WINDOW_S and shot.end_s > time_s - WINDOW_S]
    lit = [shot.look for shot in near if shot.look is not None and shot.look.brightness >= BLACK]
    return lit or [shot.look for shot in near if shot.look is not None]


def distance(left: Look, right: Look) -> float:
    """How differently two shots look, 0..1: palette first, then light and colour."""
    light = np.array([left.brightness - right.brightness, left.dark_share - right.dark_share, left.blue_bias - right.blue_bias])
    land = np.array([left.sky - right.sky, left.vegetation - right.vegetation, left.saturation - right.saturation])
    tone = float(np.abs(light).mean() * 0.6 + np.abs(land).mean() * 0.4)
    if not left.palette or not right.palette:
        return min(1.0, 1.6 * tone)
    return min(1.0, 0.5 * _palette_distance(left.palette, right.palette) + 0.5 * 1.6 * tone)


def _palette_distance(left: Sequence[str], right: Sequence[str]) -> float:
    """Mean distance from each colour to the nearest of the other palette, 0..1; the first colours weigh most."""
    a, b = _colours(left), _colours(right)
    table = np.linalg.norm(a[:, None] - b[None, :], axis=2)
    there = np.average(table.min(axis=1), weights=1.0 / np.arange(1, len(a) + 1))
    back = np.average(table.min(axis=0), weights=1.0 / np.arange(1, len(b) + 1))
    return float(min(1.0, (there + back) / 2))


def _colours(palette: Sequence[str]) -> np.ndarray:
    """Colours as rows in 0..1, without black where there is any other: letterboxes and panel borders say nothing about a place."""
    colours = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for colour in palette])
    lit = colours[colours.max(axis=1) > 0.08]
    return lit if len(lit) else colours[:1]


def _off_speech(time_s: float, spoken: Sequence[Span]) -> float:
    """The nearest time at which nobody is in the middle of a line."""
    for start_s, end_s in spoken:
        if start_s < time_s < end_s:
            return start_s if time_s - start_s <= end_s - time_s else end_s
    return time_s


def _drop_short(borders: list[tuple[float, float]], duration_s: float) -> list[Span]:
    """Scenes between borders; while one is too short, its weaker border goes."""
    kept = list(borders)
    while kept:
        edges = [0.0, *(time_s for time_s, _ in kept), duration_s]
        lengths = [b - a for a, b in itertools.pairwise(edges)]
        shortest = min(range(len(lengths)), key=lambda k: lengths[k])
        if lengths[shortest] >= SHORTEST_S:
            break
        around = [k for k in (shortest - 1, shortest) if 0 <= k < len(kept)]
        del kept[min(around, key=lambda k: (kept[k][1], k))]
    edges = [0.0, *(round(time_s, 3) for time_s, _ in kept), duration_s]
    return list(itertools.pairwise(edges))
