"""Which way up a picture is: the container's display matrix as one of the eight turns and flips.

The matrix maps stored coordinates (x right, y down) to shown ones; only its signs matter for quarter turns. An oblique matrix
is taken as the nearest quarter turn.

Contents: :func:`orientation_of`, :func:`upright`.
"""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from av.sidedata.sidedata import Type
from av.video.frame import VideoFrame


def orientation_of(frame: VideoFrame) -> tuple[int, bool]:
    """How to show a decoded frame.

    Returns:
        (clockwise turn in degrees: 0, 90, 180 or 270; whether to flip left to right before the turn).
    """
    side_data: Any = frame.side_data
    matrix = side_data.get(Type.DISPLAYMATRIX)
    if matrix is None or len(bytes(matrix)) < 36:
        return 0, False
    a, b, _, c, d, *_ = struct.unpack("<9i", bytes(matrix)[:36])
    is_mirrored = a * d - b * c < 0
    if is_mirrored:  # undo the flip: x -> -x on the stored side
        a, b = -a, -b
    if abs(a) >= abs(b):
        return (0 if a >= 0 else 180), is_mirrored
    return (90 if b > 0 else 270), is_mirrored


def upright(image: np.ndarray, turn_deg: int, is_mirrored: bool) -> np.ndarray:
    """Turn an image (height x width x channels) the way :func:`orientation_of` says."""
    if is_mirrored:
        image = image[:, ::-1]
    if turn_deg:
        image = np.rot90(image, k=-(turn_deg // 90))
    return np.ascontiguousarray(image)
