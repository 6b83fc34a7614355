"""Text as the V2S metrics compare it: folding, and normalised edit similarity.

Text is compared after NFKC, case folding, and white space folded to single blanks; an empty string is an absent field.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from rapidfuzz.distance import Levenshtein


@lru_cache(maxsize=65536)
def fold(text: str) -> str:
    """The comparable form of a text; "" for an absent one."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def similarity(a: str, b: str) -> float:
    """1 − Levenshtein(a, b) / max(len(a), len(b)) of two folded texts, in [0, 1]. Two empty texts have nothing to compare: 0."""
    return float(Levenshtein.normalized_similarity(a, b)) if a and b else 0.0
