"""Exteriors, painted by day in units of a picture 160 wide and 90 high, above a sky that is left unpainted (transparent).

Each painter takes a :class:`.canvas.Brush` and a seeded random source for the scattering of plants and windows, and returns the lights.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from .canvas import Brush, Color, shade
from .rooms import WARM, Light


def _ground(b: Brush, color: Color, top: float = 62.0) -> None:
    for i in range(8):
        y = top + i * (90 - top) / 8
        b.rectangle(0, y, 160, 90, shade(color, 0.9 + 0.03 * i))


def _hills(b: Brush, base: float, height: float, color: Color, phase: float) -> None:
    points = [(x, base - height * (0.5 + 0.5 * ((x * 0.037 + phase) % 2 - 1) ** 2) - 2 * ((x // 16) % 3)) for x in range(-8, 176, 16)]
    b.blob([*points, (176, 92), (-16, 92)], color)


def _tree(b: Brush, rng: random.Random, x: float, foot: float, size: float, leaf: Color) -> None:
    b.limb([(x, foot), (x - 0.3 * size, foot - 5 * size), (x, foot - 9 * size)], [2.4 * size, 1.8 * size, 1.4 * size], (96, 68, 48))
    for _ in range(9):
        dx, dy = rng.uniform(-5, 5) * size, rng.uniform(-5.5, 3.0) * size
        b.ellipse(x + dx, foot - 13 * size + dy, 4.2 * size, 3.8 * size, shade(leaf, 0.78 + 0.05 * ((dy / size + 6) / 2)))
    for _ in range(6):
        dx, dy = rng.uniform(-4.5, 2.5) * size, rng.uniform(-5.5, 1) * size
        b.ellipse(x + dx, foot - 14 * size + dy, 2.6 * size, 2.3 * size, shade(leaf, 1.1))


def _fir(b: Brush, x: float, foot: float, size: float, leaf: Color) -> None:
    b.rectangle(x - 0.8 * size, foot - 4 * size, x + 0.8 * size, foot, (84, 60, 44))
    for i in range(4):
        half, y = (6.2 - i * 1.3) * size, foot - (3 + i * 4.2) * size
        b.polygon([(x - half, y), (x, y - 7.5 * size), (x + half, y)], shade(leaf, 0.9 + 0.07 * i))


def park(b: Brush, rng: random.Random) -> list[Light]:
    """Lawn, path, trees, a bench, a lamp post, flowers."""
    _hills(b, 62, 14, (126, 168, 122), 0.3)
    _ground(b, (112, 168, 86), 60)
    b.blob([(70, 60), (78, 60), (100, 72), (150, 90), (40, 92), (66, 72)], (214, 196, 160))
    for x, foot, size in ((14, 66, 2.2), (44, 62, 1.3), (120, 62, 1.5), (148, 67, 2.4)):
        _tree(b, rng, x, foot, size, (84, 146, 72))
    for y in (56, 59, 63):
        b.rectangle(98, y, 122, y + 1.9, (140, 92, 60))
    for x in (100, 119):
        b.rectangle(x, 56, x + 1.2, 70, (60, 60, 64))
    b.rectangle(61.5, 32, 62.7, 68, (58, 62, 66))
    b.ellipse(62.1, 30, 2.6, 2.9, (250, 240, 206))
    for _ in range(60):
        b.ellipse(
            rng.uniform(0, 160),
            rng.uniform(68, 89),
            0.55,
            0.45,
            rng.choice([(240, 220, 90), (236, 120, 140), (250, 250, 250), (150, 110, 200)]),
        )
    return [Light(62, 30, 40, WARM, 0.85)]


def forest(b: Brush, rng: random.Random) -> list[Light]:
    """Rows of firs, undergrowth, a clearing."""
    for row, (foot, size, color) in enumerate(((60, 1.6, (92, 132, 106)), (64, 2.1, (66, 112, 80)), (68, 2.9, (46, 92, 62)))):
        for i in range(15 - row * 4):
            if row < 2 or not 0.26 < i / (15 - row * 4) < 0.74:
                _fir(b, i * 160 / (14 - row * 4) + rng.uniform(-3, 3), foot + rng.uniform(-1, 1), size * rng.uniform(0.85, 1.15), color)
        if row == 1:
            _ground(b, (98, 118, 70), 62)
    for _ in range(70):
        x, y = rng.uniform(0, 160), rng.uniform(70, 90)
        b.polygon([(x - 0.8, y), (x, y - rng.uniform(1.5, 3.5)), (x + 0.8, y)], (70, 110, 58))
    b.limb([(112, 76), (138, 74)], [5, 4.4], (104, 74, 52))
    b.ellipse(112, 76, 2.2, 2.5, (170, 130, 92))
    return []


def street(b: Brush, rng: random.Random) -> list[Light]:
    """House fronts with windows, pavement, road, street lamps."""
    lights = []
    x = 0.0
    colors: list[Color] = [(190, 120, 98), (206, 186, 150), (150, 160, 176), (176, 140, 120), (142, 158, 138), (198, 168, 130)]
    for i in range(6):
        width, top = 26 + (i * 7) % 6, 12 + (i * 13) % 17
        b.rectangle(x, top, x + width, 66, colors[i])
        b.rectangle(x - 0.6, top - 1.6, x + width + 0.6, top + 0.6, shade(colors[i], 0.7))
        for row in range(int((54 - top) // 11)):
            for column in range(3):
                wx, wy = x + 3.4 + column * (width - 5) / 3, top + 5 + row * 11
                lit = rng.random() < 0.45
                b.rectangle(wx - 0.6, wy - 0.6, wx + 5.4, wy + 7.2, (240, 236, 226))
                b.rectangle(wx, wy, wx + 4.8, wy + 6.6, (110, 140, 166))
                if lit:
                    lights.append(Light(wx + 2.4, wy + 3.3, 5.5, WARM, 0.9))
        b.rectangle(x + width / 2 - 3, 54, x + width / 2 + 3, 66, shade(colors[(i + 2) % 6], 0.6))
        x += width
    b.rectangle(0, 66, 160, 71, (170, 168, 164))
    b.rectangle(0, 71, 160, 72, (130, 128, 126))
    b.rectangle(0, 72, 160, 80, (84, 86, 92))
    for i in range(9):
        b.rectangle(i * 20 - 4, 75.4, i * 20 + 6, 76.2, (226, 222, 206))
    b.rectangle(0, 80, 160, 90, (158, 156, 152))
    for i in range(14):
        b.polygon([(i * 13, 80), (i * 13 + 0.5, 80), (i * 15 - 12, 90), (i * 15 - 13, 90)], (136, 134, 132))
    for lamp_x in (30, 130):
        b.rectangle(lamp_x - 0.6, 30, lamp_x + 0.6, 68, (52, 56, 62))
        b.blob([(lamp_x - 3, 31), (lamp_x, 26), (lamp_x + 3, 31)], (250, 236, 190))
        lights.append(Light(lamp_x, 30, 42, WARM, 0.9))
    return lights


def beach(b: Brush, rng: random.Random) -> list[Light]:
    """Sea, sand, a palm, a parasol."""
    for i in range(10):
        b.rectangle(0, 48 + i * 1.7, 160, 68, shade((52, 128, 168), 0.85 + 0.045 * i))
    b.blob([(-10, 68), (30, 65.5), (80, 67), (130, 64.5), (170, 67), (170, 94), (-10, 94)], (232, 208, 158))
    b.blob(
        [(-10, 67.4), (30, 65), (80, 66.4), (130, 64), (170, 66.4), (170, 67.4), (130, 65.2), (80, 67.6), (30, 66.2), (-10, 68.6)],
        (250, 250, 246),
    )
    for _ in range(90):
        b.ellipse(rng.uniform(0, 160), rng.uniform(70, 90), 0.35, 0.25, (204, 178, 130))
    b.limb([(16, 76), (18, 58), (24, 40)], [3.4, 2.6, 2.0], (142, 104, 70))
    for dx, dy in ((-16, 4), (-11, -7), (2, -11), (13, -6), (17, 5)):
        b.blob([(24, 40), (24 + dx * 0.5, 38 + dy - 2), (24 + dx, 42 + dy), (24 + dx * 0.55, 41 + dy)], (72, 140, 74))
    b.rectangle(131.5, 46, 132.5, 74, (230, 230, 226))
    for i in range(4):
        b.polygon([(132, 38), (118 + i * 7, 50), (125 + i * 7, 50)], (222, 84, 72) if i % 2 else (248, 244, 234))
    return []


LANDSCAPES: dict[str, Callable[[Brush, random.Random], list[Light]]] = {"park": park, "forest": forest, "street": street, "beach": beach}
