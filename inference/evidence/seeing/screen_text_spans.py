"""What was read off the screen, made into texts: the surest reading, pieces joined over time, lines joined into one text, roles.

Times in seconds; boxes are fractions of the picture. Contents: :func:`best_ocr_text`, :func:`is_plausible`, :func:`joined_lines`,
:func:`role_of`, :func:`is_ideographic`, :func:`is_readable`, :func:`unbroken`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import Levenshtein

from inference.evidence.spans import overlap_s

from ..observed import Box, TextSpan
from .face_detection import overlap
from .ocr import OcrText

SURE = 0.85
"""A text whose best reading scores less is left out: a logo read as letters is worse than none."""
SURE_SHORT = 0.93
"""The same for texts of few letters, which patterns are most often taken for."""
SHORT = 5
"""Most letters of a text that counts as short."""
WIDEST_LETTER = 1.9
"""Width of the box for each character, in heights of the box: spaced capitals reach 1.6, chimneys taken for letters 2.8."""
FLICKER_S = 0.5
"""A text that is lost for no longer was there all the time."""
SUBTITLE_TOP = 0.62
"""Subtitles begin below this share of the picture's height. Chosen."""
_LONGEST_SUBTITLE_S = 9.0
"""No subtitle stays longer. Chosen."""
_CREDIT_LINES = 5
"""As many lines at once are credits."""


def best_ocr_text(ocr_texts: Sequence[OcrText]) -> OcrText:
    """The text that was read most surely: scores of equal texts add up."""
    totals: dict[str, float] = {}
    for ocr_text in ocr_texts:
        totals[ocr_text.text] = totals.get(ocr_text.text, 0.0) + ocr_text.score
    return max(ocr_texts, key=lambda ocr_text: (round(totals[ocr_text.text], 6), ocr_text.score))


def is_plausible(ocr_text: OcrText, aspect: float) -> bool:
    """False for readings that are not sure enough for their length, or whose letters would be wider than lettering is.

    Args:
        aspect: width of the picture divided by its height.
    """
    letters = [char for char in ocr_text.text if not char.isspace()]
    if ocr_text.score < (SURE_SHORT if len(letters) <= SHORT else SURE):
        return False
    return ocr_text.box[2] * aspect <= WIDEST_LETTER * len(ocr_text.text) * ocr_text.box[3]


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


def unbroken(spans: Sequence[TextSpan]) -> list[TextSpan]:
    """A text that faded, grew or flickered was lost and found again: its pieces become one, read as its surest piece was."""
    whole: list[TextSpan] = []
    for span in sorted(spans, key=lambda s: (s.start_s, s.box[1], s.box[0])):
        for i, before in enumerate(whole):
            if span.start_s - before.end_s <= FLICKER_S and _one_place(span.box, before.box) and _alike(span.text, before.text):
                surest = max((before, span), key=lambda s: s.confidence)
                whole[i] = surest.model_copy(update={"start_s": before.start_s, "end_s": max(before.end_s, span.end_s)})
                break
        else:
            whole.append(span)
    return whole


def role_of(text: TextSpan, texts: Sequence[TextSpan], num_lines: int) -> str:
    """``subtitle``, ``title``, ``credit`` or ``sign``, from place, size, duration and company.

    A lonely text in the subtitles' place that stays much longer than it takes to read, or that came and went with a text elsewhere, is a
    logo or a title, not speech.
    """
    x, y, w, h = text.box
    centred = abs(x + w / 2 - 0.5) < 0.12
    company = sum(overlap_s(t, text) > 0.25 for t in texts)
    if num_lines >= _CREDIT_LINES or company >= _CREDIT_LINES:
        return "credit"
    if _could_be_subtitle(text, num_lines):
        alike = sum(t is not text and _could_be_subtitle(t, num_lines) and abs(t.box[1] + t.box[3] - y - h) < 0.04 for t in texts)
        longest_s = _LONGEST_SUBTITLE_S if alike >= 2 else 2.0 + len(text.text) / (2 if text.language == "zh" else 6)
        is_of_a_card = alike < 2 and any(_come_and_go_together(t, text) and not _could_be_subtitle(t, 1) for t in texts)
        if text.end_s - text.start_s <= min(longest_s, _LONGEST_SUBTITLE_S) and not is_of_a_card:
            return "subtitle"
    return "title" if centred and 0.15 < y + h / 2 < 0.85 else "sign"


def is_ideographic(text: str) -> bool:
    """True if at least a third of the characters are Chinese."""
    return 3 * sum("\u3400" <= char <= "\u9fff" for char in text) >= max(1, len(text.replace(" ", "")))


def _could_be_subtitle(text: TextSpan, num_lines: int) -> bool:
    x, y, w, h = text.box
    return y >= SUBTITLE_TOP and abs(x + w / 2 - 0.5) < 0.12 and h / max(1, num_lines) < 0.17


def _come_and_go_together(a: TextSpan, b: TextSpan) -> bool:
    return abs(a.start_s - b.start_s) <= 0.3 and abs(a.end_s - b.end_s) <= 0.3


def _alike(a: str, b: str) -> bool:
    return Levenshtein.normalized_similarity(a.replace(" ", "").casefold(), b.replace(" ", "").casefold()) >= 0.75


def _one_place(a: Box, b: Box) -> bool:
    return overlap(a, b) > 0.3


def _belongs(upper: TextSpan, lower: TextSpan) -> bool:
    gap = lower.box[1] - (upper.box[1] + upper.box[3])
    close = -0.5 * upper.box[3] < gap < 0.8 * max(upper.box[3], lower.box[3])
    alike = 0.6 < lower.box[3] / max(upper.box[3], 1e-6) < 1.7
    beside = min(upper.box[0] + upper.box[2], lower.box[0] + lower.box[2]) > max(upper.box[0], lower.box[0])
    return _come_and_go_together(upper, lower) and close and alike and beside and upper.language == lower.language


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
