"""High dynamic range brought to what screens and models know: PQ and HLG in BT.2020 to BT.709 with the sRGB curve.

Problem: a PQ picture shown as if it were SDR is grey (white 147 of 255) and pale. FFmpeg's own way needs zimg, which many builds lack.
So the mapping is made here, once: numbers for the survey's pictures, and the same as a lattice (a ``.cube`` file) for the ffmpeg
program's ``lut3d``.

Conventions: diffuse white is 203 nits (ITU-R BT.2408) and becomes 250 of 255; up to 0.88 of it is shown as it is, what is brighter
nears full scale. HLG is shown as on a display of 1000 nits (BT.2100). Values are non-linear RGB in 0..1.

Contents: :data:`TRANSFERS`, :func:`tone_mapped`, :func:`write_cube`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

TRANSFERS = {16: "pq", 18: "hlg"}
"""Transfer characteristics (ITU-T H.273) that need mapping."""

_WHITE_NITS = 203.0
_KNEE = 0.88
_HLG_PEAK_NITS = 1000.0
_TO_709 = np.array([[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32)
"""Linear BT.2020 to linear BT.709 (BT.2087)."""
_LUMA_2020 = np.array([0.2627, 0.6780, 0.0593], np.float32)
_LATTICE = 49
"""Points on each side of the cube."""
_STEPS = 4096


def tone_mapped(image: np.ndarray, transfer: str) -> np.ndarray:
    """An HDR picture as SDR.

    Args:
        image: uint16 RGB over the full range, height x width x 3.
        transfer: "pq" or "hlg".

    Returns:
        uint8 RGB of the same size.
    """
    linear = _linear_curve(transfer)[image >> 4]
    return (np.maximum(_shown(linear, transfer), 0) * 255 + 0.5).astype(np.uint8)


def write_cube(target: Path, transfer: str) -> None:
    """Write the mapping as a 3D lattice that ffmpeg's ``lut3d`` reads (Adobe's cube format, red changes fastest).

    Parts under 0 stay in it: cut off after the interpolation they leave pure colours pure.
    """
    steps = np.linspace(0, 1, _LATTICE, dtype=np.float32)
    blue, green, red = np.meshgrid(steps, steps, steps, indexing="ij")
    codes = np.stack([red, green, blue], axis=-1).reshape(-1, 1, 3)
    values = _shown(_to_linear(codes, transfer), transfer).reshape(-1, 3)
    lines = [f"LUT_3D_SIZE {_LATTICE}", *(f"{r:.5f} {g:.5f} {b:.5f}" for r, g, b in values)]
    target.write_text("\n".join(lines) + "\n", encoding="ascii")


@cache
def _linear_curve(transfer: str) -> np.ndarray:
    return _to_linear(np.linspace(0, 1, _STEPS, dtype=np.float32), transfer)


def _to_linear(code: np.ndarray, transfer: str) -> np.ndarray:
    """PQ: shares of diffuse white. HLG: scene light in 0..1."""
    if transfer == "hlg":
        a, b, c = 0.17883277, 0.28466892, 0.55991073
        return np.where(code <= 0.5, code**2 / 3, (np.exp((code - c) / a) + b) / 12).astype(np.float32)
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 4096 * 128, 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = np.asarray(code, np.float64) ** (1 / m2)
    nits = 10_000 * (np.maximum(root - c1, 0) / (c2 - c3 * root)) ** (1 / m1)
    return (nits / _WHITE_NITS).astype(np.float32)


def _shown(linear: np.ndarray, transfer: str) -> np.ndarray:
    """Linear BT.2020 light as non-linear BT.709, at most 1; colours that BT.709 lacks have parts under 0."""
    if transfer == "hlg":  # the display's own curve: brighter scenes are lifted
        luma = np.maximum(linear @ _LUMA_2020, 1e-6)[..., None]
        linear = linear * luma**0.2 * np.float32(_HLG_PEAK_NITS / _WHITE_NITS)
    light = linear @ _TO_709.T
    rolled = _KNEE + (1 - _KNEE) * (1 - np.exp(-(np.maximum(light, _KNEE) - _KNEE) / (1 - _KNEE)))
    light = np.where(light < _KNEE, light, rolled)
    curved = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.maximum(light, 1e-6) ** (1 / 2.4) - 0.055)
    return np.asarray(np.minimum(curved, 1), np.float32)
