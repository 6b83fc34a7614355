"""The sentence model in this process: tokenizer, ONNX graph, onnxruntime on the CPU in float32.

Import it only where onnxruntime may be loaded: a worker, or the child of :mod:`search.embeddings.process`. The graph is written once
from the safetensors (:mod:`.bert_graph`) into a cache folder, under a name that holds the weights' SHA-256.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from search.embeddings.files import GRAPH_VERSION, ModelFiles, is_mostly_latin
from search.errors import EmbeddingModelError

BATCH_SIZE = 32
"""Larger batches are slower on a CPU: measured, they leave the cache."""


class SentenceModel:
    """A BERT sentence encoder. Not thread-safe on purpose: one caller, one process."""

    def __init__(self, weights_dir: Path, cache_dir: Path) -> None:
        """Load the model; the first time ever this writes the graph (a few seconds).

        Raises:
            EmbeddingModelError: files are missing, or are not a BERT encoder.
        """
        files = ModelFiles.find(weights_dir, cache_dir)
        self.model_id, self.num_dims, self.floor = files.model_id, files.num_dims, files.floor
        self._tokenizer = Tokenizer.from_file(str(files.tokenizer))
        self._tokenizer.enable_truncation(max_length=files.max_num_tokens)
        self._tokenizer.no_padding()
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = min(4, os.cpu_count() or 1)
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(_graph(files)), options, providers=["CPUExecutionProvider"])

    def embed(self, texts: Sequence[str], *, timeout_s: float | None = None) -> np.ndarray:
        """float32 (len(texts), 384), unit length. Texts run sorted by length, so that little is padding."""
        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
        vectors = np.zeros((len(tokens), self.num_dims), np.float32)
        for start in range(0, len(order), BATCH_SIZE):
            places = order[start : start + BATCH_SIZE]
            vectors[places] = self._run([tokens[place] for place in places])
        return vectors

    def _run(self, batch: list[list[int]]) -> np.ndarray:
        length = max(len(ids) for ids in batch)
        input_ids = np.zeros((len(batch), length), np.int64)
        mask = np.zeros((len(batch), length), np.int64)
        for row, ids in enumerate(batch):
            input_ids[row, : len(ids)] = ids
            mask[row, : len(ids)] = 1
        result: np.ndarray = self._session.run(None, {"input_ids": input_ids, "attention_mask": mask})[0]
        return result

    def understands(self, text: str) -> bool:
        """Latin script: the model was trained on English."""
        return is_mostly_latin(text)

    def close(self) -> None:
        """Nothing outlives the object."""


def _graph(files: ModelFiles) -> Path:
    """The ONNX file, written on first use and moved into place in one step."""
    target = files.cache_dir / f"{files.model_id.replace('@', '-')}-graph{GRAPH_VERSION}.onnx"
    if target.exists():
        return target
    from search.embeddings.bert_graph import write_graph

    files.cache_dir.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_suffix(f".{os.getpid()}.tmp")
    try:
        write_graph(files.directory, unfinished)
    except (KeyError, ValueError, json.JSONDecodeError) as error:
        raise EmbeddingModelError(
            f"The sentence model in {files.directory} is not a BERT encoder that this release reads: {error}."
        ) from error
    unfinished.replace(target)
    return target
