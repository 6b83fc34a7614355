"""Faces in one picture: boxes by BlazeFace (back camera), and how far a mouth is open by the 468-point face mesh.

Pictures are RGB, uint8, (height, width, 3). Boxes are (x, y, width, height) as fractions of the picture. The detector looks at a square of
256 pixels, so a face must be about a twentieth of the picture's width to be found; drawn faces are mostly missed. The mesh is asked only
for faces of at least :data:`MESH_FACE_PX`.

Contents: :func:`detect_faces`, :func:`mouth_opening`, :func:`crop_face`.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from ..observed import Box
from .networks import network

Image = npt.NDArray[np.uint8]

INPUT_PX = 256
"""Side of the detector's input."""
LEAST_SCORE = 0.6
"""Below it, most detections on film were shoulders, clocks and foliage."""
OVERLAP = 0.3
"""Boxes that share more (intersection over union) are one face, and the better one stays."""
MESH_FACE_PX = 48
"""Least width of a face on which the mesh is tried. Chosen."""
_STRIDES = ((16, 2), (32, 6))
"""The two grids of the network: cell size in pixels of its input, anchors per cell."""
_UPPER_LIP, _LOWER_LIP, _FOREHEAD, _CHIN = 13, 14, 10, 152
"""Points of the MediaPipe face mesh."""


@dataclass(frozen=True)
class Face:
    """A face: box, score in [0, 1], and six points (eyes, nose, mouth, ears) as (6, 2) fractions."""

    box: Box
    score: float
    points: npt.NDArray[np.float32]


@cache
def anchors() -> npt.NDArray[np.float32]:
    """Centres of the network's 896 anchors, (896, 2), fractions of its input."""
    centres = []
    for stride, per_cell in _STRIDES:
        side = INPUT_PX // stride
        rows, columns = np.mgrid[0:side, 0:side]
        grid = np.stack([(columns + 0.5) / side, (rows + 0.5) / side], -1).reshape(-1, 1, 2)
        centres.append(np.repeat(grid, per_cell, axis=1).reshape(-1, 2))
    return np.concatenate(centres).astype(np.float32)


def detect_faces(image: Image) -> list[Face]:
    """All faces of a picture, best first."""
    height, width = image.shape[:2]
    side = max(height, width)
    scale = INPUT_PX / side
    square = np.zeros((INPUT_PX, INPUT_PX, 3), np.uint8)
    small = cv2.resize(image, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    top, left = (INPUT_PX - small.shape[0]) // 2, (INPUT_PX - small.shape[1]) // 2
    square[top : top + small.shape[0], left : left + small.shape[1]] = small
    raw, logits = network("face-detector", "face_detection_back.tflite")(square[None].astype(np.float32) / 127.5 - 1.0)
    scores = 1.0 / (1.0 + np.exp(-np.clip(logits[0, :, 0], -80, 80)))
    sure = np.flatnonzero(scores >= LEAST_SCORE)
    values = raw[0, sure] / INPUT_PX
    centres = anchors()[sure] + values[:, :2]
    points = values[:, 4:16].reshape(-1, 6, 2) + anchors()[sure][:, None]
    stretch = np.array([INPUT_PX / small.shape[1], INPUT_PX / small.shape[0]], np.float32)
    shift = np.array([left, top], np.float32) / INPUT_PX
    corners = (centres - values[:, 2:4] / 2 - shift) * stretch
    sizes = values[:, 2:4] * stretch
    points = (points - shift) * stretch
    kept = _suppressed(np.concatenate([corners, sizes], 1), scores[sure])
    return [Face(_clipped(corners[i], sizes[i]), float(scores[sure[i]]), points[i]) for i in kept if (sizes[i] > 0).all()]


def overlap(a: Box, b: Box) -> float:
    """Intersection over union of two boxes."""
    width = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    height = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    shared = max(0.0, width) * max(0.0, height)
    union = a[2] * a[3] + b[2] * b[3] - shared
    return shared / union if union > 0 else 0.0


def crop_face(image: Image, box: Box, size_px: int, *, margin: float = 0.25) -> Image:
    """A square crop around a face, with a margin of its size on each side, resized. What lies outside the picture repeats its edge.

    Args:
        box: (x, y, width, height) as fractions of the picture.
        size_px: side of the crop that comes back.
        margin: as a share of the longer side of the box.
    """
    height, width = image.shape[:2]
    side = max(box[2] * width, box[3] * height) * (1 + 2 * margin)
    centre = ((box[0] + box[2] / 2) * width, (box[1] + box[3] / 2) * height)
    scale = size_px / max(side, 1.0)
    matrix = np.array([[scale, 0, size_px / 2 - scale * centre[0]], [0, scale, size_px / 2 - scale * centre[1]]], np.float32)
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    return np.asarray(cv2.warpAffine(image, matrix, (size_px, size_px), flags=flags, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def mouth_opening(image: Image, box: Box) -> float | None:
    """Gap between the lips as a share of the face's height (0 closed, about 0.15 wide open); ``None`` if the face is too small."""
    if box[2] * image.shape[1] < MESH_FACE_PX:
        return None
    crop = crop_face(image, box, 192)
    points, flag = network("face-detector", "face_landmark.tflite")(crop[None].astype(np.float32) / 255.0)
    if float(flag.reshape(-1)[0]) < 0:
        return None
    mesh = points.reshape(-1, 3)[:, :2]
    face_height = float(np.linalg.norm(mesh[_FOREHEAD] - mesh[_CHIN]))
    return round(float(np.linalg.norm(mesh[_UPPER_LIP] - mesh[_LOWER_LIP])) / face_height, 4) if face_height > 1 else None


def _suppressed(boxes: npt.NDArray[np.float32], scores: npt.NDArray[np.float32]) -> list[int]:
    """Indices of the boxes that no better one overlaps."""
    kept: list[int] = []
    for i in np.argsort(-scores, kind="stable"):
        box = tuple(float(value) for value in boxes[i])
        if all(overlap(box, tuple(float(v) for v in boxes[j])) < OVERLAP for j in kept):  # type: ignore[arg-type]
            kept.append(int(i))
    return kept


def _clipped(corner: npt.NDArray[np.float32], size: npt.NDArray[np.float32]) -> Box:
    x, y = max(0.0, float(corner[0])), max(0.0, float(corner[1]))
    right, bottom = min(1.0, float(corner[0] + size[0])), min(1.0, float(corner[1] + size[1]))
    return round(x, 4), round(y, 4), round(max(right - x, 1e-4), 4), round(max(bottom - y, 1e-4), 4)
