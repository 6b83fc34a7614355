"""The exception tree of search.

    SearchError
    ├── SearchIndexError       something is wrong with the index on disk
    │   ├── IndexMismatchError     the index on disk was made by another format, library or embedding model
    │   ├── IndexLockedError       another process is writing and did not finish in time
    │   └── IndexDamagedError      the index on disk cannot be read
    ├── RecordError            records that cannot be indexed (of another asset, twice the same id …)
    └── EmbeddingError         sentences could not be turned into vectors
        ├── EmbeddingModelError    the model's files are missing or not as expected
        └── EmbeddingTimeoutError  the embedding process did not answer in time

A query is never an error: whatever a person types gives results, perhaps none, with a notice. Every error has a stable ``code``, one
sentence and one ``remedy``.
"""

from __future__ import annotations


class SearchError(Exception):
    """Base of every error raised by :mod:`search`."""

    code = "search"
    remedy = "Look at the log, then try again."

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        """One sentence, and a remedy where the class's own does not fit."""
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy


class SearchIndexError(SearchError):
    """Something is wrong with the index on disk."""

    code = "index"
    remedy = "Run `omniscript index rebuild`; the database holds everything that is needed."


class IndexMismatchError(SearchIndexError):
    """The index was made by another index format, library version or embedding model than the one in use."""

    code = "index.mismatch"


class IndexLockedError(SearchIndexError):
    """Another process is writing to the index and did not finish in time."""

    code = "index.locked"
    remedy = "Wait until the other process (a worker, or `omniscript index rebuild`) has finished, then try again."


class IndexDamagedError(SearchIndexError):
    """The index on disk cannot be read."""

    code = "index.damaged"


class RecordError(SearchError):
    """Records that cannot be indexed as they are."""

    code = "record"
    remedy = "Build the records with `search.build_records` from a valid script."


class EmbeddingError(SearchError):
    """Sentences could not be turned into vectors."""

    code = "embedding"
    remedy = "Run `omniscript doctor`; searching by words works meanwhile."


class EmbeddingModelError(EmbeddingError):
    """The sentence-embedding model's files are missing or are not what this release reads."""

    code = "embedding.model"
    remedy = "Run `omniscript models pull sentence-embedding`."


class EmbeddingTimeoutError(EmbeddingError):
    """The embedding process did not answer in time."""

    code = "embedding.timeout"
