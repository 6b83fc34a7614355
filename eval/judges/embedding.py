"""The default judge: cosine of sentence embeddings, clipped at 0. No network, no GPU.

The embedders are given from outside (this package knows no models): anything that turns n texts into an (n, d) array of unit vectors.
A sentence model reads some scripts only (MiniLM: Latin letters); :class:`MultilingualJudge` scores the rest with a second embedder.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from eval.errors import JudgeError

from .base import Pair

Embed = Callable[[Sequence[str]], np.ndarray]


class EmbeddingJudge:
    """Cosine similarity in [0, 1]; equal texts are 1. ``name`` is the embedding model's name and version."""

    def __init__(self, embed: Embed, name: str) -> None:
        self._embed = embed
        self._vectors: dict[str, np.ndarray] = {}
        self.name = f"embedding ({name})"

    def prepare(self, field: str, pairs: Sequence[Pair]) -> None:
        """Embed every new text of a field in one batch."""
        texts = [text for ref_items, est_items in pairs for text in (*ref_items, *est_items)]
        new = sorted({text for text in texts if text not in self._vectors})
        if new:
            vectors = np.asarray(self._embed(new), dtype=np.float32)
            if vectors.ndim != 2 or len(vectors) != len(new) or not np.isfinite(vectors).all():
                raise JudgeError(f"{self.name} answered an array of shape {vectors.shape} for {len(new)} texts")
            self._vectors.update(zip(new, vectors, strict=True))

    def matrix(self, field: str, ref_items: Sequence[str], est_items: Sequence[str]) -> list[list[float]]:
        """Clipped cosines, (num_ref, num_est)."""
        self.prepare(field, [(list(ref_items), list(est_items))])
        if not ref_items or not est_items:
            return [[] for _ in ref_items]
        ref = np.stack([self._vectors[text] for text in ref_items])
        est = np.stack([self._vectors[text] for text in est_items])
        cosines = np.clip(ref @ est.T, 0.0, 1.0)
        return [[1.0 if r == e else float(cosines[i, j]) for j, e in enumerate(est_items)] for i, r in enumerate(ref_items)]


class MultilingualJudge:
    """One judge for texts that ``reads`` accepts, another for pairs in which either text is in another script (Chinese …).

    The second one compares spelling where the first compares meaning (character n-grams of a language without word breaks), so figures
    of scripts in different languages are not comparable; the name says which two were used.
    """

    def __init__(self, judge: EmbeddingJudge, other: EmbeddingJudge, reads: Callable[[str], bool]) -> None:
        self._judge, self._other, self._reads = judge, other, reads
        self.name = f"{judge.name} + {other.name} where it cannot read"

    def prepare(self, field: str, pairs: Sequence[Pair]) -> None:
        """Let each embed in one batch what it will be asked for."""
        for judge, wanted in ((self._judge, True), (self._other, False)):
            judge.prepare(field, [pair for pair in pairs if all(map(self._reads, (*pair[0], *pair[1]))) is wanted])

    def matrix(self, field: str, ref_items: Sequence[str], est_items: Sequence[str]) -> list[list[float]]:
        """Clipped cosines, (num_ref, num_est)."""
        judge = self._judge if all(map(self._reads, (*ref_items, *est_items))) else self._other
        return judge.matrix(field, ref_items, est_items)
