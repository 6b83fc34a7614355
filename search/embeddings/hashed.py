"""Hashed character n-grams: vectors without weights, in any language, the same on every machine.

Each word gives itself and its character n-grams (n = 3 to 5, with word borders); Chinese, Japanese and Korean text gives characters and
pairs of characters. Each feature is hashed to a dimension and a sign (feature hashing, Weinberger et al. 2009); a word's features
share a weight of one, function words a fifth of that. The vector is normalised. It finds spelling variants and inflections, not
synonyms: the fallback while no sentence model is installed, and what tests use.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from search.analysis import is_ideographic, is_stop_word, raw_words

NUM_DIMS = 512
NGRAM_SIZES = (3, 4, 5)
STOP_WORD_WEIGHT = 0.2


class HashedEmbedder:
    """See the module. Stateless."""

    model_id = "hashed-ngrams@1"
    num_dims = NUM_DIMS
    floor = 0.42

    def embed(self, texts: Sequence[str], *, timeout_s: float | None = None) -> np.ndarray:
        """float32 (len(texts), 512); see :class:`search.embeddings.Embedder`."""
        vectors = np.zeros((len(texts), NUM_DIMS), np.float32)
        for vector, text in zip(vectors, texts, strict=True):
            for word in raw_words(text):
                places, values = _features(word)
                np.add.at(vector, places, values)
            norm = float(np.linalg.norm(vector))
            if norm > 0.0:
                vector /= norm
        return vectors

    def understands(self, text: str) -> bool:
        """Any script."""
        return True

    def close(self) -> None:
        """Nothing to let go of."""


@lru_cache(maxsize=50_000)
def _features(word: str) -> tuple[np.ndarray, np.ndarray]:
    """Dimensions and signed weights of one word."""
    if is_ideographic(word):
        features = [*word, *(word[i : i + 2] for i in range(len(word) - 1))]
        weight = float(len(word))
    else:
        edged = f"<{word}>"
        features = [f"={word}"] * 3
        features += [edged[i : i + size] for size in NGRAM_SIZES for i in range(len(edged) - size + 1)]
        weight = STOP_WORD_WEIGHT if is_stop_word(word) else 1.0
    hashes = [zlib.crc32(feature.encode()) for feature in features]
    places = np.array([value % NUM_DIMS for value in hashes])
    signs = np.array([1.0 if value & 0x80000000 else -1.0 for value in hashes], np.float32)
    return places, signs * np.float32(weight / max(1, len(features)) ** 0.5)
