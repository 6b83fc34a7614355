"""Interiors, painted by day in units of a picture 160 wide and 90 high; the floor begins at y = 66.

Each painter takes a :class:`.canvas.Brush` and leaves window panes unpainted (transparent), so that the sky shows through. It returns
the :class:`Light` sources, which glow when the room is dark.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .canvas import Brush, Color, shade


@dataclass(frozen=True)
class Light:
    """A lamp, fire or sign: place and radius in units, colour, strength 0..1, and whether it flickers."""

    x: float
    y: float
    radius: float
    color: Color
    strength: float
    flickers: bool = False


WARM: Color = (255, 206, 130)
FIRE: Color = (255, 150, 60)


def _shell(b: Brush, wall: Color, floor: Color, window: tuple[float, float, float, float] | None) -> None:
    """Walls with a baseboard, a boarded floor, and a window left open to the sky (left, top, right, bottom)."""
    left, top, right, bottom = window or (0, 0, 0, 0)
    pieces = (
        [(0, 0, 160, 66)] if window is None else [(0, 0, left, 66), (right, 0, 160, 66), (left, 0, right, top), (left, bottom, right, 66)]
    )
    for piece in pieces:
        b.rectangle(*piece, wall)
        for x in range(int(piece[0]) // 8 * 8, int(piece[2]), 8):
            if piece[0] <= x and x + 3 <= piece[2]:
                b.rectangle(x, piece[1], x + 3, piece[3], shade(wall, 1.05))
    b.rectangle(0, 66, 160, 90, floor)
    for i in range(-10, 27):
        b.polygon(
            [(i * 10, 66), (i * 10 + 0.5, 66), (80 + (i * 10 - 80) * 1.7 + 0.8, 90), (80 + (i * 10 - 80) * 1.7, 90)], shade(floor, 0.86)
        )
    b.rectangle(0, 63.5, 160, 66, shade(wall, 0.72))
    if window is not None:
        frame: Color = (244, 240, 230)
        middle_x, middle_y = (left + right) / 2, (top + bottom) / 2
        bars = (
            (left - 1.4, top - 1.4, right + 1.4, top),
            (left - 1.4, bottom, right + 1.4, bottom + 1.6),
            (left - 1.4, top, left, bottom),
            (right, top, right + 1.4, bottom),
            (middle_x - 0.5, top, middle_x + 0.5, bottom),
            (left, middle_y - 0.5, right, middle_y + 0.5),
        )
        for x0, y0, x1, y1 in bars:
            b.rectangle(x0, y0, x1, y1, frame)


def _curtain(b: Brush, left: float, top: float, width: float, bottom: float, color: Color) -> None:
    for i in range(4):
        x = left + i * width / 4
        b.blob(
            [(x, top), (x + width / 4, top), (x + width / 4 + 0.4, bottom), (x + width / 8, bottom + 1.2), (x - 0.4, bottom)],
            shade(color, 1.0 if i % 2 else 0.86),
        )


def living_room(b: Brush) -> list[Light]:
    """Sofa, fireplace, window with curtains, pictures, a standing lamp."""
    _shell(b, (196, 178, 152), (142, 98, 66), (56, 12, 92, 46))
    _curtain(b, 47, 8, 10, 56, (150, 62, 62))
    _curtain(b, 91, 8, 10, 56, (150, 62, 62))
    b.rectangle(44, 7, 104, 8.4, (92, 64, 44))
    b.rectangle(116, 32, 146, 66, (150, 92, 76))
    for row in range(6):
        for column in range(5):
            b.rectangle(
                116.5 + column * 6 + (row % 2) * 2 - 0.5,
                34 + row * 5.4,
                121.5 + column * 6 + (row % 2) * 1.5 - 0.5,
                38.6 + row * 5.4,
                (168, 106, 86),
            )
    b.rectangle(113, 29, 149, 33, (96, 68, 48))
    b.blob([(122, 66), (122, 50), (131, 45), (140, 50), (140, 66)], (34, 26, 26))
    b.rectangle(123, 63, 139, 66, (72, 48, 34))
    b.rectangle(122, 14, 140, 27, (110, 78, 48))
    b.rectangle(123.4, 15.4, 138.6, 25.6, (92, 132, 150))
    b.blob([(123.4, 25.6), (127, 20), (131, 23), (135, 18.5), (138.6, 25.6)], (82, 110, 76))
    b.blob([(6, 70), (6, 50), (10, 44), (38, 44), (42, 50), (42, 70)], (70, 104, 116))
    b.blob([(3, 74), (3, 56), (8, 54), (10, 60), (38, 60), (40, 54), (45, 56), (45, 74)], (82, 120, 132))
    b.rectangle(10, 60, 38, 66, (96, 136, 148))
    b.blob([(11, 60), (13, 50), (20, 51), (21, 60)], (220, 170, 84))
    b.rectangle(3, 73, 7, 76, (70, 50, 38))
    b.rectangle(41, 73, 45, 76, (70, 50, 38))
    b.rectangle(106.6, 34, 107.6, 70, (60, 52, 48))
    b.rectangle(103.5, 69, 110.7, 70.6, (60, 52, 48))
    b.polygon([(102, 36), (104.6, 25), (109.6, 25), (112.2, 36)], (250, 226, 170))
    b.rectangle(12, 16, 32, 32, (96, 68, 48))
    b.rectangle(13.4, 17.4, 30.6, 30.6, (214, 196, 170))
    b.ellipse(22, 24, 4.2, 5.0, (170, 110, 90))
    b.blob([(46, 84), (66, 77), (104, 77), (122, 84), (100, 89), (66, 89)], (150, 70, 64))
    b.blob([(54, 83.6), (70, 79), (100, 79), (113, 83.6), (98, 87), (70, 87)], (196, 150, 112))
    return [Light(107, 31, 56, WARM, 0.75), Light(131, 60, 34, FIRE, 0.9, True)]


def kitchen(b: Brush) -> list[Light]:
    """Cupboards, stove, fridge, tiles, a hanging lamp."""
    _shell(b, (216, 222, 206), (176, 164, 148), (64, 14, 94, 38))
    for column in range(27):
        for row in range(3):
            b.rectangle(
                column * 6 + 0.3, 40 + row * 5, column * 6 + 5.7, 44.6 + row * 5, (236, 240, 236) if (column + row) % 2 else (196, 216, 214)
            )
    for x in (8, 30, 98):
        b.rectangle(x, 10, x + 20, 34, (120, 150, 140))
        b.rectangle(x + 1, 11, x + 9.6, 33, (134, 166, 154))
        b.rectangle(x + 10.4, 11, x + 19, 33, (134, 166, 154))
    b.rectangle(0, 53, 126, 56, (92, 74, 62))
    for x in range(0, 126, 21):
        b.rectangle(x, 56, x + 20.6, 72, (120, 150, 140))
        b.rectangle(x + 1.2, 57.4, x + 19.4, 70.6, (134, 166, 154))
        b.ellipse(x + 17, 60, 0.8, 0.8, (230, 226, 210))
    b.rectangle(40, 54, 62, 72, (70, 74, 80))
    b.rectangle(42, 59, 60, 70, (38, 42, 48))
    b.rectangle(45, 46, 57, 53, (178, 60, 52))
    b.rectangle(128, 20, 152, 74, (226, 230, 234))
    b.rectangle(128, 42, 152, 43, (160, 166, 172))
    b.rectangle(130, 34, 131.4, 40, (120, 126, 132))
    b.rectangle(130, 45, 131.4, 54, (120, 126, 132))
    b.rectangle(79.6, 0, 80.4, 6, (60, 60, 60))
    b.polygon([(74, 10), (78, 5), (82, 5), (86, 10)], (200, 84, 60))
    b.blob([(104, 53), (105, 48), (112, 47), (114, 53)], (226, 178, 62))
    return [Light(80, 11, 70, WARM, 0.8)]


def office(b: Brush) -> list[Light]:
    """Desk with a screen, shelves, a plant, a whiteboard."""
    _shell(b, (206, 212, 220), (112, 118, 130), (104, 10, 150, 44))
    b.rectangle(8, 12, 42, 66, (128, 96, 70))
    books: list[Color] = [(180, 60, 54), (62, 110, 150), (230, 190, 90), (90, 140, 96), (130, 90, 140)]
    for row in range(4):
        b.rectangle(10, 14 + row * 13, 40, 25.4 + row * 13, (92, 68, 50))
        for i in range(9):
            height = 7 + (i * 7 + row * 3) % 4
            b.rectangle(10.6 + i * 3.2, 25.4 + row * 13 - height, 13.2 + i * 3.2, 25.4 + row * 13, books[(i + row) % 5])
    b.rectangle(52, 12, 94, 40, (150, 154, 160))
    b.rectangle(53.4, 13.4, 92.6, 38.6, (248, 250, 250))
    for i, color in enumerate([(70, 120, 190), (200, 80, 70), (80, 150, 100)]):
        b.stroke([(57, 20 + i * 6), (66 + i * 5, 18 + i * 6.5), (86 - i * 3, 22 + i * 5)], 0.8, color)
    b.rectangle(104, 54, 156, 57.6, (150, 108, 74))
    b.rectangle(107, 57.6, 110, 78, (120, 86, 60))
    b.rectangle(150, 57.6, 153, 78, (120, 86, 60))
    b.rectangle(120, 38, 142, 51, (40, 44, 52))
    b.rectangle(121, 39, 141, 50, (112, 170, 206))
    b.rectangle(129.6, 51, 132.4, 54, (60, 64, 70))
    b.blob([(46, 70), (47, 60), (53, 60), (54, 70)], (176, 96, 70))
    for dx in (-6, -3, 0, 3, 6):
        b.blob([(50, 61), (50 + dx, 48 - abs(dx) * 0.4), (50 + dx * 1.5, 44 + abs(dx)), (50 + dx * 0.6, 56)], (62, 128, 82))
    return [Light(131, 45, 30, (160, 210, 255), 0.6), Light(80, 0, 90, (255, 246, 220), 0.5)]


def bedroom(b: Brush) -> list[Light]:
    """A bed, a bedside lamp, a wardrobe, a window."""
    _shell(b, (178, 186, 206), (150, 118, 94), (70, 12, 98, 42))
    _curtain(b, 62, 9, 9, 52, (92, 112, 160))
    _curtain(b, 97, 9, 9, 52, (92, 112, 160))
    b.rectangle(118, 14, 152, 68, (134, 98, 72))
    b.rectangle(120, 16, 134, 66, (150, 112, 82))
    b.rectangle(136, 16, 150, 66, (150, 112, 82))
    b.blob([(4, 70), (4, 44), (8, 40), (12, 44), (12, 70)], (110, 78, 56))
    b.blob([(8, 76), (8, 60), (14, 56), (52, 57), (58, 62), (58, 76)], (206, 120, 110))
    b.blob([(10, 60), (12, 54), (24, 53), (26, 60)], (246, 244, 238))
    b.rectangle(106, 56, 116, 68, (120, 88, 64))
    b.polygon([(107, 48), (109, 42), (114, 42), (116, 48)], (252, 230, 180))
    b.rectangle(111, 48, 112, 56, (90, 80, 70))
    return [Light(111, 46, 54, WARM, 0.85)]


def cave(b: Brush) -> list[Light]:
    """Rock walls, stalactites, an opening to the sky, a camp fire."""
    rock: Color = (104, 92, 88)
    b.polygon(
        [(0, 0), (160, 0), (160, 90), (0, 90), (0, 0), (118, 66), (122, 40), (130, 24), (142, 20), (152, 30), (156, 66), (118, 66)], rock
    )
    for i in range(26):
        x, y = (i * 37) % 112, (i * 23) % 62
        b.blob([(x, y), (x + 9, y - 3), (x + 15, y + 4), (x + 8, y + 9), (x - 2, y + 6)], shade(rock, 0.82 + 0.06 * (i % 5)))
    for i in range(12):
        left = i * 10.5 + 3
        b.polygon([(left, 0), (left + 7, 0), (left + 3.2, 8 + (i * 5) % 13)], shade(rock, 0.66))
    b.blob([(0, 66), (40, 63), (90, 67), (160, 64), (160, 92), (0, 92)], (124, 104, 88))
    for x in (22, 118, 140):
        b.blob([(x - 7, 70), (x - 4, 63), (x + 4, 62), (x + 8, 70)], shade(rock, 0.9))
    for dx in (-5, 0, 5):
        b.stroke([(80 - dx, 74), (80 + dx, 69)], 2.0, (84, 56, 38))
    return [Light(80, 66, 62, FIRE, 0.95, True)]


ROOMS: dict[str, Callable[[Brush], list[Light]]] = {
    "living room": living_room,
    "kitchen": kitchen,
    "office": office,
    "bedroom": bedroom,
    "cave": cave,
}
