"""Drawing with soft edges: shapes in a picture's own units, painted large and then reduced.

Contents: :class:`Brush` (shapes through an affine transform), colour arithmetic (:func:`shade`, :func:`mix`), :func:`gradient`, :func:`glow`,
:func:`soften`, :func:`blur`, :func:`tint_table`. Colours are (red, green, blue), 0..255; angles are degrees, clockwise on screen; y points down.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

Color = tuple[int, int, int]
Point = tuple[float, float]

_ROUND = np.stack([np.cos(np.linspace(0, 2 * np.pi, 40, endpoint=False)), np.sin(np.linspace(0, 2 * np.pi, 40, endpoint=False))], axis=1)


def shade(color: Color, factor: float) -> Color:
    """A colour made darker (below 1) or lighter (above 1, towards white)."""
    if factor <= 1:
        return tuple(int(channel * factor) for channel in color)  # type: ignore[return-value]
    return mix(color, (255, 255, 255), factor - 1)


def mix(one: Color, other: Color, share: float) -> Color:
    """``one`` with a share (0..1) of ``other``."""
    return tuple(int(a + (b - a) * share) for a, b in zip(one, other, strict=True))  # type: ignore[return-value]


class Brush:
    """Paints shapes on a transparent picture of ``size_px``, ``oversample`` times as large while painting.

    ``scale`` is pixels per unit; ``origin_px`` is where the unit (0, 0) lies.
    """

    def __init__(
        self, size_px: tuple[int, int], scale: float, origin_px: Point = (0.0, 0.0), oversample: int = 3, ground: Color | None = None
    ) -> None:
        self.oversample = oversample
        fill = (*ground, 255) if ground else (0, 0, 0, 0)
        self.image = Image.new("RGBA", (size_px[0] * oversample, size_px[1] * oversample), fill)
        self.draw = ImageDraw.Draw(self.image)
        k = scale * oversample
        self._matrix = np.array([[k, 0, origin_px[0] * oversample], [0, k, origin_px[1] * oversample]], dtype=np.float64)

    @contextmanager
    def turned(self, center: Point, degrees: float = 0.0, stretch: Point = (1.0, 1.0)) -> Iterator[None]:
        """Inside, everything is turned and stretched about ``center``."""
        kept = self._matrix
        c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        turn = np.array([[c * stretch[0], -s * stretch[1]], [s * stretch[0], c * stretch[1]]])
        middle = np.asarray(center)
        move = middle - turn @ middle
        self._matrix = np.hstack([kept[:, :2] @ turn, (kept[:, :2] @ move + kept[:, 2])[:, None]])
        try:
            yield
        finally:
            self._matrix = kept

    def _to_px(self, points: np.ndarray) -> list[tuple[float, float]]:
        moved = points @ self._matrix[:, :2].T + self._matrix[:, 2]
        return [(x, y) for x, y in moved.tolist()]

    def polygon(self, points: Sequence[Point], color: Color) -> None:
        """A filled polygon."""
        self.draw.polygon(self._to_px(np.asarray(points, dtype=np.float64)), fill=(*color, 255))

    def ellipse(self, x: float, y: float, rx: float, ry: float, color: Color) -> None:
        """A filled ellipse about (x, y)."""
        self.draw.polygon(self._to_px(_ROUND * (rx, ry) + (x, y)), fill=(*color, 255))

    def rectangle(self, left: float, top: float, right: float, bottom: float, color: Color) -> None:
        """A filled rectangle."""
        self.polygon([(left, top), (right, top), (right, bottom), (left, bottom)], color)

    def blob(self, points: Sequence[Point], color: Color, steps: int = 6) -> None:
        """A filled closed curve through the points (Catmull-Rom)."""
        self.draw.polygon(self._to_px(smooth(points, closed=True, steps=steps)), fill=(*color, 255))

    def limb(self, points: Sequence[Point], widths: Sequence[float], color: Color) -> None:
        """A rounded line whose width (diameter) changes from point to point."""
        for (a, b), (wa, wb) in zip(itertools.pairwise(points), itertools.pairwise(widths), strict=True):
            angle = math.atan2(b[1] - a[1], b[0] - a[0]) + math.pi / 2
            dx, dy = math.cos(angle) / 2, math.sin(angle) / 2
            self.polygon(
                [
                    (a[0] + dx * wa, a[1] + dy * wa),
                    (b[0] + dx * wb, b[1] + dy * wb),
                    (b[0] - dx * wb, b[1] - dy * wb),
                    (a[0] - dx * wa, a[1] - dy * wa),
                ],
                color,
            )
        for (x, y), width in zip(points, widths, strict=True):
            self.ellipse(x, y, width / 2, width / 2, color)

    def stroke(self, points: Sequence[Point], width: float, color: Color, *, curved: bool = True) -> None:
        """A line of one width with round ends, curved through its points."""
        path = smooth(points, closed=False, steps=6) if curved and len(points) > 2 else np.asarray(points, dtype=np.float64)
        self.limb([(x, y) for x, y in path.tolist()], [width] * len(path), color)

    def finish(self) -> Image.Image:
        """The picture at its own size, with soft edges."""
        return self.image.reduce(self.oversample) if self.oversample > 1 else self.image


def smooth(points: Sequence[Point], *, closed: bool, steps: int = 6) -> np.ndarray:
    """Points of a Catmull-Rom curve through ``points``, shape (n, 2)."""
    p = np.asarray(points, dtype=np.float64)
    if closed:
        before, here, after, beyond = np.roll(p, 1, 0), p, np.roll(p, -1, 0), np.roll(p, -2, 0)
    else:
        q = np.vstack([2 * p[0] - p[1], p, 2 * p[-1] - p[-2]])
        before, here, after, beyond = q[:-3], q[1:-2], q[2:-1], q[3:]
    t = np.linspace(0, 1, steps, endpoint=False)[None, :, None]
    a, b, c, d = (part[:, None, :] for part in (before, here, after, beyond))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    result = curve.reshape(-1, 2)
    return result if closed else np.vstack([result, p[-1]])


def gradient(size_px: tuple[int, int], stops: Sequence[tuple[float, Color]]) -> Image.Image:
    """A vertical gradient; ``stops`` are (place from top 0 to bottom 1, colour). Dithered by half a step, so that it does not band."""
    width, height = size_px
    places = np.linspace(0, 1, height)
    column = np.stack([np.interp(places, [at for at, _ in stops], [color[i] for _, color in stops]) for i in range(3)], axis=1)
    noise = np.random.default_rng(7).uniform(-0.7, 0.7, (height, width, 1))
    return Image.fromarray(np.clip(column[:, None, :] + noise, 0, 255).astype(np.uint8), "RGB")


def glow(picture: Image.Image, x: float, y: float, radius: float, color: Color, strength: float) -> None:
    """Add a soft round light to an RGB picture, in place (pixels; ``strength`` 0..1)."""
    left, top, r = int(x - radius), int(y - radius), int(radius)
    area = (max(0, left), max(0, top), min(picture.width, left + 2 * r), min(picture.height, top + 2 * r))
    if area[2] <= area[0] or area[3] <= area[1]:
        return
    ys, xs = np.mgrid[area[1] : area[3], area[0] : area[2]]
    light = np.clip(1 - np.hypot(xs - x, ys - y) / radius, 0, 1) ** 2 * strength
    patch = np.asarray(picture.crop(area), dtype=np.float32)
    lit = 255 - (255 - patch) * (1 - light[..., None] * np.asarray(color, dtype=np.float32) / 255)
    picture.paste(Image.fromarray(lit.astype(np.uint8), "RGB"), area[:2])


def soften(sprite: Image.Image, radius_px: float, light: Point = (-0.5, -0.6), depth: float = 0.34) -> Image.Image:
    """Round a flat sprite: darken it towards the edges that face away from the light."""
    if radius_px < 1:
        return sprite
    alpha = sprite.getchannel("A")
    shrink = max(1, int(radius_px // 4))
    small = alpha.reduce(shrink) if shrink > 1 else alpha
    blurred = small.filter(ImageFilter.GaussianBlur(radius_px / shrink))
    dx, dy = round(light[0] * radius_px / shrink), round(light[1] * radius_px / shrink)
    moved = blurred.transform(small.size, Image.Transform.AFFINE, (1, 0, -dx, 0, 1, -dy)).resize(sprite.size, Image.Resampling.BILINEAR)
    factor = moved.point([int(255 * (1 - depth * (1 - min(1.0, value / 215)))) for value in range(256)])
    red, green, blue, _ = sprite.split()
    return Image.merge("RGBA", [*(ImageChops.multiply(channel, factor) for channel in (red, green, blue)), alpha])


def blur(sprite: Image.Image, radius_px: float) -> Image.Image:
    """A sprite out of focus, its colour carried over its edges (a plain blur mixes in the black of what is transparent)."""
    return sprite.convert("RGBa").filter(ImageFilter.GaussianBlur(radius_px)).convert("RGBA")


def tint_table(factors: tuple[float, float, float], lift: float = 0.0) -> list[int]:
    """Table for ``Image.point`` on RGBA: each colour times its factor, plus ``lift``; alpha unchanged."""
    table = [min(255, int(value * factor + lift)) for factor in factors for value in range(256)]
    return table + list(range(256))
