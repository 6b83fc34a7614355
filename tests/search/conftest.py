"""The labelled archive, indexed once per module in an embedded index; the sentence model where its weights are on this machine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from search import EmbeddedIndexOptions, HashedEmbedder, ProcessEmbedder, Searcher, build_records, open_searcher
from tests.search.archive import FILMS, script_of


def fill(searcher: Searcher) -> Searcher:
    """Index every film of the archive."""
    for asset_id, (title, *_) in FILMS.items():
        searcher.index(asset_id, build_records(script_of(asset_id), asset_id, title, 1))
    return searcher


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Iterator[Searcher]:
    """The archive behind hashed n-grams; tests must not change it."""
    searcher = open_searcher(EmbeddedIndexOptions(tmp_path_factory.mktemp("index")), embedder=HashedEmbedder())
    yield fill(searcher)
    searcher.close()


def find_sentence_model() -> Path | None:
    """The sentence model's folder, where ``omniscript models pull`` or OMNISCRIPT_MODELS_DIR put it."""
    store = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "omniscript" / "models"
    roots = [Path(named) for named in [os.environ.get("OMNISCRIPT_MODELS_DIR")] if named] + [store]
    found = [weights.parent for root in roots for weights in sorted((root / "sentence-embedding").glob("**/model.safetensors"))]
    return next((folder for folder in found if (folder / "tokenizer.json").is_file()), None)


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """The sentence model's folder; skips where it has not been pulled."""
    found = find_sentence_model()
    if found is None:
        pytest.skip("the sentence model is not here: omniscript models pull sentence-embedding")
    return found


@pytest.fixture(scope="session")
def graph_cache(tmp_path_factory) -> Path:
    """Where the ONNX graph is written, once per run."""
    return tmp_path_factory.mktemp("graphs")


@pytest.fixture(scope="session")
def sentence_embedder(model_dir, graph_cache) -> Iterator[ProcessEmbedder]:
    """The sentence model in its child process."""
    embedder = ProcessEmbedder(model_dir, graph_cache)
    yield embedder
    embedder.close()
