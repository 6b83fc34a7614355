"""Sentences → vectors: the sentence model in a child process, or hashed n-grams. Importing this loads no model library."""

from .base import Embedder
from .hashed import HashedEmbedder
from .process import ProcessEmbedder

__all__ = ["Embedder", "HashedEmbedder", "ProcessEmbedder"]
