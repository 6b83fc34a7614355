"""Reading a strip of a picture: RapidOCR (PP-OCRv6 small, Chinese and Latin letters), loaded once per process."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from rapidocr import RapidOCR

from inference.environment import read_environment

from ..observed import Box
from .face_detection import Image

LEAST_SCORE = 0.72
"""Readings below it are textures more often than words."""
STRIP_PX = 64
"""A strip lower than this is enlarged: small letters read badly."""
EDGE_PX = 6
"""A text this near to the edge of its strip is cut off there."""
_lock = threading.Lock()


@dataclass(frozen=True)
class OcrText:
    """One line of text: box in fractions of the whole picture, score in [0, 1]."""

    text: str
    box: Box
    score: float


def read_text(image: Image, area: tuple[slice, slice]) -> list[OcrText]:
    """The lines of text in an area (rows, columns) of a picture, from top to bottom, each from left to right.

    Lettering that reaches the area's side is read again over the whole width of the picture.
    """
    rows, columns = area
    width = image.shape[1]
    ocr_texts = _read_strip(image, rows, columns)
    for ocr_text in ocr_texts:
        is_cut_left = columns.start > 0 and ocr_text.box[0] * width < columns.start + EDGE_PX
        is_cut_right = columns.stop < width and (ocr_text.box[0] + ocr_text.box[2]) * width > columns.stop - EDGE_PX
        if is_cut_left or is_cut_right:
            return _lines(_read_strip(image, rows, slice(0, width)))
    return _lines(ocr_texts)


def _read_strip(image: Image, rows: slice, columns: slice) -> list[OcrText]:
    """Pieces of text as the detector cuts them."""
    height, width = image.shape[:2]
    pad = height // 48
    top, bottom = max(0, rows.start - pad), min(height, rows.stop + pad)
    strip = image[top:bottom, columns]
    if min(strip.shape[:2]) < 8:
        return []
    scale = max(1.0, min(3.0, STRIP_PX / strip.shape[0] * 1.5))
    if scale > 1.0:
        strip = np.asarray(cv2.resize(strip, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC), np.uint8)
    with _lock:
        result = _reader()(cv2.cvtColor(strip, cv2.COLOR_RGB2BGR), use_det=True, use_cls=False, use_rec=True)
    if result.boxes is None or result.txts is None:
        return []
    ocr_texts = []
    for corners, text, score in zip(result.boxes, result.txts, result.scores, strict=True):
        if score >= LEAST_SCORE and text.strip():
            low, high = np.min(corners, axis=0) / scale, np.max(corners, axis=0) / scale
            left = columns.start
            box = ((low[0] + left) / width, (low[1] + top) / height, (high[0] - low[0]) / width, (high[1] - low[1]) / height)
            ocr_texts.append(OcrText(text.strip(), tuple(round(float(value), 4) for value in box), float(score)))  # type: ignore[arg-type]
    return ocr_texts


def read_line(image: Image, box: Box) -> OcrText | None:
    """Read again the one line that is known to stand in a box; a fraction of the cost of :func:`read_text`."""
    height, width = image.shape[:2]
    pad = round(0.1 * box[3] * height)
    rows = slice(max(0, int(box[1] * height) - pad), min(height, int((box[1] + box[3]) * height) + pad + 1))
    columns = slice(max(0, int(box[0] * width) - 2 * pad), min(width, int((box[0] + box[2]) * width) + 2 * pad + 1))
    with _lock:
        result = _reader()(cv2.cvtColor(image[rows, columns], cv2.COLOR_RGB2BGR), use_det=False, use_cls=False, use_rec=True)
    if not result.txts or result.scores[0] < LEAST_SCORE or not result.txts[0].strip():
        return None
    return OcrText(result.txts[0].strip(), box, float(result.scores[0]))


def _lines(ocr_texts: list[OcrText]) -> list[OcrText]:
    """Pieces of one row, read apart, become one line."""
    lines: list[list[OcrText]] = []
    for ocr_text in sorted(ocr_texts, key=lambda r: (r.box[1] + r.box[3] / 2, r.box[0])):
        middle = ocr_text.box[1] + ocr_text.box[3] / 2
        home = next(
            (line for line in lines if abs(line[0].box[1] + line[0].box[3] / 2 - middle) < 0.5 * ocr_text.box[3] and _near(line, ocr_text)),
            None,
        )
        lines.append([ocr_text]) if home is None else home.append(ocr_text)
    return [_one_line(sorted(line, key=lambda r: r.box[0])) for line in lines]


def _near(line: list[OcrText], ocr_text: OcrText) -> bool:
    gaps = [max(ocr_text.box[0] - (r.box[0] + r.box[2]), r.box[0] - (ocr_text.box[0] + ocr_text.box[2])) for r in line]
    return min(gaps) < 0.06


def _one_line(parts: list[OcrText]) -> OcrText:
    if len(parts) == 1:
        return parts[0]
    left, top = min(p.box[0] for p in parts), min(p.box[1] for p in parts)
    right, bottom = max(p.box[0] + p.box[2] for p in parts), max(p.box[1] + p.box[3] for p in parts)
    box = (left, top, round(right - left, 4), round(bottom - top, 4))
    return OcrText(" ".join(p.text for p in parts), box, min(p.score for p in parts))


@cache
def _reader() -> Any:
    return RapidOCR(
        params={
            "Global.log_level": "error",
            "Global.use_cls": False,
            # the detector's default enlarges every strip until its shorter side is 736 pixels
            "Det.limit_type": "max",
            "Det.limit_side_len": 960,
            "EngineConfig.onnxruntime.intra_op_num_threads": read_environment().num_vision_threads,
            "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        }
    )
