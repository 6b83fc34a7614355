"""What every embedder is: sentences in, unit vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np


class Embedder(Protocol):
    """Turns sentences into vectors of length one, so that a dot product is a cosine.

    Attributes:
        model_id: names model and revision; vectors of different ids are never compared.
        num_dims: length of a vector.
        floor: cosine under which two texts are unrelated, calibrated per model (tests/search/test_quality.py).
    """

    @property
    def model_id(self) -> str:
        """See the class."""
        ...

    @property
    def num_dims(self) -> int:
        """See the class."""
        ...

    @property
    def floor(self) -> float:
        """See the class."""
        ...

    def embed(self, texts: Sequence[str], *, timeout_s: float | None = None) -> np.ndarray:
        """Vectors of texts.

        Args:
            texts: any number of texts of any length (long ones are cut by the model).
            timeout_s: longest wait for all of them; ``None`` for the embedder's own patience.

        Returns:
            float32 of shape (len(texts), num_dims); an empty text may be all zeros.

        Raises:
            EmbeddingError: no vectors could be made.
        """
        ...

    def understands(self, text: str) -> bool:
        """Whether the model can read the text's script; one that cannot gives vectors that mean nothing, so none is made."""
        ...

    def close(self) -> None:
        """Let go of processes and memory; a later call starts afresh."""
