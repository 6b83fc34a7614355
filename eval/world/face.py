"""The head of a puppet: hair, eyes, brows, nose, mouth, in units of the body (the head is about 18 wide and 22 high).

:class:`Mien` is what a face shows at one moment. The mouth opens in steps with the loudness of the speech; brows, lids and lips carry the
expression. A head turned by ``turn`` (-1..1) shifts its features to that side.
"""

from __future__ import annotations

from dataclasses import dataclass

from .appearance import CLOTHES, HAIRS, SKINS, Appearance
from .canvas import Brush, Color, mix, shade

EXPRESSIONS = ("neutral", "happy", "sad", "angry", "surprised")


@dataclass(frozen=True)
class Mien:
    """A face at one moment. ``mouth`` is 0 (closed) to 5 (wide open); ``turn`` -1..1; ``tilt`` in degrees; ``gaze`` -1..1."""

    expression: str = "neutral"
    mouth: int = 0
    blink: bool = False
    turn: float = 0.0
    tilt: float = 0.0
    gaze: float = 0.0


def draw_head(brush: Brush, appearance: Appearance, mien: Mien, x: float, y: float) -> None:
    """Paint the head about (x, y), its middle."""
    skin = SKINS[appearance.skin]
    with brush.turned((x, y + 9), mien.tilt):
        _hair_back(brush, appearance, x, y)
        brush.ellipse(x - 9.2 + mien.turn * 1.2, y + 1.5, 1.7, 2.6, shade(skin, 0.88))
        brush.ellipse(x + 9.2 + mien.turn * 1.2, y + 1.5, 1.7, 2.6, shade(skin, 0.88))
        _skull(brush, x, y, shade(skin, 0.93))
        _skull(brush, x - 0.45, y - 0.4, skin)
        fx = x + 2.6 * mien.turn
        cheek = mix(skin, (226, 96, 84), 0.28 if mien.expression in ("happy", "angry") else 0.14)
        for side in (-1, 1):
            brush.ellipse(fx + side * 5.3, y + 4.2, 1.9, 1.3, cheek)
        if appearance.beard:
            _beard(brush, appearance, fx, y)
        _nose(brush, fx, y, skin, mien.turn)
        _mouth(brush, appearance, mien, fx, y)
        for side in (-1, 1):
            _eye(brush, appearance, mien, fx, y, side)
        _hair_front(brush, appearance, x, y, mien.turn)
        if appearance.glasses:
            _glasses(brush, fx, y)
        if appearance.hat:
            _hat(brush, CLOTHES[appearance.hat], x, y)


def _skull(brush: Brush, x: float, y: float, color: Color) -> None:
    brush.blob(
        [
            (x, y - 11),
            (x + 6.6, y - 8.6),
            (x + 9, y - 1.5),
            (x + 8.1, y + 5),
            (x + 4.2, y + 10),
            (x, y + 11.2),
            (x - 4.2, y + 10),
            (x - 8.1, y + 5),
            (x - 9, y - 1.5),
            (x - 6.6, y - 8.6),
        ],
        color,
    )


def _eye(brush: Brush, appearance: Appearance, mien: Mien, x: float, y: float, side: int) -> None:
    width = 1.0 - 0.22 * max(0.0, mien.turn * side)
    ex, ey = x + side * 3.8 * width, y - 0.6
    line = shade(HAIRS[appearance.hair], 0.45) if appearance.hair != "blond" else (90, 66, 40)
    wide = {"surprised": 2.35, "angry": 1.35, "happy": 1.55, "sad": 1.5}.get(mien.expression, 1.75)
    if mien.blink:
        brush.stroke([(ex - 2.1 * width, ey + 0.2), (ex, ey + 0.9), (ex + 2.1 * width, ey + 0.2)], 0.5, line)
    else:
        brush.ellipse(ex, ey, 2.25 * width, wide, (252, 252, 250))
        iris = {"blond": (72, 118, 160), "red": (74, 128, 84), "grey": (96, 120, 140)}.get(appearance.hair, (92, 62, 40))
        ix = ex + 0.75 * mien.gaze
        brush.ellipse(ix, ey + 0.1, 1.3, min(1.3, wide), iris)
        brush.ellipse(ix, ey + 0.1, 0.68, 0.68, (22, 18, 20))
        brush.ellipse(ix - 0.42, ey - 0.42, 0.32, 0.32, (255, 255, 255))
        drop = {"sad": (-0.5, 0.7), "angry": (0.6, -0.7)}.get(mien.expression, (0.0, 0.0))
        inner, outer = (drop[1], drop[0]) if side > 0 else (drop[0], drop[1])
        lid = [
            (ex - 2.4 * width, ey - wide * 0.35 - inner * 0.5),
            (ex, ey - wide - 0.05),
            (ex + 2.4 * width, ey - wide * 0.35 - outer * 0.5),
        ]
        brush.stroke(lid, 0.75 if appearance.woman else 0.5, line)
        if appearance.woman:
            brush.stroke([(ex + side * 2.2 * width, ey - wide * 0.4), (ex + side * 3.0 * width, ey - wide * 0.4 - 0.9)], 0.4, line)
    _brow(brush, appearance, mien.expression, ex, ey - wide, side, width)


def _brow(brush: Brush, appearance: Appearance, expression: str, x: float, y: float, side: int, width: float) -> None:
    inner, outer, lift = {
        "happy": (-0.1, 0.1, 0.7),
        "sad": (-1.3, 0.9, 0.5),
        "angry": (1.2, -0.9, -0.1),
        "surprised": (-0.3, 0.1, 1.5),
    }.get(expression, (0.0, 0.2, 0.3))
    base = y - 1.1 - lift
    points = [(x - side * 2.3 * width, base + inner), (x + side * 0.3, base - 0.5), (x + side * 2.6 * width, base + outer)]
    brush.stroke(points, 0.75 if appearance.woman else 1.05, shade(HAIRS[appearance.hair], 0.75))


def _nose(brush: Brush, x: float, y: float, skin: Color, turn: float) -> None:
    lean = 0.7 + 0.5 * turn if turn >= 0 else -0.7 + 0.5 * turn
    brush.stroke([(x + lean * 0.3, y + 0.3), (x + lean * 1.3, y + 3.0), (x - lean * 0.2, y + 3.6)], 0.5, shade(skin, 0.78))


def _mouth(brush: Brush, appearance: Appearance, mien: Mien, x: float, y: float) -> None:
    skin = SKINS[appearance.skin]
    lips = mix(skin, (176, 46, 56), 0.62 if appearance.woman else 0.36)
    curve = {"happy": 1.25, "sad": -1.1, "angry": -0.75, "surprised": 0.0}.get(mien.expression, 0.2)
    my = y + 6.4
    if mien.mouth == 0 and mien.expression != "surprised":
        wide = 3.5 if mien.expression == "happy" else 2.8
        brush.stroke([(x - wide, my - curve), (x, my + curve * 0.6), (x + wide, my - curve)], 0.62, shade(lips, 0.72))
        brush.stroke([(x - 1.4, my + curve * 0.5 + 1.1), (x + 1.4, my + curve * 0.5 + 1.1)], 0.4, shade(skin, 0.86))
        return
    level = max(mien.mouth, 2 if mien.expression == "surprised" else 1)
    half = {"surprised": 1.9, "happy": 3.3}.get(mien.expression, 2.8) + (0.4 if level in (2, 4) else 0.0)
    open_y = 0.35 + 0.52 * level
    outline = [(x - half, my - curve * 0.7), (x - half * 0.5, my - open_y * 0.6), (x, my - open_y * 0.5), (x + half * 0.5, my - open_y * 0.6), (x + half, my - curve * 0.7),
               (x + half * 0.6, my + open_y), (x, my + open_y * 1.15), (x - half * 0.6, my + open_y)]  # fmt: skip
    middle = [(x + (px - x) * 0.86, my + (py - my) * 0.78) for px, py in outline]
    brush.blob(outline, lips)
    brush.blob(middle, (74, 22, 26))
    if level >= 2:
        brush.blob(
            [
                (x - half * 0.55, my - open_y * 0.38),
                (x, my - open_y * 0.36),
                (x + half * 0.55, my - open_y * 0.38),
                (x, my + open_y * 0.02),
            ],
            (248, 246, 240),
        )
    if level >= 3:
        brush.ellipse(x, my + open_y * 0.72, half * 0.42, open_y * 0.24, (200, 84, 88))


def _beard(brush: Brush, appearance: Appearance, x: float, y: float) -> None:
    color = shade(HAIRS[appearance.hair], 0.95)
    brush.blob([(x - 8.0, y + 1.5), (x - 6.2, y + 5.0), (x - 3.4, y + 4.9), (x, y + 4.3), (x + 3.4, y + 4.9), (x + 6.2, y + 5.0), (x + 8.0, y + 1.5), (x + 7.4, y + 8.2),
                (x + 3.6, y + 12.2), (x, y + 13.0), (x - 3.6, y + 12.2), (x - 7.4, y + 8.2)], color)  # fmt: skip
    brush.ellipse(x, y + 6.7, 3.3, 1.7, mix(SKINS[appearance.skin], color, 0.25))


def _glasses(brush: Brush, x: float, y: float) -> None:
    frame: Color = (44, 42, 52)
    for side in (-1, 1):
        cx, cy = x + side * 3.9, y - 0.4
        ring = [
            (cx + 3.1 * a, cy + 2.7 * b)
            for a, b in ((1, 0), (0.7, 0.75), (0, 1), (-0.7, 0.75), (-1, 0), (-0.7, -0.75), (0, -1), (0.7, -0.75), (1, 0))
        ]
        brush.stroke(ring, 0.45, frame)
        brush.stroke([(x + side * 7.0, y - 0.6), (x + side * 9.2, y - 0.9)], 0.45, frame)
    brush.stroke([(x - 0.9, y - 0.6), (x + 0.9, y - 0.6)], 0.5, frame)


def _hat(brush: Brush, color: Color, x: float, y: float) -> None:
    brush.blob([(x - 8.6, y - 5.6), (x - 8.0, y - 12.5), (x, y - 15.6), (x + 8.0, y - 12.5), (x + 8.6, y - 5.6), (x, y - 7.2)], color)
    brush.blob([(x - 13, y - 5.2), (x, y - 8.2), (x + 13, y - 5.2), (x, y - 4.4)], shade(color, 0.8))
    brush.stroke([(x - 8.6, y - 7.2), (x, y - 9.2), (x + 8.6, y - 7.2)], 1.2, shade(color, 0.55))


def _hair_back(brush: Brush, appearance: Appearance, x: float, y: float) -> None:
    color = shade(HAIRS[appearance.hair], 0.82)
    if appearance.hair_style == "long":
        brush.blob(
            [
                (x, y - 12.4),
                (x + 9.6, y - 8.5),
                (x + 11.4, y + 4),
                (x + 11, y + 17),
                (x + 5, y + 19.5),
                (x - 5, y + 19.5),
                (x - 11, y + 17),
                (x - 11.4, y + 4),
                (x - 9.6, y - 8.5),
            ],
            color,
        )
    elif appearance.hair_style == "bob":
        brush.blob(
            [
                (x, y - 12.4),
                (x + 9.8, y - 8),
                (x + 11.4, y + 3),
                (x + 9.6, y + 9.5),
                (x, y + 8),
                (x - 9.6, y + 9.5),
                (x - 11.4, y + 3),
                (x - 9.8, y - 8),
            ],
            color,
        )
    elif appearance.hair_style == "ponytail":
        brush.blob([(x + 5, y - 10), (x + 13, y - 8), (x + 15, y + 4), (x + 12, y + 13), (x + 10.5, y + 3), (x + 7, y - 3)], color)
    elif appearance.hair_style == "bun":
        brush.ellipse(x, y - 13.4, 5.2, 4.6, color)
    elif appearance.hair_style == "curly":
        for i in range(11):
            dx, dy = (i - 5) * 2.1, abs(i - 5) ** 1.6 * 0.95
            brush.ellipse(x + dx, y - 9.5 + dy, 4.2, 4.2, color)


def _hair_front(brush: Brush, appearance: Appearance, x: float, y: float, turn: float) -> None:
    color = HAIRS[appearance.hair]
    light = shade(color, 1.16)
    style = appearance.hair_style
    if style == "bald":
        return
    if style == "spiky":
        points = [(x - 9.3, y - 1.0), (x - 8.6, y - 8.6), (x - 10.2, y - 12), (x - 6.0, y - 11.5), (x - 5.0, y - 15.6), (x - 1.5, y - 12.4), (x + 1.2, y - 16.2), (x + 3.4, y - 12.3),
                  (x + 7.4, y - 14.6), (x + 7.4, y - 10.5), (x + 10.4, y - 9.5), (x + 9.3, y - 1.0), (x + 7.2, y - 6.2), (x, y - 7.4), (x - 7.2, y - 6.2)]  # fmt: skip
        brush.polygon(points, color)
    elif style == "curly":
        for i in range(7):
            brush.ellipse(x + (i - 3) * 2.5, y - 9.4 + abs(i - 3) * 0.75, 2.7, 2.4, color if i % 2 else light)
    elif style in ("long", "bob"):
        part = -2.5 + turn * 1.5
        brush.blob(
            [
                (x + part, y - 12.6),
                (x + 8, y - 10),
                (x + 10.6, y - 2),
                (x + 10.3, y + 5),
                (x + 8.3, y + 1),
                (x + 6.4, y - 4.8),
                (x + part, y - 8.2),
            ],
            color,
        )
        brush.blob(
            [
                (x + part, y - 12.6),
                (x - 8, y - 10),
                (x - 10.6, y - 2),
                (x - 10.3, y + 5),
                (x - 8.3, y + 1),
                (x - 7.4, y - 3.8),
                (x + part, y - 8.2),
            ],
            color,
        )
        brush.stroke([(x - 6.2, y - 10), (x - 1, y - 11.2), (x + 5, y - 9.8)], 0.9, light)
    else:
        low = -4.2 if style == "side" else -5.4
        brush.blob([(x - 9.4, y - 0.4), (x - 9.8, y - 7.5), (x - 5, y - 12.6), (x + 2, y - 13.2), (x + 8, y - 10.4), (x + 9.7, y - 5), (x + 9.3, y - 0.4), (x + 7.9, y - 4.2), (x + 4, y - 7.2),
                    (x - 2, y - 7.0), (x - 6, y + low), (x - 8, y - 3.4)], color)  # fmt: skip
        brush.stroke([(x - 5.4, y - 10.6), (x, y - 11.6), (x + 5.2, y - 10.2)], 0.9, light)
