"""The sentence model's files: where they are, and the id that names model and revision. Loads no model library."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

from search.errors import EmbeddingModelError

GRAPH_VERSION = 1
"""Goes up when :mod:`.bert_graph` writes another graph for the same weights."""

FLOORS = {"all-MiniLM-L6-v2": 0.28}
"""Cosine under which a sentence and a record are unrelated, per model (calibrated in tests/search/test_quality.py)."""

NEEDED = ("config.json", "model.safetensors", "tokenizer.json")


MIN_SHARE_OF_LATIN = 0.7


def is_mostly_latin(text: str) -> bool:
    """True if most letters are Latin: what an English sentence model has tokens for (to it, all Chinese lines are one)."""
    letters = [char for char in text if char.isalpha()]
    return sum(char < "\u0250" for char in letters) >= MIN_SHARE_OF_LATIN * len(letters)


@dataclass(frozen=True)
class ModelFiles:
    """A model folder in sentence-transformers' layout."""

    directory: Path
    cache_dir: Path
    model_id: str
    num_dims: int
    max_num_tokens: int
    floor: float

    @property
    def tokenizer(self) -> Path:
        """The tokenizer's file."""
        return self.directory / "tokenizer.json"

    @classmethod
    def find(cls, weights_dir: Path, cache_dir: Path) -> ModelFiles:
        """Look the folder over.

        Raises:
            EmbeddingModelError: a file is missing or the config cannot be read.
        """
        missing = [name for name in NEEDED if not (weights_dir / name).is_file()]
        if missing:
            raise EmbeddingModelError(f"The sentence model in {weights_dir} lacks {', '.join(missing)}.")
        try:
            config = json.loads((weights_dir / "config.json").read_text())
            num_dims, name = int(config["hidden_size"]), str(config.get("_name_or_path") or "")
        except (ValueError, KeyError) as error:
            raise EmbeddingModelError(f"The sentence model's config in {weights_dir} cannot be read: {error}.") from error
        name = "all-MiniLM-L6-v2" if num_dims == 384 and config.get("num_hidden_layers") == 6 else Path(name).name or "sentence-model"
        digest = _digest(weights_dir / "model.safetensors", cache_dir)
        return cls(weights_dir, cache_dir, f"{name}@{digest[:12]}", num_dims, _max_num_tokens(weights_dir), FLOORS.get(name, 0.30))


def _max_num_tokens(weights_dir: Path) -> int:
    """Texts are cut here, as the model was trained (256 for MiniLM)."""
    config = weights_dir / "sentence_bert_config.json"
    return int(json.loads(config.read_text()).get("max_seq_length", 256)) if config.is_file() else 256


def _digest(path: Path, cache_dir: Path) -> str:
    """SHA-256 of the weights, remembered beside the graph by size and time of change (90 MB take a while to hash)."""
    state = path.stat()
    key = hashlib.sha256(f"{path.resolve()}:{state.st_size}:{state.st_mtime_ns}".encode()).hexdigest()[:16]
    note = cache_dir / f"sha256-{key}.txt"
    if note.is_file() and len(known := note.read_text().strip()) == 64:
        return known
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    cache_dir.mkdir(parents=True, exist_ok=True)
    unfinished = note.with_suffix(f".{os.getpid()}.tmp")
    unfinished.write_text(digest)
    unfinished.replace(note)
    return digest
