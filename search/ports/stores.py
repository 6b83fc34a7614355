"""The three stores that search stands on. Each may be of another make; every look-up takes what the asker may see.

Times of a call are the store's business; what it cannot do in time or at all it raises as a :class:`search.errors.SearchError`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import numpy as np

from search.ports.lookups import Counts, Holding, Match, Scope, TermStatistics, TextQuery, VectorChannel, WordChannel
from search.types import Record


class Store(Protocol):
    """What every store has, whatever it holds. Thread-safe."""

    @property
    def generation(self) -> str:
        """Format, library and model this store was opened for; an index entry that carries it is current."""
        ...

    @property
    def version(self) -> str:
        """Changes whenever what can be found changes; what derived look-ups are cached by."""
        ...

    def writing(self) -> AbstractContextManager[object]:
        """Changes made inside become visible in one step, durably, at the end, or not at all when it ends with an error.

        Stores of one folder or server may share the step. May be nested in one thread.

        Raises:
            IndexLockedError: another writer kept the store for too long.
        """
        ...

    def remove(self, asset_id: str) -> bool:
        """Forget an asset; false if it was not there."""
        ...

    def contents(self) -> dict[str, Holding]:
        """Asset id → what is held of it, asset ids in order. An asset written without records is held as well."""
        ...

    def damage(self, *, only_changed: bool = False) -> tuple[str, ...]:
        """What is not as it was written, a sentence each; empty where all is well or the store cannot tell.

        Args:
            only_changed: what was sound at an earlier look and has not been touched since need not be read again.
        """
        ...

    def close(self) -> None:
        """Let go of files and connections."""
        ...


class WordStore(Store, Protocol):
    """Finds records by words, phrases and facets, counts them, and knows the vocabulary."""

    def replace(self, asset_id: str, revision: int, records: Sequence[Record]) -> None:
        """Put these records in the place of all the asset's, in one step, durably."""
        ...

    def find(self, channels: Sequence[WordChannel]) -> list[list[Match]]:
        """Answer every channel, in their order: matches best first, ties by id."""
        ...

    def count(self, query: TextQuery, scope: Scope, facets: Sequence[str]) -> Counts:
        """Count the scenes of all matching records.

        Args:
            query: what matches.
            scope: where.
            facets: names of :data:`search.types.FACETS` to count over.
        """
        ...

    def terms(
        self, tokens: Sequence[str], *, near_of: Collection[str] = (), num_near: int = 5, collections: frozenset[str] | None = None
    ) -> TermStatistics:
        """How many records have each token.

        Args:
            tokens: tokens of :mod:`search.analysis`.
            near_of: those of them for which, if no record has them, the tokens within :data:`MAX_EDIT_DISTANCE` are wanted as well.
            num_near: as many of those at most.
            collections: the records in view; ``None`` for all.
        """
        ...

    def values(self, facets: Sequence[str], *, collections: frozenset[str] | None = None) -> dict[str, dict[str, int]]:
        """Facet → value → number of event records (scene records if no event has it), most frequent first.

        Args:
            facets: names of :data:`search.fields.STORED_FACETS`.
            collections: the records in view; ``None`` for all.
        """
        ...


class VectorStore(Store, Protocol):
    """Finds records by what they mean."""

    @property
    def model_id(self) -> str:
        """The embedding model of the vectors in use now (empty for none): a rebuild in another process may have changed it."""
        ...

    def replace(self, asset_id: str, revision: int, records: Sequence[Record], vectors: Mapping[str, np.ndarray]) -> None:
        """Put these records in the place of all the asset's, in one step, durably.

        Args:
            asset_id: the asset.
            revision: the script revision of the records.
            records: all records of the asset.
            vectors: embedding text → float32 vector of shape (num_dims,), of length one; records without one are not found here.
        """
        ...

    def remember(self, vectors: Mapping[str, np.ndarray]) -> None:
        """Keep vectors of texts that records will have, durably: work on a long asset that need not be done again.

        Args:
            vectors: embedding text → float32 vector of shape (num_dims,), of length one.
        """
        ...

    def known_vectors(self, texts: Sequence[str]) -> dict[str, np.ndarray]:
        """The vectors already stored for these embedding texts: what need not be computed again."""
        ...

    def find(self, channels: Sequence[VectorChannel]) -> list[list[Match]]:
        """Answer every channel, in their order: matches nearest first, ties by id. Exact or approximate, as the store is."""
        ...


class RecordStore(Store, Protocol):
    """Keeps whole records."""

    def replace(self, asset_id: str, revision: int, records: Sequence[Record]) -> None:
        """Put these records in the place of all the asset's, in one step, durably."""
        ...

    def records(self, ids: Sequence[str], *, collections: frozenset[str] | None = None) -> dict[str, Record]:
        """Records by id; unknown ids, and records outside the collections, are left out."""
        ...

    def of_asset(self, asset_id: str) -> list[Record]:
        """Every record of an asset, by id."""
        ...
