"""Comparing wordings: their words, how alike they are, and which writing system they are in.

What is heard, read and subtitled is set beside each other by its words alone: lower case, without punctuation, an ideograph being a word.
Contents: :func:`tokenize`, :func:`similarity`, :func:`script_of`, :func:`script_of_language`, :func:`split_scripts`.
"""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_WORD = re.compile(rf"{CJK.pattern}|[^\W_]+(?:['’][^\W_]+)*")


def script_of(text: str) -> str:
    """The writing system of most letters: "han" (Chinese, Japanese, Korean together), "latin" (all other), or "" without letters."""
    ideographs = len(CJK.findall(text))
    letters = sum(char.isalpha() for char in text) - ideographs
    if ideographs == letters == 0:
        return ""
    # One ideograph carries about as much as a word of Latin letters.
    return "han" if ideographs * 3 >= letters else "latin"


def script_of_language(language: str) -> str:
    """The writing system a language's subtitles use."""
    return "" if not language else "han" if language.split("-")[0] in ("zh", "ja", "ko", "yue") else "latin"


def split_scripts(text: str, language: str) -> tuple[str, str]:
    """(wording in the spoken language's script, the rest): a subtitle's rows are told apart by their letters."""
    wanted = script_of_language(language)
    rows = [row.strip() for row in text.splitlines() if row.strip()] or [text.strip()]
    if not wanted:
        return " ".join(rows), ""
    scripts = [script_of(row) or wanted for row in rows]
    joint = "" if wanted == "han" else " "
    own = joint.join(row for row, script in zip(rows, scripts, strict=True) if script == wanted)
    rest = " ".join(row for row, script in zip(rows, scripts, strict=True) if script != wanted)
    return own, rest


def tokenize(text: str) -> list[str]:
    """Comparable words, lower case without punctuation; an ideograph is a word."""
    return _WORD.findall(text.casefold())


def similarity(left: str, right: str) -> float:
    """1 for the same words in the same order, 0 for nothing in common; compared by letters, so that near misses count."""
    return float(Levenshtein.normalized_similarity(" ".join(tokenize(left)), " ".join(tokenize(right))))
