"""The searcher: what the app calls. It holds an index and an embedder together; finding is in :mod:`search.finding`."""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from search.embeddings import Embedder
from search.errors import EmbeddingError, RecordError
from search.factory import lifecycle_of
from search.finding import Finder, RankedScenes, complete
from search.options import EmbeddedIndexOptions
from search.ports import Holding, IndexLifecycle, SearchIndex
from search.query import Gazetteer
from search.types import Completion, Record, Results, SearchRequest

QUERY_TIMEOUT_S = 4.0
"""Longest wait for a query's vector; after that the search goes by words alone and says so."""

MAX_CACHED_QUERIES = 500

logger = logging.getLogger(__name__)


class Searcher:
    """Search over the archive. Thread-safe; open one per process with :func:`open_searcher`."""

    def __init__(self, stores: SearchIndex, embedder: Embedder | None) -> None:
        """A searcher over an open index.

        Args:
            stores: the index's stores.
            embedder: makes the vectors; ``None`` for search by words alone.
        """
        self.stores, self.embedder = stores, embedder
        self._finder = Finder(stores, self.query_vectors, embedder.floor if embedder else 1.0, embedder.model_id if embedder else "")
        self._query_vectors: OrderedDict[str, np.ndarray] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def generation(self) -> str:
        """Names index format, libraries and embedding model: what an index entry must carry to be current."""
        return self.stores.generation

    def search(self, request: SearchRequest) -> Results:
        """Find moments. Never raises for anything a person can type.

        Raises:
            SearchIndexError: the index cannot be used.
        """
        return self._finder.find(request)

    def judged(self, request: SearchRequest) -> RankedScenes | None:
        """Every candidate scene with its evidence and score; ``None`` for a question that the learnt model does not rank.

        Raises:
            SearchIndexError: the index cannot be used.
        """
        return self._finder.judged(request)

    def gazetteer(self, collections: frozenset[str] | None) -> Gazetteer:
        """Names, places and titles of the index, as far as these collections have them (``None``: all)."""
        return self._finder.gazetteer(collections)

    def complete(self, text: str, collections: frozenset[str] | None = None, limit: int = 8) -> tuple[Completion, ...]:
        """How a query may go on, from what the archive has.

        Args:
            text: what is typed so far.
            collections: what the person may see; nothing else is suggested. ``None`` for all.
            limit: completions at most.

        Raises:
            SearchIndexError: the index cannot be used.
        """
        return complete(text, self._finder.gazetteer(collections), self.stores.words, collections, limit)

    def index(
        self, asset_id: str, records: Sequence[Record], *, revision: int | None = None, is_wanted: Callable[[], bool] = lambda: True
    ) -> bool:
        """Replace everything the index holds of an asset, in one step; doing it twice changes nothing.

        Args:
            asset_id: the asset.
            records: all its records (:func:`search.build_records`); may be empty.
            revision: the script revision they come from; default: the records' own (0 if there are none).
            is_wanted: asked while the index is locked for writing: false leaves it as it is, because another revision is wanted by now,
                or the asset is gone.

        Returns:
            Whether it was written.

        Raises:
            RecordError: a record of another asset or revision, or an id that occurs twice.
            IndexLockedError: another process kept the writer for too long.
            IndexMismatchError: another process rebuilt the index with another model or release.
            EmbeddingError: the vectors could not be made; the index is unchanged.
        """
        if revision is None:
            revision = records[0].revision if records else 0
        _check(asset_id, records, revision)
        vectors = self._vectors(records)
        with self.stores.writing():
            if not is_wanted():
                return False
            self.stores.replace(asset_id, revision, records, vectors)
        return True

    def embed_some(self, records: Sequence[Record], max_texts: int) -> int:
        """Compute and keep some of the vectors that the records will need, so that a long asset can be indexed in turns.

        Args:
            records: the records.
            max_texts: vectors to compute at most.

        Returns:
            How many are still to be computed.

        Raises:
            IndexLockedError: another process kept the writer for too long. EmbeddingError: the vectors could not be made.
        """
        if self.embedder is None:
            return 0
        texts = self._texts(records)
        known = self.stores.vectors.known_vectors(texts)
        new = [text for text in texts if text not in known]
        if len(new) > max_texts:
            self.stores.vectors.remember(dict(zip(new[:max_texts], self.embedder.embed(new[:max_texts]), strict=True)))
        return max(0, len(new) - max_texts)

    def digest(self, asset_id: str) -> str:
        """The digest of what the index holds of an asset; see :func:`records_digest`.

        Raises:
            IndexDamagedError: it cannot be read.
        """
        return records_digest(self.stores.records.of_asset(asset_id))

    def damage(self, *, only_changed: bool = False) -> tuple[str, ...]:
        """What of the index is not as it was written, a sentence each; a rebuild mends it.

        Args:
            only_changed: do not read again what was sound at an earlier look and has not been touched since.
        """
        return self.stores.damage(only_changed=only_changed)

    def remove(self, asset_id: str) -> bool:
        """Forget an asset; false if the index did not hold it.

        Raises:
            IndexLockedError: another process kept the writer for too long.
        """
        return self.stores.remove(asset_id)

    def contents(self) -> dict[str, Holding]:
        """Asset id → (revision, number of records): what every store of the index holds, to be compared with the database."""
        return self.stores.contents()

    def repair(self) -> tuple[str, ...]:
        """Make the stores of the index agree: what the record store holds is written again, what only others hold is forgotten.

        Returns:
            Ids of the assets that the stores held differently, in order.

        Raises:
            IndexLockedError: another process kept the writer for too long.
            EmbeddingError: vectors could not be made; what is not yet mended stays as it was.
        """
        differing = self.stores.differing()
        held = self.stores.records.contents()
        for asset_id in differing:
            if asset_id in held:
                self.index(asset_id, self.stores.records.of_asset(asset_id), revision=held[asset_id].revision)
            else:
                self.stores.remove(asset_id)
        return differing

    def close(self) -> None:
        """Stop the embedding process and let go of files."""
        self.stores.close()
        if self.embedder is not None:
            self.embedder.close()

    def query_vectors(self, sentences: Sequence[str]) -> tuple[dict[str, np.ndarray], str]:
        """The vectors of a query's sentences, made in one call.

        Args:
            sentences: what to embed.

        Returns:
            Sentence → float32 of shape (num_dims,), of length one, and an empty notice; or nothing and a notice that says why the
            embedder cannot give any now (empty where there is nothing to say). Sentences that the model cannot read are left out.
        """
        wanted = [text for text in dict.fromkeys(sentences) if text and self.embedder is not None and self.embedder.understands(text)]
        if self.embedder is None or not wanted:
            return {}, ""
        if self.stores.vectors.model_id != self.embedder.model_id:
            return {}, "The index was rebuilt with another sentence model: searching by words until this service is restarted."
        with self._lock:
            known = {text: self._query_vectors[text] for text in wanted if text in self._query_vectors}
            for text in known:
                self._query_vectors.move_to_end(text)
        new = [text for text in wanted if text not in known]
        try:
            made = dict(zip(new, self.embedder.embed(new, timeout_s=QUERY_TIMEOUT_S), strict=True)) if new else {}
        except EmbeddingError as error:
            logger.warning("searching by words alone: %s", error)
            return {}, "Searching by words alone: the sentence model is not ready. Try again in a few seconds."
        with self._lock:
            self._query_vectors |= made
            while len(self._query_vectors) > MAX_CACHED_QUERIES:
                self._query_vectors.popitem(last=False)
        return {**known, **made}, ""

    def _vectors(self, records: Sequence[Record]) -> dict[str, np.ndarray]:
        """A vector for each embedding text; only texts that the index has not seen are computed."""
        if self.embedder is None:
            return {}
        texts = self._texts(records)
        vectors = self.stores.vectors.known_vectors(texts)
        new = [text for text in texts if text not in vectors]
        if new:
            vectors.update(zip(new, self.embedder.embed(new), strict=True))
        return vectors

    def _texts(self, records: Sequence[Record]) -> list[str]:
        texts = dict.fromkeys(record.embedding_text for record in records if record.embedding_text)
        return [text for text in texts if self.embedder is not None and self.embedder.understands(text)]


def records_digest(records: Sequence[Record]) -> str:
    """A digest of the content of records (BLAKE2b, hexadecimal), whatever their order: equal records, equal digest.

    Args:
        records: all records of an asset.
    """
    digest = hashlib.blake2b(digest_size=16)
    for record in sorted(records, key=lambda record: record.id):
        digest.update(json.dumps(vars(record), ensure_ascii=True, sort_keys=True).encode())
    return digest.hexdigest()


def _check(asset_id: str, records: Sequence[Record], revision: int) -> None:
    strangers = [record.id for record in records if record.asset_id != asset_id or record.revision != revision]
    if strangers:
        raise RecordError(f"{strangers[0]!r} is not a record of asset {asset_id!r}, revision {revision}.")
    if len({record.id for record in records}) != len(records):
        raise RecordError(f"Records of asset {asset_id!r} have the same id twice.")


def _lifecycle(options: EmbeddedIndexOptions, embedder: Embedder | None) -> IndexLifecycle:
    return lifecycle_of(options, embedder.model_id, embedder.num_dims) if embedder else lifecycle_of(options)


def open_searcher(options: EmbeddedIndexOptions, *, embedder: Embedder | None = None) -> Searcher:
    """Open an index, making it when it is not there.

    Args:
        options: which index.
        embedder: makes the vectors; ``None`` for search by words alone.

    Raises:
        IndexMismatchError: made by another format, library version or embedding model (remedy: ``omniscript index rebuild``).
        IndexDamagedError: cannot be read.
    """
    return Searcher(_lifecycle(options, embedder).open(), embedder)


@contextmanager
def rebuilding(
    options: EmbeddedIndexOptions, *, embedder: Embedder | None = None, settle: Callable[[Searcher], None] = lambda fresh: None
) -> Iterator[Searcher]:
    """Build a new index beside the one in use, and put it in its place when the block ends without an error.

    Searches and writes go on in the old one meanwhile; searchers that are open in any process move over with their next call. Vectors of
    texts that the old index has (same model) are taken over, not computed again.

    Args:
        options: which index.
        embedder: makes the vectors; ``None`` for search by words alone.
        settle: called at the end with the new one, while nobody else may write: brings over what was written to the old one since.

    Raises:
        IndexLockedError: another process kept the writer for too long.
    """
    with _lifecycle(options, embedder).building(lambda stores: settle(Searcher(stores, embedder))) as stores:
        yield Searcher(stores, embedder)


def erase_index(options: EmbeddedIndexOptions) -> None:
    """Delete an index, whatever made it.

    Args:
        options: which index.
    """
    lifecycle_of(options).erase()
