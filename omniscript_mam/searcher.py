"""The searcher of this process, opened at first use. Embedding runs in a process of its own, so the web process may use it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from inference.errors import WeightsError
from omniscript_mam.conf import conf
from omniscript_mam.errors import SettingError

from . import storage

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from inference.film import SentenceVectors
    from search import Embedder, ProcessEmbedder, Searcher

logger = logging.getLogger(__name__)
_lock = threading.Lock()
_open: dict[tuple[Path, str], Searcher] = {}


def index_folder() -> Path:
    """Where the embedded index is."""
    return storage.folder("index")


def archive_searcher() -> Searcher:
    """The searcher over the data folder's index.

    Raises:
        search.SearchIndexError: the index cannot be used; its remedy says how to get it back.
    """
    from search import EmbeddedIndexOptions, open_searcher

    key = (index_folder(), conf.embedder)
    with _lock:
        if key not in _open:
            _open[key] = open_searcher(EmbeddedIndexOptions(key[0]), embedder=embedder())
        return _open[key]


def close_searchers() -> None:
    """Close the searchers of this process; the next call opens them again (after a rebuild, or when weights were pulled)."""
    with _lock:
        for searcher in _open.values():
            searcher.close()
        _open.clear()


def embedder() -> Embedder | None:
    """What makes the vectors: the pulled sentence-embedding model, or ``None`` (search by words alone) while it is not there.

    Raises:
        SettingError: OMNISCRIPT_EMBEDDER names none.
    """
    from search import HashedEmbedder, ProcessEmbedder

    choice = conf.embedder
    if choice == "hashed":
        return HashedEmbedder()
    if choice == "none":
        return None
    if choice != "auto":
        raise SettingError(f"OMNISCRIPT_EMBEDDER is {choice!r}; it must be auto, hashed or none.")
    from inference.weights import weights_path

    try:
        return ProcessEmbedder(weights_path("sentence-embedding"), storage.folder("embeddings"))
    except WeightsError:
        return None


def sentence_vectors() -> SentenceVectors | None:
    """What writers read the meaning of lines with: the search's own model, or ``None`` where that is not there or another is chosen.

    A model that fails just then costs a film its feelings, never its script: the log says so.
    """
    from search import ProcessEmbedder

    model = embedder()
    return partial(_vectors, model) if isinstance(model, ProcessEmbedder) else None


def _vectors(model: ProcessEmbedder, texts: Sequence[str]) -> NDArray[np.float32] | None:
    from search.errors import SearchError

    try:
        return model.embed(texts)
    except SearchError as error:
        logger.warning("lines are written without feelings: %s", error)
        return None
    finally:
        model.close()
