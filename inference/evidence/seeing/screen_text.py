"""Text in the picture: read only where and when it changed, because reading is the dearest thing the eyes do.

Lettering is thin strokes that stand out from both sides, stay where they are and keep their luma. So each sampled picture is turned into a
mask of such strokes; strokes that are there in two pictures running, and were not there before, are lettering or a still background.
Lines of them are read once; what the reader refuses is remembered as background until the shot changes, and refusals use up a budget. A
text lasts while its own strokes stay. It is read once more while it stays, and the reading with the better score wins.

Times in seconds; boxes are fractions of the picture. Contents: :class:`TextWatcher`, :func:`find_strokes`, :func:`text_lines`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from ..observed import Box, TextSpan
from .face_detection import Image, overlap
from .ocr import OcrText, read_line, read_text
from .screen_text_spans import SUBTITLE_TOP, best_ocr_text, is_ideographic, is_plausible, joined_lines, unbroken

Mask = npt.NDArray[np.bool_]
Strokes = npt.NDArray[np.int8]
"""1 on a light stroke, -1 on a dark one, 0 elsewhere; (height, width)."""
Luma = npt.NDArray[np.uint8]
Area = tuple[slice, slice]

STROKE_LEVEL = 55
"""Least difference of luma (0 to 255) between a stroke and what is beside it. Chosen."""
STILL_THERE = 0.65
"""A text is still shown while this share of its strokes is, light as light and dark as dark; of another text's, less than half are."""
STEADY_LEVEL, STEADY_SHARE = 24, 0.6
"""A line waits to be read until this share of its strokes changes its luma alike (within the level) from one picture to the next."""
PLAIN_LEVEL = 10
"""Spread of luma (percentiles 20 to 80) below which the ground of a line is plain."""
CARD_SHARE = 0.7
"""Share of the picture that has one luma from which it is a card. Chosen."""
AGAIN_S = 0.5
"""A text is read again after this time; a title that faded in reads better then."""
MOST_TRIES = 4.0
"""Refused strips that a shot may cost at once; the budget grows again by :data:`TRIES_PER_S`. Lines that look like subtitles are exempt."""
TRIES_PER_S = 0.25
"""Refused strips a second by which the budget grows again."""
LOOK_BACK = 8
"""Pictures in which the first appearance of a text that faded in is looked for."""
_LEAST_STROKES_PX = 12
"""Fewer pixels of strokes are no letters."""


@dataclass
class _Shown:
    """A text that is on screen now: first and last time seen, its strokes, where they are, and what was read each time."""

    start_s: float
    last_s: float
    strokes: Strokes
    area: Area
    ocr_texts: list[OcrText]
    is_checked: bool = False


@dataclass
class TextWatcher:
    """Feed it the pictures of a segment in order, a quarter of a second apart; :meth:`finish` gives the texts.

    ``num_reads`` counts the calls of the reader.
    """

    num_reads: int = 0
    _shown: list[_Shown] = field(default_factory=list)
    _done: list[TextSpan] = field(default_factory=list)
    _before: deque[tuple[float, Strokes]] = field(default_factory=lambda: deque(maxlen=LOOK_BACK))
    _luma: Luma | None = None
    _refused: Mask | None = None
    _budget: float = MOST_TRIES
    _aspect: float = 16 / 9

    def cut(self) -> None:
        """A new shot begins: its background is unknown again."""
        self._refused = None
        self._budget = MOST_TRIES

    def look(self, time_s: float, image: Image) -> None:
        """See one picture."""
        luma = np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), np.uint8)
        strokes = find_strokes(luma)
        self._aspect = image.shape[1] / image.shape[0]
        if self._luma is not None and self._luma.shape != luma.shape:
            self._luma, self._refused = None, None
            self._before.clear()
        self._follow(time_s, strokes, image)
        if self._luma is not None:
            before_s, before = self._before[-1]
            self._budget = min(MOST_TRIES, self._budget + TRIES_PER_S * (time_s - before_s))
            change = luma.astype(np.int16) - self._luma
            candidates = text_lines(self._unknown((strokes == before) & (strokes != 0)))
            lines = [
                line for line in candidates if _is_steady(change[line][strokes[line] != 0]) or _is_plain(luma[line][strokes[line] == 0])
            ]
            if lines:
                self._read(time_s, strokes, luma, image, lines)
        self._before.append((time_s, strokes))
        self._luma = luma

    def finish(self, end_s: float) -> list[TextSpan]:
        """All texts of the segment, in time order, lines that belong together joined; the watcher is empty afterwards."""
        for shown in self._shown:
            self._close(shown, end_s)
        spans = joined_lines(unbroken(self._done))
        self._shown, self._done, self._luma = [], [], None
        self._before.clear()
        self.cut()
        return spans

    def _unknown(self, strokes: Mask) -> Mask:
        """Strokes that belong to no text on screen and are not known as background."""
        for shown in self._shown:
            strokes[shown.area] = False
        if self._refused is not None:
            strokes &= ~self._refused
        return strokes

    def _follow(self, time_s: float, strokes: Strokes, image: Image) -> None:
        staying = []
        for shown in self._shown:
            if _agreement(strokes[shown.area], shown.strokes) < STILL_THERE:
                self._close(shown, time_s)
                continue
            shown.last_s = time_s
            if not shown.is_checked and time_s - shown.start_s >= AGAIN_S:
                shown.is_checked = True
                self.num_reads += 1
                again = read_line(image, shown.ocr_texts[0].box)
                shown.ocr_texts += [again] if again else []
            staying.append(shown)
        self._shown = staying

    def _read(self, time_s: float, strokes: Strokes, luma: Luma, image: Image, lines: Sequence[Area]) -> None:
        """Read the strips that hold new lines; what is not text becomes background."""
        if self._refused is None:
            self._refused = np.zeros(strokes.shape, bool)
        for strip, members in _strips(lines, strokes.shape):
            is_subtitle = any(_looks_like_subtitle(line, strokes, luma) for line in members)
            if self._budget < 1 and not is_subtitle:
                continue
            self.num_reads += 1
            ocr_texts = [ocr_text for ocr_text in read_text(image, strip) if is_plausible(ocr_text, self._aspect)]
            self._budget -= 0 if ocr_texts or is_subtitle else 1
            for ocr_text in ocr_texts:
                self._show(ocr_text, time_s, strokes)
            self._refuse(strip, strokes)

    def _show(self, ocr_text: OcrText, time_s: float, strokes: Strokes) -> None:
        if any(overlap(ocr_text.box, shown.ocr_texts[0].box) > 0.3 for shown in self._shown):
            return
        area = _area(ocr_text.box, strokes.shape)
        now, before = strokes[area], self._before[-1][1][area]
        lasting = np.where(now == before, now, 0).astype(np.int8)
        own = lasting if 2 * np.count_nonzero(lasting) >= np.count_nonzero(now) else now.copy()
        if np.count_nonzero(own) < _LEAST_STROKES_PX:
            return
        start_s = self._before[-1][0]
        for before_s, earlier in reversed(self._before):
            if _agreement(earlier[area], own) < STILL_THERE:
                break
            start_s = before_s
        self._shown.append(_Shown(start_s, time_s, own, area, [ocr_text]))

    def _refuse(self, strip: Area, strokes: Strokes) -> None:
        """Strokes of the strip that no text owns are background until the next cut."""
        assert self._refused is not None
        whole = np.zeros(strokes.shape, bool)
        whole[strip] = strokes[strip] != 0
        for shown in self._shown:
            whole[shown.area] = False
        self._refused |= cv2.dilate(whole.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)

    def _close(self, shown: _Shown, end_s: float) -> None:
        ocr_text = best_ocr_text(shown.ocr_texts)
        if not is_plausible(ocr_text, self._aspect):
            return
        self._done.append(
            TextSpan(
                start_s=shown.start_s,
                end_s=max(end_s, shown.start_s),
                text=ocr_text.text,
                box=ocr_text.box,
                confidence=round(ocr_text.score, 3),
                role="sign",
                language="zh" if is_ideographic(ocr_text.text) else "",
            )
        )


def find_strokes(luma: Luma) -> Strokes:
    """Thin strokes, lighter or darker than what is on both sides of them, in a picture of luma (height, width).

    On a card (nearly all of the picture of one luma) strokes may be thick: titles are large, and there is nothing to take for them.
    """
    coarse = luma[::8, ::8].astype(np.int16)
    is_card = (np.abs(coarse - np.median(coarse)) <= PLAIN_LEVEL).mean() >= CARD_SHARE
    side_px = 25 if is_card else 9
    kernel = np.ones((side_px, side_px), np.uint8)
    dark = cv2.morphologyEx(luma, cv2.MORPH_BLACKHAT, kernel) > 1.4 * STROKE_LEVEL
    strokes = -dark.astype(np.int8)
    strokes[cv2.morphologyEx(luma, cv2.MORPH_TOPHAT, kernel) > STROKE_LEVEL] = 1
    return strokes


def text_lines(strokes: Mask) -> list[Area]:
    """Where strokes stand close together in a row: (rows, columns) of each line that could be lettering."""
    height, width = strokes.shape
    if np.count_nonzero(strokes) < 40:
        return []
    reach = max(3, height // 28)
    closed = cv2.morphologyEx(strokes.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, reach), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((max(3, height // 80), 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    lines = []
    for x, y, w, h, _ in stats[1:]:
        if height / 60 <= h <= height / 4 and w >= 1.6 * h and w >= width / 26:
            share = strokes[y : y + h, x : x + w].mean()
            if 0.12 <= share <= 0.92:
                lines.append((slice(int(y), int(y + h)), slice(int(x), int(x + w))))
    return lines


def _agreement(strokes: Strokes, own: Strokes) -> float:
    """Share of a text's own strokes that are there, light as light and dark as dark."""
    mask = own != 0
    return float((strokes[mask] == own[mask]).mean()) if mask.any() else 0.0


def _is_steady(change: npt.NDArray[np.int16]) -> bool:
    """Whether strokes kept their luma or, in a fade, changed it alike."""
    return bool((np.abs(change - np.median(change)) <= STEADY_LEVEL).mean() >= STEADY_SHARE)


def _is_plain(ground: Luma) -> bool:
    """Whether all that is not stroke is of one luma, as on a title card; there, letters may grow or drift."""
    return ground.size > 0 and bool(np.subtract(*np.percentile(ground, [80, 20])) < PLAIN_LEVEL)


def _looks_like_subtitle(line: Area, strokes: Strokes, luma: Luma) -> bool:
    """Low in the picture, across its middle, and all of one brightness, which textures are not."""
    height, width = strokes.shape
    rows, columns = line
    if rows.start < SUBTITLE_TOP * height or not columns.start < width / 2 < columns.stop or rows.stop - rows.start > height / 8:
        return False
    values = luma[line][strokes[line] != 0]
    bright = values[values > values.mean()].astype(np.int16)
    return bool(len(bright) and (np.abs(bright - np.percentile(bright, 80)) < 30).mean() >= 0.6)


def _strips(lines: Sequence[Area], shape: tuple[int, ...]) -> list[tuple[Area, list[Area]]]:
    """What to read at once, from top to bottom: lines nearer than a line's height share a strip, with a margin.

    The reader pays by the width: a strip is as wide as its lines and a margin for letters that did not stand out.
    """
    height, width = shape[:2]
    margin = height // 24
    groups: list[list[Area]] = []
    for line in sorted(lines, key=lambda line: (line[0].start, line[1].start)):
        if groups and line[0].start - max(rows.stop for rows, _ in groups[-1]) <= margin:
            groups[-1].append(line)
        else:
            groups.append([line])
    strips = []
    for group in groups:
        top, bottom = min(rows.start for rows, _ in group), max(rows.stop for rows, _ in group)
        left, right = min(columns.start for _, columns in group), max(columns.stop for _, columns in group)
        side = max(width // 10, 2 * (bottom - top))
        rows = slice(max(0, top - margin), min(height, bottom + margin))
        strips.append(((rows, slice(max(0, left - side), min(width, right + side))), group))
    return strips


def _area(box: Box, shape: tuple[int, ...]) -> Area:
    height, width = shape[:2]
    rows = slice(max(0, int(box[1] * height)), min(height, int((box[1] + box[3]) * height) + 1))
    return rows, slice(max(0, int(box[0] * width)), min(width, int((box[0] + box[2]) * width) + 1))
