"""Text in the picture: read only where and when it changed, because reading is the dearest thing the eyes do.

Lettering is thin strokes that stand out from both sides and stay where they are. So each sampled picture is turned into a mask of
such strokes; strokes that are there in two pictures running, and were not there before, are lettering or a still background. Lines of
them are read once; what the reader refuses is remembered as background until the shot changes. A text lasts while its own strokes
stay. It is read once more while it stays, and the reading with the better score wins.

Times in seconds; boxes are fractions of the picture. Contents: :class:`TextWatcher`, :func:`role_of`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from .evidence import Box, TextSpan
from .face_detection import Image, overlap
from .text_reading import Reading, read_line, read_text

Mask = npt.NDArray[np.bool_]

STROKE_LEVEL = 55
"""Least difference of luma (0 to 255) between a stroke and what is beside it."""
STILL_THERE = 0.6
"""A text is still shown while this share of its strokes is."""
AGAIN_S = 0.5
"""A text is read again after this time; a title that faded in reads better then."""
SURE = 0.85
"""A text whose best reading scores less is left out: a logo read as letters is worse than none."""
MOST_TRIES = 4
"""Refusals within a shot after which only a line of new strokes in the lower third is looked at again."""
_SUBTITLE_TOP = 0.62
_CREDIT_LINES = 5


@dataclass
class _Shown:
    """A text that is on screen now: first and last time seen, its strokes, where they are, and its readings."""

    start_s: float
    last_s: float
    mask: Mask
    area: tuple[slice, slice]
    readings: list[Reading]
    is_checked: bool = False


@dataclass
class TextWatcher:
    """Feed it the pictures of a segment in order, a quarter of a second apart; :meth:`finish` gives the texts."""

    num_reads: int = 0
    _shown: list[_Shown] = field(default_factory=list)
    _done: list[TextSpan] = field(default_factory=list)
    _before: tuple[float, Mask] | None = None
    _refused: Mask | None = None
    _tries: int = 0

    def cut(self) -> None:
        """A new shot begins: its background is unknown again."""
        self._refused = None
        self._tries = 0

    def look(self, time_s: float, image: Image) -> None:
        """See one picture."""
        strokes = stroke_mask(image)
        self._follow(time_s, strokes, image)
        if self._before is not None and self._before[1].shape == strokes.shape:
            before_s, before = self._before
            new = strokes & before
            for shown in self._shown:
                new[shown.area] = False
            if self._refused is not None:
                new &= ~self._refused
            lines = text_lines(new)
            if lines and self._worth_a_try(lines, strokes.shape[0]):
                self._read(before_s, time_s, strokes, image, lines)
        self._before = time_s, strokes

    def finish(self, end_s: float) -> list[TextSpan]:
        """All texts of the segment, in time order, lines that belong together joined; the watcher is empty afterwards."""
        for shown in self._shown:
            self._close(shown, end_s)
        spans = joined_lines(_unbroken(self._done))
        self._shown, self._done, self._before = [], [], None
        return spans

    def _follow(self, time_s: float, strokes: Mask, image: Image) -> None:
        staying = []
        for shown in self._shown:
            there = strokes[shown.area][shown.mask].mean() if shown.mask.any() else 0.0
            if there < STILL_THERE:
                self._close(shown, time_s)
                continue
            shown.last_s = time_s
            if not shown.is_checked and time_s - shown.start_s >= AGAIN_S:
                shown.is_checked = True
                self.num_reads += 1
                again = read_line(image, shown.readings[0].box)
                shown.readings += [again] if again else []
            staying.append(shown)
        self._shown = staying

    def _worth_a_try(self, lines: Sequence[tuple[slice, slice]], height: int) -> bool:
        return self._tries < MOST_TRIES or any(rows.start > _SUBTITLE_TOP * height for rows, _ in lines)

    def _read(self, start_s: float, time_s: float, strokes: Mask, image: Image, lines: Sequence[tuple[slice, slice]]) -> None:
        """Read the rows that hold new lines; what is not text becomes background."""
        if self._refused is None:
            self._refused = np.zeros_like(strokes)
        found_any = False
        for rows in _row_groups(lines, strokes.shape[0]):
            self.num_reads += 1
            band = (rows, slice(0, strokes.shape[1]))
            readings = read_text(image, band)
            found_any |= bool(readings)
            for reading in readings:
                if any(overlap(reading.box, shown.readings[0].box) > 0.3 for shown in self._shown):
                    continue
                area = _area(reading.box, strokes.shape)
                mask = strokes[area]
                if mask.sum() >= 12:
                    self._shown.append(_Shown(start_s, time_s, mask.copy(), area, [reading]))
            self._refuse(band, strokes)
        self._tries = 0 if found_any else self._tries + 1

    def _refuse(self, band: tuple[slice, slice], strokes: Mask) -> None:
        """Strokes of the band that no text owns are background until the next cut."""
        assert self._refused is not None
        left = strokes[band].copy()
        whole = np.zeros_like(strokes)
        whole[band] = left
        for shown in self._shown:
            whole[shown.area] = False
        self._refused |= cv2.dilate(whole.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(bool)

    def _close(self, shown: _Shown, end_s: float) -> None:
        reading = best_reading(shown.readings)
        if reading.score < SURE:
            return
        self._done.append(
            TextSpan(
                start_s=shown.start_s,
                end_s=max(end_s, shown.start_s),
                text=reading.text,
                box=reading.box,
                confidence=round(reading.score, 3),
                role="sign",
                language="zh" if is_ideographic(reading.text) else "",
            )
        )


def stroke_mask(image: Image) -> Mask:
    """Thin strokes, lighter or darker than what is on both sides of them."""
    luma = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    kernel = np.ones((9, 9), np.uint8)
    light = cv2.morphologyEx(luma, cv2.MORPH_TOPHAT, kernel) > STROKE_LEVEL
    mask: Mask = light | (cv2.morphologyEx(luma, cv2.MORPH_BLACKHAT, kernel) > 1.4 * STROKE_LEVEL)
    return mask


def text_lines(strokes: Mask) -> list[tuple[slice, slice]]:
    """Where strokes stand close together in a row: (rows, columns) of each line that could be lettering."""
    height, width = strokes.shape
    reach = max(3, height // 28)
    closed = cv2.morphologyEx(strokes.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, reach), np.uint8))
    opened = cv2.morphologyEx(closed, cv2.MORPH_OPEN, np.ones((max(3, height // 80), 3), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    lines = []
    for x, y, w, h, _ in stats[1:]:
        if height / 60 <= h <= height / 4 and w >= 1.6 * h and w >= width / 30:
            share = strokes[y : y + h, x : x + w].mean()
            if 0.12 <= share <= 0.92:
                lines.append((slice(int(y), int(y + h)), slice(int(x), int(x + w))))
    return lines


def best_reading(readings: Sequence[Reading]) -> Reading:
    """The text that was read most surely: scores of equal texts add up."""
    totals: dict[str, float] = {}
    for reading in readings:
        totals[reading.text] = totals.get(reading.text, 0.0) + reading.score
    best = max(readings, key=lambda reading: (round(totals[reading.text], 6), reading.score))
    return best


def joined_lines(spans: Sequence[TextSpan]) -> list[TextSpan]:
    """Lines that stand below each other at the same time, in one script, become one text; then every text gets its role."""
    blocks: list[list[TextSpan]] = []
    for span in sorted(spans, key=lambda s: (round(s.start_s, 2), s.box[1], s.box[0])):
        home = next((block for block in blocks if _belongs(block[-1], span)), None)
        blocks.append([span]) if home is None else home.append(span)
    readable = [block for block in blocks if is_readable(" ".join(span.text for span in block))]
    texts = [_joined(block) for block in readable]
    return [text.model_copy(update={"role": role_of(text, texts, len(block))}) for text, block in zip(texts, readable, strict=True)]


def is_readable(text: str) -> bool:
    """False for what patterns read as: no letters, or nothing but scattered single letters ("1 N T F")."""
    words = re.findall(r"\w+", text)
    return is_ideographic(text) or any(len(word) > 1 and not word.isdigit() for word in words) or text.strip().isdigit()


def _unbroken(spans: Sequence[TextSpan]) -> list[TextSpan]:
    """A text that faded, grew or flickered was lost and found again: its pieces become one, read as its surest piece was."""
    whole: list[TextSpan] = []
    for span in sorted(spans, key=lambda s: (s.start_s, s.box[1], s.box[0])):
        for i, before in enumerate(whole):
            if span.start_s - before.end_s <= AGAIN_S and overlap(span.box, before.box) > 0.3 and _alike(span.text, before.text):
                surest = max((before, span), key=lambda s: s.confidence)
                whole[i] = surest.model_copy(update={"start_s": before.start_s, "end_s": max(before.end_s, span.end_s)})
                break
        else:
            whole.append(span)
    return whole


def _alike(a: str, b: str) -> bool:
    return Levenshtein.normalized_similarity(a.replace(" ", "").casefold(), b.replace(" ", "").casefold()) >= 0.75


def role_of(text: TextSpan, texts: Sequence[TextSpan], num_lines: int) -> str:
    """``subtitle``, ``title``, ``credit`` or ``sign``, from place, size, duration and company."""
    x, y, w, h = text.box
    centred = abs(x + w / 2 - 0.5) < 0.12
    company = sum(min(t.end_s, text.end_s) - max(t.start_s, text.start_s) > 0.25 for t in texts)
    if num_lines >= _CREDIT_LINES or company >= _CREDIT_LINES:
        return "credit"
    if y >= _SUBTITLE_TOP and centred and text.end_s - text.start_s <= 9 and h / max(1, num_lines) < 0.13:
        return "subtitle"
    return "title" if centred and 0.15 < y + h / 2 < 0.8 else "sign"


def is_ideographic(text: str) -> bool:
    """True if at least a third of the characters are Chinese."""
    return 3 * sum("\u3400" <= char <= "\u9fff" for char in text) >= max(1, len(text.replace(" ", "")))


def _row_groups(lines: Sequence[tuple[slice, slice]], height: int) -> list[slice]:
    """Rows to read at once: lines nearer than a line's height share a strip, with a margin."""
    margin = height // 24
    strips: list[list[int]] = []
    for rows, _ in sorted(lines, key=lambda line: line[0].start):
        if strips and rows.start - strips[-1][1] <= margin:
            strips[-1][1] = max(strips[-1][1], rows.stop)
        else:
            strips.append([rows.start, rows.stop])
    return [slice(max(0, top - margin), min(height, bottom + margin)) for top, bottom in strips]


def _area(box: Box, shape: tuple[int, ...]) -> tuple[slice, slice]:
    height, width = shape[:2]
    rows = slice(max(0, int(box[1] * height)), min(height, int((box[1] + box[3]) * height) + 1))
    return rows, slice(max(0, int(box[0] * width)), min(width, int((box[0] + box[2]) * width) + 1))


def _belongs(upper: TextSpan, lower: TextSpan) -> bool:
    together = abs(upper.start_s - lower.start_s) <= 0.3 and abs(upper.end_s - lower.end_s) <= 0.3
    gap = lower.box[1] - (upper.box[1] + upper.box[3])
    close = -0.5 * upper.box[3] < gap < 0.8 * max(upper.box[3], lower.box[3])
    alike = 0.6 < lower.box[3] / max(upper.box[3], 1e-6) < 1.7
    return together and close and alike and upper.language == lower.language


def _joined(block: Sequence[TextSpan]) -> TextSpan:
    if len(block) == 1:
        return block[0]
    left, top = min(s.box[0] for s in block), min(s.box[1] for s in block)
    right, bottom = max(s.box[0] + s.box[2] for s in block), max(s.box[1] + s.box[3] for s in block)
    return block[0].model_copy(
        update={
            "end_s": max(s.end_s for s in block),
            "text": ("" if block[0].language == "zh" else " ").join(s.text for s in block),
            "box": (left, top, round(right - left, 4), round(bottom - top, 4)),
            "confidence": min(s.confidence for s in block),
        }
    )
