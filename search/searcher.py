"""The engine: what the app calls. It holds an indexer and an embedder together; finding and judging are in the modules beside it."""

from __future__ import annotations

import logging
import shutil
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from search.embeddings import Embedder
from search.errors import EmbeddingError, RecordError
from search.finding.finder import Finder
from search.ports import Indexer
from search.stores.embedded.index import EmbeddedIndexer
from search.types import Record, Results, SearchRequest

QUERY_TIMEOUT_S = 4.0
"""Longest wait for a query's vector; after that the search goes by words alone and says so."""

MAX_CACHED_QUERIES = 500

logger = logging.getLogger(__name__)


class Searcher:
    """Search over the archive. Thread-safe; open one per process with :func:`open_searcher`."""

    def __init__(self, indexer: Indexer, embedder: Embedder | None) -> None:
        self.indexer, self.embedder = indexer, embedder
        self._finder = Finder(indexer, self._query_vector, embedder.floor if embedder else 1.0)
        self._query_vectors: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def generation(self) -> str:
        """Names index format, engine version and embedding model: what an index entry must carry to be current."""
        model = self.embedder.model_id if self.embedder else ""
        if isinstance(self.indexer, EmbeddedIndexer):
            return str(self.indexer.wanted)
        return f"{self.indexer.engine_name}, model {model or 'none'}"

    def search(self, request: SearchRequest) -> Results:
        """Find moments. Never raises for anything a person can type."""
        return self._finder.find(request)

    def index(self, asset_id: str, records: Sequence[Record], *, revision: int | None = None) -> None:
        """Replace everything the index holds of an asset, in one step; doing it twice changes nothing.

        Args:
            asset_id: the asset.
            records: all its records (:func:`search.build_records`); may be empty.
            revision: the script revision they come from; default: the records' own (0 if there are none).

        Raises:
            RecordError: a record of another asset or revision, or an id that occurs twice.
            IndexLockedError: another process kept the writer for too long.
            EmbeddingError: the vectors could not be made; the index is unchanged.
        """
        if revision is None:
            revision = records[0].revision if records else 0
        _check(asset_id, records, revision)
        self.indexer.replace(asset_id, revision, records, self._vectors(records))

    def remove(self, asset_id: str) -> bool:
        """Forget an asset; false if the index did not hold it."""
        return self.indexer.remove(asset_id)

    def contents(self) -> dict[str, tuple[int, int]]:
        """Asset id → (revision, number of records): what the index holds, to be compared with the database."""
        return self.indexer.contents()

    def characters(self) -> dict[str, int]:
        """Name → number of events, most frequent first."""
        return self.indexer.values("character")

    def facet_values(self, facet: str) -> dict[str, int]:
        """Value → number of events, for one of :data:`search.types.FACETS`, most frequent first."""
        return self.indexer.values(facet)

    def clear(self) -> None:
        """Forget everything."""
        self.indexer.clear()

    def warm(self) -> None:
        """Start the embedding process in the background, so that the first search does not wait for it."""
        if self.embedder is not None:
            self.embedder.warm()

    def close(self) -> None:
        """Stop the embedding process and let go of files."""
        self.indexer.close()
        if self.embedder is not None:
            self.embedder.close()

    def _vectors(self, records: Sequence[Record]) -> dict[str, np.ndarray]:
        """A vector for each embedding text; only texts that the index has not seen are computed."""
        if self.embedder is None:
            return {}
        texts = list(dict.fromkeys(record.embedding_text for record in records if record.embedding_text))
        texts = [text for text in texts if self.embedder.understands(text)]
        vectors = self.indexer.known_vectors(texts)
        new = [text for text in texts if text not in vectors]
        if new:
            vectors.update(zip(new, self.embedder.embed(new), strict=True))
        return vectors

    def _query_vector(self, sentence: str) -> tuple[np.ndarray | None, str]:
        """The vector of a query and a notice: no vector, and why, if the embedder cannot give one now."""
        if self.embedder is None or not self.embedder.understands(sentence):
            return None, ""
        if isinstance(self.indexer, EmbeddedIndexer) and self.indexer.generation.model_id != self.embedder.model_id:
            return None, "The index was rebuilt with another sentence model: searching by words until this service is restarted."
        with self._lock:
            if sentence in self._query_vectors:
                self._query_vectors.move_to_end(sentence)
                return self._query_vectors[sentence], ""
        try:
            vector = self.embedder.embed([sentence], timeout_s=QUERY_TIMEOUT_S)[0]
        except EmbeddingError as error:
            logger.warning("searching by words alone: %s", error)
            return None, "Searching by words alone: the sentence model is not ready. Try again in a few seconds."
        with self._lock:
            self._query_vectors[sentence] = vector
            while len(self._query_vectors) > MAX_CACHED_QUERIES:
                self._query_vectors.popitem(last=False)
        return vector, ""


def _check(asset_id: str, records: Sequence[Record], revision: int) -> None:
    strangers = [record.id for record in records if record.asset_id != asset_id or record.revision != revision]
    if strangers:
        raise RecordError(f"{strangers[0]!r} is not a record of asset {asset_id!r}, revision {revision}.")
    if len({record.id for record in records}) != len(records):
        raise RecordError(f"Records of asset {asset_id!r} have the same id twice.")


def open_searcher(directory: Path, *, embedder: Embedder | None = None, lock_timeout_s: float = 60.0) -> Searcher:
    """Open the index in a directory, making it when it is not there.

    Args:
        directory: the index's folder, used by nothing else.
        embedder: makes the vectors; ``None`` for search by words alone.
        lock_timeout_s: how long a write waits for another process's write.

    Raises:
        IndexMismatchError: made by another format, engine version or embedding model (remedy: ``omniscript index rebuild``).
        IndexDamagedError: cannot be read.
    """
    model_id, num_dims = (embedder.model_id, embedder.num_dims) if embedder else ("", 0)
    return Searcher(EmbeddedIndexer(directory, model_id, num_dims, lock_timeout_s=lock_timeout_s), embedder)


@contextmanager
def rebuilding(directory: Path, *, embedder: Embedder | None = None, lock_timeout_s: float = 60.0) -> Iterator[Searcher]:
    """Build a new index beside the one in use, and put it in its place when the block ends without an error.

    Searches go on in the old one meanwhile; engines that are open in any process move over with their next call. Other writers
    wait. Vectors of texts that the old index has (same model) are taken over, not computed again.

    Raises:
        IndexLockedError: another process kept the writer for too long.
    """
    from search.stores.embedded.lifecycle import RebuildingIndexer

    model_id, num_dims = (embedder.model_id, embedder.num_dims) if embedder else ("", 0)
    with RebuildingIndexer.beside(directory, model_id, num_dims, lock_timeout_s) as indexer:
        yield Searcher(indexer, embedder)


def erase_index(directory: Path) -> None:
    """Delete the index in a directory, whatever made it."""
    shutil.rmtree(directory, ignore_errors=False) if directory.exists() else None
