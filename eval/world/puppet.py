"""The body of a character: a jointed puppet 100 units tall, its feet at (0, 0), facing the viewer with its head turned to a side.

A :class:`Pose` is one position of the joints; :func:`pose_at` gives the pose of an action at a moment. Angles are degrees from hanging straight
down, positive outwards for arms and legs. :class:`Puppets` paints sprites and keeps them, for the same pose comes back many times.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass, replace

from PIL import Image

from .appearance import SKINS, Appearance, clothing
from .canvas import Brush, Color, Point, mix, shade, soften
from .face import Mien, draw_head

HEAD_Y = -88.0
SHOULDER_Y = -73.0
HIP_Y = -44.0


@dataclass(frozen=True)
class Pose:
    """Joints: arms and legs as (upper, lower) angles for the left and right of the picture; ``hop`` lifts the body, ``sit`` bends it onto a seat; in a
    ``stride`` leg angles count to the right of the picture instead of outwards."""

    left_arm: Point = (8.0, 12.0)
    right_arm: Point = (8.0, 12.0)
    left_leg: Point = (3.0, 1.0)
    right_leg: Point = (3.0, 1.0)
    lean: float = 0.0
    hop: float = 0.0
    sit: bool = False
    breath: float = 0.0
    stride: bool = False


def _swing(phase: float, reach: float) -> float:
    return reach * math.sin(2 * math.pi * phase)


def pose_at(action: str, time_s: float, facing: float) -> Pose:
    """The pose of an action, ``time_s`` after it began; ``facing`` is -1 (left) or 1 (right). Steps of a twelfth of a second repeat exactly."""
    breath = round(_swing(time_s / 3.0, 0.5) * 2) / 2 * 0.7
    still = Pose(breath=breath)
    quick = time_s * 1.0
    towards = (
        (lambda a, b: replace(still, right_arm=a, left_arm=b)) if facing > 0 else (lambda a, b: replace(still, left_arm=a, right_arm=b))
    )
    if action in ("walk", "run"):
        pace, reach = (1.0, 24.0) if action == "walk" else (1.75, 42.0)
        a = _swing(quick * pace, reach)
        bend = 12.0 if action == "walk" else 70.0
        back = abs(a) * 0.8
        left, right = ((upper, -back * facing if upper * facing < 0 else -4.0 * facing) for upper in (a, -a))
        lean, bounce = (2.0, 1.5) if action == "walk" else (10.0, 4.0)
        hop = abs(_swing(quick * pace, bounce))
        return Pose((-a, -bend * facing), (-a, bend * facing), left, right, lean=lean * facing, hop=hop, stride=True)
    if action == "jump":
        height = abs(math.sin(math.pi * quick * 1.1))
        up = 120.0 + 40 * height
        return Pose((up, 12), (up, 12), (12 * height, -22 * height), (12 * height, -22 * height), hop=26.0 * height)
    if action == "wave":
        return towards((138.0, 24.0 + _swing(quick * 2.0, 26.0)), (8.0, 12.0))
    if action == "point":
        return towards((82.0 + _swing(quick * 1.5, 3.0), 6.0), (10.0, 70.0))
    if action == "hug":
        return replace(towards((58.0, 34.0), (48.0, -58.0)), lean=5.0 * facing)
    if action == "angry":
        return replace(still, left_arm=(30.0 + _swing(quick * 1.5, 8.0), -78.0), right_arm=(30.0 - _swing(quick * 1.5, 8.0), -78.0))
    if action == "shrug":
        return replace(still, left_arm=(26.0, 62.0), right_arm=(26.0, 62.0), hop=0.8)
    if action == "talk":
        return towards((20.0 + _swing(quick * 0.9, 8.0), 64.0 + _swing(quick * 0.9 + 0.2, 22.0)), (9.0, 14.0))
    if action == "cry":
        return replace(still, left_arm=(38.0, -138.0), right_arm=(38.0, -138.0))
    if action == "dance":
        a = _swing(quick * 1.2, 1.0)
        return Pose((70 + 40 * a, 30), (70 - 40 * a, 30), (10 * a, 0), (10 * a, 0), lean=6 * a, hop=abs(a) * 4)
    if action == "sit":
        return replace(still, sit=True, left_arm=(14.0, -32.0), right_arm=(14.0, -32.0))
    if action == "phone":
        return towards((34.0, -148.0), (8.0, 12.0))
    return still


def _joint(start: Point, angle: float, length: float, side: int) -> Point:
    radians = math.radians(angle)
    return (start[0] + side * math.sin(radians) * length, start[1] + math.cos(radians) * length)


def draw_body(brush: Brush, appearance: Appearance, pose: Pose, mien: Mien) -> None:
    """Paint a whole puppet."""
    skin, top, bottom = SKINS[appearance.skin], clothing(appearance.top), clothing(appearance.bottom)
    drop = -pose.hop + (18.0 if pose.sit else 0.0)
    wide = appearance.build
    with brush.turned((0, HIP_Y), pose.lean):
        hip = (0.0, HIP_Y + drop)
        _legs(brush, appearance, pose, hip, bottom, wide)
        shoulder_y = SHOULDER_Y + drop - pose.breath
        _arm(brush, (-12.2 * wide, shoulder_y), pose.left_arm, -1, shade(top, 0.86), skin)
        if appearance.skirt:
            length = 20 if not pose.sit else 12
            brush.blob(
                [
                    (-9 * wide, hip[1] - 4),
                    (9 * wide, hip[1] - 4),
                    (13.5 * wide, hip[1] + length),
                    (0, hip[1] + length + 2),
                    (-13.5 * wide, hip[1] + length),
                ],
                bottom,
            )
        _torso(brush, appearance, hip[1], shoulder_y, top, wide)
        brush.limb([(0, shoulder_y + 1), (0, shoulder_y - 6)], [7.2, 6.4], shade(skin, 0.85))
        if appearance.top_style in ("shirt", "jacket"):
            brush.polygon([(-5.2, shoulder_y - 2.6), (0, shoulder_y + 4.6), (-1.2, shoulder_y - 0.4)], shade(top, 1.22))
            brush.polygon([(5.2, shoulder_y - 2.6), (0, shoulder_y + 4.6), (1.2, shoulder_y - 0.4)], shade(top, 1.22))
        draw_head(brush, appearance, mien, mien.turn * 0.8, HEAD_Y + drop - pose.breath)
        _arm(brush, (12.2 * wide, shoulder_y), pose.right_arm, 1, shade(top, 0.95), skin)


def _torso(brush: Brush, appearance: Appearance, hip_y: float, top_y: float, color: Color, wide: float) -> None:
    waist = 8.6 if appearance.woman else 10.2
    outline = [(-5, top_y - 3.0), (5, top_y - 3.0), (12.6 * wide, top_y - 0.8), (14.2 * wide, top_y + 5), (waist * wide, top_y + 17), (10.4 * wide, hip_y + 2),
               (0, hip_y + 3.4), (-10.4 * wide, hip_y + 2), (-waist * wide, top_y + 17), (-14.2 * wide, top_y + 5), (-12.6 * wide, top_y - 0.8)]  # fmt: skip
    brush.blob(outline, color)
    if appearance.top_style == "striped":
        for row in range(4):
            y = top_y + 4.5 + row * 6.2
            half = (waist + 1.0 + abs(row - 1.6) * 0.5) * wide
            brush.stroke([(-half, y), (0, y + 0.9), (half, y)], 2.0, mix(color, (250, 248, 240), 0.72))
    elif appearance.top_style == "jacket":
        brush.polygon([(-3.6, top_y - 2), (3.6, top_y - 2), (2.6, hip_y + 2.6), (-2.6, hip_y + 2.6)], (238, 236, 228))
        brush.stroke([(-3.4, top_y - 1), (-2.4, hip_y + 2)], 0.7, shade(color, 0.6))
        brush.stroke([(3.4, top_y - 1), (2.4, hip_y + 2)], 0.7, shade(color, 0.6))
    elif appearance.top_style == "sweater":
        brush.stroke([(-9.8 * wide, hip_y + 0.6), (0, hip_y + 2.0), (9.8 * wide, hip_y + 0.6)], 2.6, shade(color, 0.8))
        brush.stroke([(-4.8, top_y - 2.4), (0, top_y + 0.4), (4.8, top_y - 2.4)], 2.2, shade(color, 0.8))
    else:
        for row in range(4):
            brush.ellipse(0, top_y + 7 + row * 5.2, 0.55, 0.55, shade(color, 0.6))


def _arm(brush: Brush, shoulder: Point, angles: Point, side: int, color: Color, skin: Color) -> None:
    elbow = _joint(shoulder, angles[0], 15.0, side)
    wrist = _joint(elbow, angles[0] + angles[1], 13.0, side)
    hand = _joint(elbow, angles[0] + angles[1], 16.0, side)
    brush.limb([elbow, wrist, hand], [4.4, 3.8, 4.6], skin)
    brush.ellipse(*hand, 2.9, 2.9, skin)
    brush.limb([shoulder, elbow, _joint(elbow, angles[0] + angles[1], 11.0, side)], [6.8, 6.0, 5.2], color)


def _legs(brush: Brush, appearance: Appearance, pose: Pose, hip: Point, color: Color, wide: float) -> None:
    skin = SKINS[appearance.skin]
    for side, angles in ((-1, pose.left_leg), (1, pose.right_leg)):
        upper, lower = angles if not pose.sit else (26.0, -24.0)
        length = 22.0 if not pose.sit else 13.0
        start = (hip[0] + side * 5.2 * wide, hip[1])
        spread = 1 if pose.stride else side
        knee = _joint(start, upper, length, spread)
        ankle = _joint(knee, upper + lower, 19.5 if not pose.sit else 13.0, spread)
        bare = appearance.skirt
        brush.limb([start, knee, ankle], [9.4 * wide, 7.6, 5.6], skin if bare else shade(color, 0.92 if side < 0 else 1.0))
        toe = (ankle[0] + (side * 2.2), ankle[1] + 1.4)
        brush.limb([(ankle[0] - side * 0.6, ankle[1] + 1.2), toe], [4.6, 4.0], (52, 40, 38))


class Puppets:
    """Paints puppets and keeps the sprites (least recently used go first).

    ``tint`` is a table of :func:`.canvas.tint_table` that puts a sprite into the light of its scene.
    """

    def __init__(self, capacity: int = 400) -> None:
        self._kept: OrderedDict[tuple[object, ...], tuple[Image.Image, Point]] = OrderedDict()
        self._capacity = capacity

    def sprite(
        self, appearance: Appearance, pose: Pose, mien: Mien, height_px: float, tint: tuple[int, ...], *, bust: bool = False
    ) -> tuple[Image.Image, Point]:
        """A sprite and where the feet (or, for a bust, the chin) lie in it, in pixels."""
        key = (appearance, pose, mien, round(height_px), tint, bust)
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        scale = height_px * appearance.height / 100
        if bust:
            size, origin = (round(80 * scale), round(66 * scale)), (40 * scale, 112 * scale)
            brush = Brush(size, scale, origin, 2)
        else:
            size, origin = (round(92 * scale), round(140 * scale)), (46 * scale, 134 * scale)
            brush = Brush(size, scale, origin, 3)
        draw_body(brush, appearance, pose, mien)
        picture = soften(brush.finish(), 5.0 * scale).point(list(tint))
        box = picture.getbbox() or (0, 0, 1, 1)
        result = (picture.crop(box), (origin[0] - box[0], origin[1] - box[1]))
        self._kept[key] = result
        if len(self._kept) > self._capacity:
            self._kept.popitem(last=False)
        return result
