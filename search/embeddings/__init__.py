"""Sentences → vectors. Signatures first."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np


class Embedder(Protocol):
    """Turns sentences into unit vectors. ``model_id`` names model and revision; ``floor`` is the cosine under which two texts are unrelated."""

    model_id: str
    dims: int
    floor: float

    def embed(self, texts: Sequence[str], *, timeout_s: float | None = None) -> np.ndarray: ...

    def warm(self) -> None: ...

    def close(self) -> None: ...


class HashedEmbedder:
    """Hashed character n-grams: no weights, any language, deterministic."""


class ProcessEmbedder:
    """MiniLM in a child process: ``ProcessEmbedder(weights_dir: Path, cache_dir: Path)``; ``weights_dir`` has the safetensors and the tokenizer."""

    def __init__(self, weights_dir: Path, cache_dir: Path) -> None: ...
