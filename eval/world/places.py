"""Where a scene plays: a backdrop for a place at a time of day, with what moves in it.

:func:`find_place` and :func:`find_daytime` read a scene's own words. A :class:`Backdrop` paints itself once (sky, then the place in front of it) and
then draws its moving parts on a copy for every picture: clouds, stars, rain, lightning, fire, traffic, waves, birds. Light is a
multiplication of colours per time of day, which the puppets share.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from omniscript_mam.script import Scene, SceneType

from .canvas import Brush, Color, blur, glow, gradient, tint_table
from .landscapes import LANDSCAPES
from .rooms import ROOMS, Light

DAYTIMES = ("day", "night", "dawn", "dusk")
_WORDS = {
    "living room": "living lounge sofa home house flat apartment fireplace 客厅 家", "kitchen": "kitchen dining 厨房", "office": "office study desk school class shop lab 办公室 教室",
    "bedroom": "bedroom hotel hospital bed 卧室", "cave": "cave cavern mine tunnel 山洞", "park": "park garden meadow field lawn 公园 花园",
    "forest": "forest wood woods jungle trees camp 森林", "street": "street road city town alley market bus square 街 城", "beach": "beach sea shore ocean coast island 海",
}  # fmt: skip
_TIMES = {
    "night": "night midnight 夜 深夜", "dawn": "dawn sunrise morning 黎明 清晨 早晨", "dusk": "dusk sunset evening twilight 黄昏 傍晚", "day": "day noon afternoon 白天 下午 中午",
}  # fmt: skip
_SKIES: dict[str, list[tuple[float, Color]]] = {
    "day": [(0, (86, 154, 222)), (0.7, (190, 222, 244)), (1, (222, 236, 240))],
    "night": [(0, (8, 12, 34)), (0.7, (26, 34, 70)), (1, (40, 48, 84))],
    "dawn": [(0, (96, 130, 190)), (0.5, (236, 186, 176)), (0.8, (255, 214, 160)), (1, (255, 226, 180))],
    "dusk": [(0, (60, 54, 112)), (0.45, (188, 96, 110)), (0.75, (250, 146, 84)), (1, (255, 186, 110))],
}
_RAIN_SKY: dict[str, list[tuple[float, Color]]] = {
    "day": [(0, (118, 130, 144)), (1, (176, 186, 192))],
    "night": [(0, (12, 14, 26)), (1, (38, 42, 60))],
}
_TINTS = {  # by (interior, daytime): factors for red, green and blue
    (False, "day"): (1.0, 1.0, 1.0), (False, "night"): (0.36, 0.43, 0.66), (False, "dawn"): (0.98, 0.86, 0.82), (False, "dusk"): (0.92, 0.68, 0.62),
    (True, "day"): (1.0, 0.99, 0.96), (True, "night"): (0.42, 0.36, 0.35), (True, "dawn"): (0.9, 0.82, 0.78), (True, "dusk"): (0.8, 0.66, 0.58),
}  # fmt: skip


def _search(text: str, words: dict[str, str]) -> str | None:
    lowered = text.lower()
    return next((key for key, listed in words.items() if any(word in lowered for word in listed.split())), None)


def find_place(scene: Scene) -> str:
    """The place to draw: by location, then by environment, then a living room or a park."""
    place = _search(scene.location, _WORDS) or _search(scene.environment, _WORDS)
    return place or ("park" if scene.type is SceneType.EXTERIOR else "living room")


def find_daytime(scene: Scene) -> str:
    """``day``, ``night``, ``dawn`` or ``dusk``; day if the scene does not say."""
    return _search(scene.time, _TIMES) or "day"


@dataclass(frozen=True)
class Car:
    """A car on the street: when its front passes x = 0, speed in units per second (negative: to the left), colour."""

    start_s: float
    speed: float
    color: Color


class Backdrop:
    """One place at one time of day, at ``size_px``.

    Attributes:
        tint: table that puts a sprite (RGBA) into this light.
        interior: whether the place is a room.
    """

    def __init__(self, place: str, daytime: str, size_px: tuple[int, int], *, rain: bool = False, seed: int = 0) -> None:
        self.place, self.daytime, self.size_px, self.rain = place, daytime, size_px, rain
        self.interior = place in ROOMS
        self._unit = size_px[0] / 160
        self._rng = random.Random(f"{place} {daytime} {seed}")
        self.tint = tuple(tint_table(_TINTS[(self.interior, daytime)]))
        brush = Brush(size_px, self._unit, (0, (size_px[1] - 90 * self._unit)), 2)
        self._lights = ROOMS[place](brush) if self.interior else LANDSCAPES[place](brush, self._rng)
        front = brush.finish().point(list(self.tint))
        self._front, self._mask = front.convert("RGB"), front.getchannel("A")
        self._light_up()
        self._sky = self._paint_sky()
        self._clouds = [self._cloud() for _ in range(4)] if daytime != "night" or rain else []
        self._stars = [(self._rng.uniform(0, size_px[0]), self._rng.uniform(0, size_px[1] * 0.6), self._rng.random()) for _ in range(90)]
        self._drops = [(self._rng.random(), self._rng.random(), self._rng.uniform(0.7, 1.3)) for _ in range(110)]
        self._cars = [
            Car(
                self._rng.uniform(0, 24),
                self._rng.choice([-38.0, 34.0, 46.0]),
                self._rng.choice([(190, 50, 46), (60, 90, 150), (230, 200, 90)]),
            )
            for _ in range(4)
        ]

    def picture(self, time_s: float) -> Image.Image:
        """The whole backdrop at a moment, RGB, a new picture."""
        result = self._sky.copy()
        draw = ImageDraw.Draw(result)
        if self.daytime == "night" and not self.rain:
            for x, y, phase in self._stars:
                light = int(120 + 110 * (0.5 + 0.5 * math.sin(time_s * (1 + 2 * phase) + 40 * phase)))
                draw.point((x, y), (light, light, min(255, light + 20)))
        for cloud, x, y, speed in self._clouds:
            place = (x + time_s * speed) % (self.size_px[0] + cloud.width) - cloud.width
            result.paste(cloud, (int(place), int(y)), cloud)
        if self.rain and self.interior:
            self._draw_rain(draw, time_s)
        if self.rain and self.daytime == "night" and (time_s % 9.0) < 0.17:
            result.paste((196, 204, 232), (0, 0, *self.size_px))
        result.paste(self._front, (0, 0), self._mask)
        draw = ImageDraw.Draw(result)
        self._move(result, draw, time_s)
        if self.rain and not self.interior:
            self._draw_rain(draw, time_s)
        return result

    def blurred(self, time_s: float, center: float, share: float) -> Image.Image:
        """What lies behind a close-up: a part of the backdrop about ``center`` (0..1 of the width), out of focus."""
        picture = self.picture(time_s)
        width, height = int(self.size_px[0] * share), int(self.size_px[1] * share)
        left = min(max(0, int(center * self.size_px[0] - width / 2)), self.size_px[0] - width)
        top = int((self.size_px[1] - height) * 0.35)
        small = picture.crop((left, top, left + width, top + height)).resize(
            (self.size_px[0] // 4, self.size_px[1] // 4), Image.Resampling.BILINEAR
        )
        return small.filter(ImageFilter.GaussianBlur(self.size_px[0] / 400)).resize(self.size_px, Image.Resampling.BICUBIC)

    def _light_up(self) -> None:
        strength = {"night": 1.0, "dusk": 0.5, "dawn": 0.25}.get(self.daytime, 0.12 if self.interior else 0.0)
        for light in self._lights:
            if strength:
                glow(self._front, *self._to_px(light.x, light.y), light.radius * self._unit, light.color, light.strength * strength)

    def _to_px(self, x: float, y: float) -> tuple[float, float]:
        return x * self._unit, y * self._unit + self.size_px[1] - 90 * self._unit

    def _paint_sky(self) -> Image.Image:
        stops = _RAIN_SKY["night" if self.daytime == "night" else "day"] if self.rain else _SKIES[self.daytime]
        sky = gradient(self.size_px, stops)
        if not self.rain:
            x, y, radius, color = {"day": (128, 14, 7, (255, 250, 214)), "night": (122, 16, 5, (238, 240, 226)), "dawn": (30, 46, 7, (255, 240, 196)),
                                   "dusk": (120, 48, 8, (255, 206, 120))}[self.daytime]  # fmt: skip
            px, py = self._to_px(x, y)
            glow(sky, px, py, radius * 5 * self._unit, color, 0.55)
            disc = Brush(self.size_px, self._unit, (0, self.size_px[1] - 90 * self._unit), 2)
            disc.ellipse(x, y, radius, radius, color)
            shape = disc.finish()
            sky.paste(shape, (0, 0), shape)
        return sky

    def _cloud(self) -> tuple[Image.Image, float, float, float]:
        rng, u = self._rng, self._unit
        brush = Brush((int(46 * u), int(16 * u)), u, (0, 0), 2)
        color: Color = {"day": (255, 255, 255), "dawn": (255, 222, 210), "dusk": (240, 150, 130)}.get(self.daytime, (60, 64, 84))
        if self.rain and self.daytime != "night":
            color = (150, 156, 164)
        for _ in range(9):
            brush.ellipse(rng.uniform(10, 36), rng.uniform(7, 11), rng.uniform(4, 8), rng.uniform(2.5, 4.5), color)
        cloud = blur(brush.finish(), 1.3 * u)
        cloud.putalpha(cloud.getchannel("A").point([int(value * 0.8) for value in range(256)]))
        return cloud, rng.uniform(0, self.size_px[0]), rng.uniform(0, 26) * u, rng.uniform(1.0, 2.6) * u

    def _draw_rain(self, draw: ImageDraw.ImageDraw, time_s: float) -> None:
        width, height = self.size_px
        color = (120, 130, 158) if self.daytime == "night" else (206, 214, 222)
        for x, y, speed in self._drops:
            py = ((y + time_s * 1.9 * speed) % 1.0) * height
            px = ((x + 0.04 * py / height) % 1.0) * width
            draw.line((px, py, px + 1.2, py + 0.06 * height * speed), fill=color)

    def _move(self, picture: Image.Image, draw: ImageDraw.ImageDraw, time_s: float) -> None:
        for light in self._lights:
            if light.flickers:
                self._flames(draw, light, time_s)
        if self.place == "street":
            self._traffic(draw, time_s)
        elif self.place == "beach":
            for row in range(5):
                for i in range(7):
                    x, y = self._to_px((i * 26 + row * 11 + time_s * (3 + row)) % 176 - 10, 50 + row * 3 + 0.5 * math.sin(time_s * 2 + i))
                    draw.line((x, y, x + (6 + row * 2) * self._unit, y), fill=self._in_light((214, 234, 242)))
        elif self.place in ("park", "forest") and self.daytime != "night" and not self.rain:
            for i in range(3):
                x, y = self._to_px((20 + i * 47 + time_s * (7 + i)) % 180 - 10, 10 + i * 6 + 2 * math.sin(time_s + i))
                wing = (1.6 + 1.2 * math.sin(time_s * 9 + i)) * self._unit
                draw.line(
                    (x - 2 * self._unit, y - wing, x, y, x + 2 * self._unit, y - wing),
                    fill=(50, 54, 66),
                    width=max(1, int(self._unit * 0.5)),
                )
        elif self.place in ("park", "forest") and self.daytime == "night":
            for i in range(9):
                x, y = self._to_px(18 * i + 6 * math.sin(time_s * 0.6 + i * 2), 60 + 10 * math.sin(time_s * 0.4 + i * 5))
                if math.sin(time_s * 2.2 + i * 3) > 0:
                    draw.ellipse((x - 1, y - 1, x + 1, y + 1), fill=(220, 240, 130))

    def _flames(self, draw: ImageDraw.ImageDraw, light: Light, time_s: float) -> None:
        for layer, color in enumerate(((226, 92, 34), (250, 160, 50), (255, 226, 130))):
            size = 1 - layer * 0.3
            points = []
            for i in range(9):
                wobble = math.sin(time_s * (9 + 2 * layer) + i * 2.3) + math.sin(time_s * 5.3 + i)
                tall = (1 - abs(i - 4) / 4.6) * (9 + 1.6 * wobble) * size
                points.append(self._to_px(light.x + (i - 4) * 1.35 * size, light.y + 5 - tall))
            base = [self._to_px(light.x + 5.4 * size, light.y + 5), self._to_px(light.x - 5.4 * size, light.y + 5)]
            draw.polygon([*points, *base], fill=color)

    def _traffic(self, draw: ImageDraw.ImageDraw, time_s: float) -> None:
        for car in self._cars:
            way = ((time_s - car.start_s) * abs(car.speed)) % 560
            x = way - 30 if car.speed > 0 else 190 - way
            if not -30 < x < 190:
                continue
            body = self._in_light(car.color)
            draw.rounded_rectangle((*self._to_px(x - 13, 69.5), *self._to_px(x + 13, 75)), radius=int(1.5 * self._unit), fill=body)
            draw.polygon(
                [self._to_px(x - 8, 69.8), self._to_px(x - 5, 65), self._to_px(x + 5, 65), self._to_px(x + 9, 69.8)],
                fill=self._in_light((150, 184, 206)),
            )
            for wheel in (-8, 8):
                draw.ellipse((*self._to_px(x + wheel - 2.4, 72.6), *self._to_px(x + wheel + 2.4, 77.4)), fill=(28, 28, 32))
            if self.daytime in ("night", "dusk"):
                front = x + (13 if car.speed > 0 else -13)
                draw.ellipse((*self._to_px(front - 1.2, 71), *self._to_px(front + 1.2, 73)), fill=(255, 246, 200))

    def _in_light(self, color: Color) -> Color:
        return tuple(self.tint[256 * i + color[i]] for i in range(3))  # type: ignore[return-value]
