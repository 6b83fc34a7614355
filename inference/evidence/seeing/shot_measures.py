"""How a shot looks, in numbers: light, colour, contrast, sky, green, motion, palette. No network, no weights.

A shot is seen about twice a second at :data:`SIDE_PX` pixels; means over its samples make one
:class:`inference.evidence.observed.Look`. Motion is the mean change of luma between neighbouring samples, per second. What the numbers mean
(day, night, indoors) is the writer's business.
"""

from __future__ import annotations

from collections import Counter

import cv2
import numpy as np
import numpy.typing as npt

from ..observed import Look
from .face_detection import Image

SIDE_PX = 128
"""Longer side of the picture that is measured. Chosen."""
DARK = 0.15
"""Luma (0..1) below which a pixel is dark."""
_TRIMMED = 0.02
"""Rows or columns darker than this all along are letterbox, not picture."""


class LookMeter:
    """Feed it pictures of one shot in order; :meth:`finish` gives their means."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._rows: list[list[float]] = []
        self._motion: list[float] = []
        self._colours: Counter[tuple[int, int, int]] = Counter()
        self._before: tuple[float, npt.NDArray[np.float32]] | None = None

    def look(self, time_s: float, image: Image) -> None:
        """See one picture."""
        scale = SIDE_PX / max(image.shape[:2])
        size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
        whole = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
        luma = cv2.cvtColor(whole, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255.0
        if self._before is not None and time_s > self._before[0]:
            self._motion.append(float(np.abs(luma - self._before[1]).mean()) / (time_s - self._before[0]))
        self._before = time_s, luma
        rows, columns = _picture_area(luma)
        self._rows.append(_measured(whole[rows, columns], luma[rows, columns]))
        coarse = (cv2.resize(whole[rows, columns], (24, 16), interpolation=cv2.INTER_AREA) // 32).reshape(-1, 3)
        self._colours.update((int(r), int(g), int(b)) for r, g, b in coarse)

    def finish(self, start_s: float, end_s: float, labels: dict[str, float]) -> Look | None:
        """The shot's look, or ``None`` if no picture was seen; the meter is empty afterwards."""
        if not self._rows:
            return None
        means = [round(float(value), 4) for value in np.mean(self._rows, axis=0)]
        motion = round(float(np.mean(self._motion)), 4) if self._motion else 0.0
        ordered = sorted(self._colours.items(), key=lambda item: (-item[1], item[0]))[:5]
        palette = [f"#{r * 32 + 16:02x}{g * 32 + 16:02x}{b * 32 + 16:02x}" for (r, g, b), _ in ordered]
        brightness, saturation, contrast, blue_bias, dark_share, sky, vegetation = means
        self._begin()
        return Look(
            start_s=start_s,
            end_s=end_s,
            brightness=brightness,
            saturation=saturation,
            contrast=contrast,
            blue_bias=blue_bias,
            dark_share=dark_share,
            sky=sky,
            vegetation=vegetation,
            motion=motion,
            labels=labels,
            palette=palette,
        )


def _picture_area(luma: npt.NDArray[np.float32]) -> tuple[slice, slice]:
    """The picture without its letterbox; the whole where all is black."""
    rows = np.flatnonzero(luma.max(axis=1) > _TRIMMED)
    columns = np.flatnonzero(luma.max(axis=0) > _TRIMMED)
    if len(rows) < 8 or len(columns) < 8:
        return slice(None), slice(None)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)


def _measured(image: Image, luma: npt.NDArray[np.float32]) -> list[float]:
    hsv = cv2.cvtColor(image, cv2.COLOR_RGB2HSV)
    hue, saturation, value = hsv[..., 0], hsv[..., 1] / 255.0, hsv[..., 2] / 255.0
    texture = np.abs(cv2.Laplacian(luma, cv2.CV_32F))
    blue_bias = (float(image[..., 2].mean()) - float(image[..., 0].mean())) / 255.0
    third = slice(0, max(1, image.shape[0] // 3))
    blue_or_grey = ((hue >= 90) & (hue <= 130)) | (saturation < 0.2)
    sky = (value > 0.45) & blue_or_grey & (texture < 0.06)
    green = (hue >= 32) & (hue <= 88) & (saturation > 0.2) & (value > 0.12) & (texture > 0.02)
    return [
        float(value.mean()),
        float(saturation.mean()),
        float(luma.std()),
        blue_bias,
        float((luma < DARK).mean()),
        float(sky[third].mean()),
        float(green.mean()),
    ]
