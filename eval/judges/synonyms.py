"""Scene type and time of day: different words of the trade for one thing are equal before any judge looks (paper, section 8.2).

Texts that the table does not know go to the judge behind it; equal after the table scores 1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from .base import Judge, Pair

SYNONYMS: dict[str, tuple[tuple[str, ...], ...]] = {
    "type": (
        ("interior", "int", "int.", "inside", "indoor", "indoors", "内景", "内", "室内"),
        ("exterior", "ext", "ext.", "outside", "outdoor", "outdoors", "外景", "外", "室外"),
        ("interior/exterior", "int/ext", "int./ext.", "ext/int", "i/e", "内外景", "内/外"),
    ),
    "time": (
        ("night", "nighttime", "night time", "at night", "midnight", "late night", "夜", "夜晚", "晚上", "深夜", "夜间"),
        ("day", "daytime", "day time", "daylight", "日", "白天", "日间"),
        ("dawn", "early morning", "daybreak", "sunrise", "first light", "清晨", "黎明", "凌晨", "拂晓"),
        ("morning", "早晨", "早上", "上午", "晨"),
        ("noon", "midday", "中午", "正午"),
        ("afternoon", "late afternoon", "下午", "午后"),
        ("dusk", "evening", "sunset", "twilight", "nightfall", "黄昏", "傍晚", "暮"),
    ),
}
"""Field → sets of equal texts, folded."""

_WORD = {name: {word: str(i) for i, words in enumerate(groups) for word in words} for name, groups in SYNONYMS.items()}


def canonical(field: str, text: str) -> str | None:
    """The set that a folded text belongs to, or ``None`` if the table does not know it."""
    return _WORD.get(field, {}).get(re.sub(r"\s*[,;(].*$", "", text).strip())


class SynonymJudge:
    """The table, then another judge for what the table does not know."""

    def __init__(self, behind: Judge) -> None:
        self._behind = behind
        self.name = behind.name

    def prepare(self, field: str, pairs: Sequence[Pair]) -> None:
        """Pass on the pairs that the table leaves open."""
        self._behind.prepare(field, [pair for pair in pairs if not _known(field, [*pair[0], *pair[1]])])

    def matrix(self, field: str, ref_items: Sequence[str], est_items: Sequence[str]) -> list[list[float]] | None:
        """1 for equals after the table, 0 for two known texts that differ, else what the judge behind says."""
        judged = None if _known(field, [*ref_items, *est_items]) else self._behind.matrix(field, ref_items, est_items)
        if judged is None and not _known(field, [*ref_items, *est_items]):
            return None
        return [
            [_cell(field, ref, est, judged[i][j] if judged else 0.0) for j, est in enumerate(est_items)] for i, ref in enumerate(ref_items)
        ]


def _known(field: str, texts: Sequence[str]) -> bool:
    return all(canonical(field, text) is not None for text in texts)


def _cell(field: str, ref: str, est: str, judged: float) -> float:
    left, right = canonical(field, ref), canonical(field, est)
    if left is not None and right is not None:
        return float(left == right)
    return 1.0 if ref == est else judged
