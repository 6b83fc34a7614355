"""What a face shows: one of seven expressions, an age, a gender. Film faces only; drawn ones are guesswork.

The expression network is asked for the few largest pictures of a track, and only for faces wide enough; means over a track are what its
register entry calls sensible. Age and gender need :data:`AGE_FACE_PX`, and gender stays "" unless the network is sure.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import cv2
import dlib
import numpy as np

from .face_detection import Image
from .networks import network, onnx_session, weights_file

LABELS = ("anger", "disgust", "fear", "happiness", "neutral", "sadness", "surprise")
"""The network's outputs in their order."""
AGE_FACE_PX = 80
"""Least width of a face whose age and gender are asked. Chosen."""
SURE_OF_GENDER = 0.85
"""Least probability at which a gender is told. Chosen."""
_MEANS = np.array([122.781998, 117.000999, 104.297997], np.float32)
"""Red, green and blue that the input layer of dlib's networks takes off."""
_AGES = np.array([0.25, *range(1, 81)], np.float32)
"""The age in years that each output stands for; the first is the first year."""


def expression(crops: Sequence[Image]) -> dict[str, float]:
    """Label → mean probability over face crops (RGB, square, with margin); empty for no crops."""
    if not crops:
        return {}
    total = np.zeros(len(LABELS), np.float64)
    for crop in crops:
        edge = crop.shape[0] // 8
        face = cv2.resize(crop[edge:-edge, edge:-edge], (200, 200), interpolation=cv2.INTER_LINEAR)
        total += network("expression", "model_optimized.tflite")(face[None].astype(np.float32) / 255.0)[0][0]
    return {label: round(float(share), 4) for label, share in zip(LABELS, total / len(crops), strict=True)}


def age_and_gender(pictures: Sequence[tuple[float, Image]]) -> tuple[float | None, str, float]:
    """Age in years, gender ("female", "male" or ""), and how sure, from (face width in pixels, crop with a margin of 35 %)."""
    large = [crop for width_px, crop in pictures if width_px >= AGE_FACE_PX][:2]
    if not large:
        return None, "", 0.0
    ages = np.mean([_run("age-v1.onnx", crop, 64) for crop in large], axis=0)
    genders = np.mean([_run("gender-v1.onnx", crop, 32) for crop in large], axis=0)
    best = int(np.argmax(genders))
    sure = round(float(genders[best]), 3)
    return round(float(ages @ _AGES), 1), ("female", "male")[best] if sure >= SURE_OF_GENDER else "", sure


def _run(file: str, crop: Image, size_px: int) -> Any:
    chip = _aligned(crop, size_px)
    batch = ((chip.astype(np.float32) - _MEANS) / 256.0).transpose(2, 0, 1)[None]
    return onnx_session("age-gender", file).run(None, {"images": np.ascontiguousarray(batch)})[0][0]


@cache
def _predictor() -> Any:
    return dlib.shape_predictor(str(weights_file("age-gender", "shape_predictor_5_face_landmarks.dat")))


def _aligned(crop: Image, size_px: int) -> Image:
    edge = int(crop.shape[0] * 0.35 / 1.7)
    shape = _predictor()(crop, dlib.rectangle(edge, edge, crop.shape[1] - edge, crop.shape[0] - edge))
    chip: Image = np.asarray(dlib.get_face_chip(crop, shape, size_px, 0.2))
    return chip
