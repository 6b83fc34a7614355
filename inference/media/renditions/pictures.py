"""Pictures for the library and the player, made from the spool: poster, sprite sheet, waveform.

Problem: every one of these could be had from ffmpeg with another decode of the film; the spool already holds what they need.
Without a spool at hand the film is surveyed into a temporary one. Times are seconds from the first displayed frame.

Contents: :func:`make_poster`, :func:`make_sprites`, :func:`make_waveform`.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from inference.media.description import Frame, MediaInfo, RenditionFile
from inference.media.sandbox.ffmpeg import Report
from inference.media.spool import Spool, survey_chunk, survey_ranges
from inference.sampling import SAMPLE_RATE_HZ

PEAKS_PER_S = 20
"""Peaks of the waveform a second; the file says so (``rate_hz``)."""
TILE_WIDTH_PX = 160
MAX_TILES = 300
"""Tiles of a sprite sheet at most: ten by thirty of them make a picture of about four megapixels."""
_COLUMNS = 10
_CANDIDATES = 40
"""Frames that are compared for the poster."""
_WAVE_SIZE = (854, 480)
"""Width and height of the picture that stands for a film without pictures."""


@contextmanager
def _spool_of(path: Path, info: MediaInfo, spool: Spool | None, report: Report) -> Iterator[Spool]:
    if spool is not None:
        yield spool
        return
    with tempfile.TemporaryDirectory(prefix="omniscript-spool-") as folder:
        count = len(survey_ranges(info))
        for index in range(count):
            survey_chunk(path, info, Path(folder), index)
            report((index + 1) / count * 0.9, "reading")
        yield Spool(Path(folder), info)


def make_poster(path: Path, info: MediaInfo, out_dir: Path, report: Report, spool: Spool | None = None) -> RenditionFile:
    """Make ``poster.jpg``: a well-lit, detailed frame that is not black; the waveform where there are no pictures.

    Args:
        spool: the film's spool; without it the film is decoded for this alone.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    target = out_dir / "poster.jpg"
    with _spool_of(path, info, spool, report) as source:
        best = _best_frame(source)
        image = Image.fromarray(best.image) if best is not None else _wave_picture(source)
        _save_jpeg(image, target, 88)
    report(1.0, "poster")
    details = {"width_px": image.width, "height_px": image.height, "time_s": best.time_s if best is not None else None}
    return RenditionFile("poster", target, "image/jpeg", details)


def _best_frame(spool: Spool) -> Frame | None:
    """The candidate with the best exposure, contrast and detail; early frames (logos, titles) only if nothing else is lit."""
    best, best_score = None, -1.0
    for number in range(_CANDIDATES):
        frame = spool.frame_at(spool.duration_s * (0.04 + 0.92 * number / _CANDIDATES))
        if frame is None:
            continue
        grey = frame.image[::4, ::4].astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
        mean, spread = float(grey.mean()), float(grey.std())
        detail = float(np.abs(np.diff(grey, axis=1)).mean()) if grey.shape[1] > 1 else 0.0
        colour = float(np.ptp(frame.image[::8, ::8].astype(np.float32), axis=2).mean())
        exposure = math.exp(-(((mean - 115) / 60) ** 2))
        score = exposure * (1 + min(spread, 64) / 64 + min(detail, 12) / 12 + min(colour, 60) / 120)
        if score > best_score:
            best, best_score = frame, score
    return best


def _save_jpeg(image: Image.Image, target: Path, quality: int) -> None:
    partial = target.with_name(f".{target.name}.part")
    image.convert("RGB").save(partial, "JPEG", quality=quality, optimize=True)
    partial.replace(target)


def make_sprites(path: Path, info: MediaInfo, out_dir: Path, report: Report, spool: Spool | None = None) -> RenditionFile:
    """Make ``sprites.jpg``, one sheet of small frames for the scrub bar, and its WebVTT index ``sprites.vtt`` (a companion of the result).

    A tile every second at best, at most 300 tiles; details give ``interval_s``, ``columns``, ``tile_width_px``,
    ``tile_height_px``, ``num_tiles``. Sound only: one tile with the waveform.

    Args:
        spool: the film's spool; without it the film is decoded for this alone.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    interval_s = max(1.0, math.ceil(4 * info.duration_s / MAX_TILES) / 4) if info.video else max(info.duration_s, 0.001)
    count = max(1, math.ceil(info.duration_s / interval_s - 1e-9))
    with _spool_of(path, info, spool, report) as source:
        width, height = source.frame_size if info.video else _WAVE_SIZE
        tile = (TILE_WIDTH_PX, max(2, min(2 * TILE_WIDTH_PX, round(TILE_WIDTH_PX * height / width))))
        columns = min(_COLUMNS, count)
        sheet = Image.new("RGB", (columns * tile[0], math.ceil(count / columns) * tile[1]))
        for number in range(count):
            frame = source.frame_at(number * interval_s)
            picture = Image.fromarray(frame.image) if frame is not None else _wave_picture(source)
            small = picture.resize(tile, Image.Resampling.BILINEAR, reducing_gap=2.0)
            sheet.paste(small, (number % columns * tile[0], number // columns * tile[1]))
            if number % 20 == 0:
                report(number / count, "sprites")
    target = out_dir / "sprites.jpg"
    _save_jpeg(sheet, target, 75)
    index = out_dir / "sprites.vtt"
    index.write_text(_vtt(target.name, count, interval_s, info.duration_s, columns, tile), encoding="utf-8")
    report(1.0, "sprites")
    details = {"interval_s": interval_s, "columns": columns, "tile_width_px": tile[0], "tile_height_px": tile[1], "num_tiles": count}
    return RenditionFile("sprite", target, "image/jpeg", details, (RenditionFile("sprite_vtt", index, "text/vtt", {"sheet": target.name}),))


def _vtt(sheet: str, count: int, interval_s: float, duration_s: float, columns: int, tile: tuple[int, int]) -> str:
    lines = ["WEBVTT", ""]
    for number in range(count):
        end_s = min((number + 1) * interval_s, duration_s)
        left, top = number % columns * tile[0], number // columns * tile[1]
        lines += [f"{_vtt_time(number * interval_s)} --> {_vtt_time(end_s)}", f"{sheet}#xywh={left},{top},{tile[0]},{tile[1]}", ""]
    return "\n".join(lines)


def _vtt_time(time_s: float) -> str:
    milliseconds = round(time_s * 1000)
    return f"{milliseconds // 3_600_000:02d}:{milliseconds // 60_000 % 60:02d}:{milliseconds // 1000 % 60:02d}.{milliseconds % 1000:03d}"


def make_waveform(path: Path, info: MediaInfo, out_dir: Path, report: Report, spool: Spool | None = None) -> RenditionFile:
    """Make ``waveform.json``: ``{"version", "rate_hz": 20, "duration_s", "min": [int8 …], "max": [int8 …]}``, one pair per
    twentieth of a second.

    Silent films get empty lists.

    Args:
        spool: the film's spool; without it the film is decoded for this alone.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    with _spool_of(path, info, spool, report) as source:
        low, high = _peaks(source)
    target = out_dir / "waveform.json"
    data = {"version": 1, "rate_hz": PEAKS_PER_S, "duration_s": info.duration_s, "min": low.tolist(), "max": high.tolist()}
    target.write_text(json.dumps(data, separators=(",", ":")))
    report(1.0, "waveform")
    return RenditionFile("waveform", target, "application/json", {"rate_hz": PEAKS_PER_S, "num_peaks": len(low)})


def _peaks(spool: Spool) -> tuple[np.ndarray, np.ndarray]:
    """Lowest and highest sample, int8, of each twentieth of a second; read a minute at a time."""
    if not spool.has_audio:
        return np.zeros(0, np.int8), np.zeros(0, np.int8)
    width = SAMPLE_RATE_HZ // PEAKS_PER_S
    total = math.ceil(spool.duration_s * PEAKS_PER_S - 1e-9)
    lows, highs = [], []
    for first in range(0, total, 60 * PEAKS_PER_S):
        past = min(total, first + 60 * PEAKS_PER_S)
        block = spool.audio(first / PEAKS_PER_S, past / PEAKS_PER_S).reshape(-1, width)
        lows.append(np.clip(np.floor(block.min(axis=1) * 128), -128, 127).astype(np.int8))
        highs.append(np.clip(np.ceil(block.max(axis=1) * 127), -128, 127).astype(np.int8))
    return np.concatenate(lows), np.concatenate(highs)


def _wave_picture(spool: Spool) -> Image.Image:
    """The whole sound as a drawing; a flat line for silence."""
    width, height = _WAVE_SIZE
    image = Image.new("RGB", (width, height), (24, 28, 36))
    draw = ImageDraw.Draw(image)
    low, high = _peaks(spool)
    middle = height // 2
    draw.line([(0, middle), (width, middle)], fill=(90, 120, 160))
    for column in range(width if len(low) else 0):
        first = column * len(low) // width
        past = max(first + 1, (column + 1) * len(low) // width)
        top = middle - int(high[first:past].max()) * (height // 2 - 20) // 127
        bottom = middle - int(low[first:past].min()) * (height // 2 - 20) // 128
        draw.line([(column, top), (column, bottom)], fill=(110, 170, 230))
    return image
