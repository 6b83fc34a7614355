"""Search: Script → index records → hits. Knows nothing of Django.

The façade. One :class:`Searcher` per process, opened once; it is safe to use from several threads, and every process may have its own:
there is one writer at a time (a file lock) and readers see each commit at once.

    options = EmbeddedIndexOptions(folder)
    searcher = open_searcher(options, embedder=ProcessEmbedder(weights_dir, cache_dir))     # or HashedEmbedder(): no weights
    searcher.index(asset_id, build_records(script, asset_id, title, revision, collection=collection_id), revision=revision)
    results = searcher.search(SearchRequest(text="scenes where Grug argues with Eep at night"))

The rooms, outermost first (each imports only those below it):

    searcher.py             what the app calls
    factory.py              which stores an index is made of
    finding/  stores/       from a query to moments; the ports' implementations
    query/                  what a person typed → what it means
    ports/                  what is asked of a word store, a vector store and a record store
    documents.py  embeddings/  fields.py  lexicon.py  analysis.py  options.py  types.py  errors.py

Importing this package, and searching through a :class:`ProcessEmbedder`, loads no onnxruntime. Nothing here reads an OMNISCRIPT_*
variable: what can be configured comes in as an options object.
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
from .options import EmbeddedIndexOptions
from .query import changes_of, remove_chip
from .searcher import Searcher, erase_index, open_searcher, rebuilding, records_digest
from .types import ARRANGEMENTS, FACETS, TEXT_FIELDS, Chip, Completion, Highlight, Hit, MomentName, Reason, Record, Results, SearchRequest

__all__ = [
    "ARRANGEMENTS",
    "FACETS",
    "TEXT_FIELDS",
    "Chip",
    "Completion",
    "EmbeddedIndexOptions",
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
    "MomentName",
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
    "changes_of",
    "erase_index",
    "open_searcher",
    "rebuilding",
    "records_digest",
    "remove_chip",
]
