"""Search: Script → index records → hits. Knows nothing of Django.

The façade. One :class:`Searcher` per process, opened once; it is safe to use from several threads, and every process may have its own:
there is one writer at a time (a file lock) and readers see each commit at once.

    engine = open_searcher(directory, embedder=ProcessEmbedder(weights_dir, cache_dir))     # or HashedEmbedder(): no weights
    engine.index(asset_id, build_records(script, asset_id, title, revision), revision=revision)
    results = engine.search(SearchRequest(text="scenes where Grug argues with Eep at night"))

Importing this package, and searching through a :class:`ProcessEmbedder`, loads no onnxruntime.
"""

from .documents import build_records
from .embeddings import Embedder, HashedEmbedder, ProcessEmbedder
from .errors import (
    EmbeddingError,
    EmbeddingModelError,
    EmbeddingTimeoutError,
    IndexDamagedError,
    IndexLockedError,
    IndexMismatchError,
    RecordError,
    SearchError,
    SearchIndexError,
)
from .query import remove_chip
from .searcher import Searcher, erase_index, open_searcher, rebuilding
from .types import FACETS, TEXT_FIELDS, Chip, Highlight, Hit, Reason, Record, Results, SearchRequest

__all__ = [
    "FACETS",
    "TEXT_FIELDS",
    "Chip",
    "Embedder",
    "EmbeddingError",
    "EmbeddingModelError",
    "EmbeddingTimeoutError",
    "HashedEmbedder",
    "Highlight",
    "Hit",
    "IndexDamagedError",
    "IndexLockedError",
    "IndexMismatchError",
    "ProcessEmbedder",
    "Reason",
    "Record",
    "RecordError",
    "Results",
    "SearchError",
    "SearchIndexError",
    "SearchRequest",
    "Searcher",
    "build_records",
    "erase_index",
    "open_searcher",
    "rebuilding",
    "remove_chip",
]
