"""What writers read the meaning of lines with: the search's own model, and nothing where that is not there or fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from omniscript_mam import searcher
from search import ProcessEmbedder
from search.errors import EmbeddingError


class Model(ProcessEmbedder):
    """Stands in for the child process; ``closed`` counts."""

    closed = 0

    def __init__(self, fault: Exception | None = None) -> None:
        self.fault = fault

    def embed(self, texts, *, timeout_s=None):
        if self.fault:
            raise self.fault
        return np.ones((len(texts), 3), np.float32)

    def close(self) -> None:
        self.closed += 1


def test_the_searchs_model_reads_lines_and_is_let_go(monkeypatch: pytest.MonkeyPatch):
    model = Model()
    monkeypatch.setattr(searcher, "embedder", lambda: model)
    vectors = searcher.sentence_vectors()
    assert vectors is not None
    assert np.shape(vectors(["a", "b"])) == (2, 3) and model.closed == 1


def test_a_model_that_fails_costs_feelings_and_not_the_script(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture):
    monkeypatch.setattr(searcher, "embedder", lambda: Model(EmbeddingError("The embedding process ended.")))
    vectors = searcher.sentence_vectors()
    assert vectors is not None and vectors(["a"]) is None
    assert "without feelings" in caplog.text


def test_other_vectors_are_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for choice in (None, object()):
        monkeypatch.setattr(searcher, "embedder", lambda choice=choice: choice)
        assert searcher.sentence_vectors() is None
