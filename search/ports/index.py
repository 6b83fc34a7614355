"""One index: a word store, a vector store and a record store that hold the same assets.

Where all three are views of one, a write is one step. Where they are not, each is: the word store's change is shown last, so that
what it finds has its record; an asset that a crash left in two revisions shows in :meth:`SearchIndex.differing` and is not counted as
held by :meth:`SearchIndex.contents` until it is written again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np

from search.ports.lookups import Holding, Lookup, Match
from search.ports.stores import RecordStore, Store, VectorStore, WordStore
from search.types import Record


@dataclass(frozen=True)
class SearchIndex:
    """The stores of one index, of one kind or of several."""

    words: WordStore
    vectors: VectorStore
    records: RecordStore

    @property
    def stores(self) -> tuple[Store, ...]:
        """All of them, in the order in which they are entered for writing (and the reverse of that in which they commit)."""
        return self.words, self.vectors, self.records

    @property
    def generation(self) -> str:
        """Every store's generation, each once."""
        return " + ".join(dict.fromkeys(store.generation for store in self.stores))

    @property
    def version(self) -> str:
        """Every store's version, each once."""
        return " + ".join(dict.fromkeys(store.version for store in self.stores))

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Change all stores; see :meth:`search.ports.Store.writing`.

        Raises:
            IndexLockedError: another writer kept a store for too long.
        """
        with ExitStack() as held:
            for store in self.stores:
                held.enter_context(store.writing())
            yield

    def replace(self, asset_id: str, revision: int, records: Sequence[Record], vectors: Mapping[str, np.ndarray]) -> None:
        """Put these records in the place of all the asset's.

        Args:
            asset_id: the asset.
            revision: the script revision of the records.
            records: all records of the asset; may be empty.
            vectors: embedding text → float32 vector of shape (num_dims,), of length one.

        Raises:
            IndexLockedError: another writer kept a store for too long.
        """
        with self.writing():
            self.records.replace(asset_id, revision, records)
            self.vectors.replace(asset_id, revision, records, vectors)
            self.words.replace(asset_id, revision, records)

    def remove(self, asset_id: str) -> bool:
        """Forget an asset; false if no store held it.

        Raises:
            IndexLockedError: another writer kept a store for too long.
        """
        with self.writing():
            return any([store.remove(asset_id) for store in self.stores])

    def find(self, lookup: Lookup) -> tuple[list[list[Match]], list[list[Match]]]:
        """The matches of each word channel and of each vector channel; one call to each store that is asked anything."""
        by_words = self.words.find(lookup.words) if lookup.words else []
        by_vectors = self.vectors.find(lookup.vectors) if lookup.vectors else []
        return by_words, by_vectors

    def contents(self) -> dict[str, Holding]:
        """Asset id → what every store holds of it alike; assets on which they differ are left out."""
        words, vectors, records = (store.contents() for store in self.stores)
        return {asset_id: held for asset_id, held in records.items() if held == words.get(asset_id) == vectors.get(asset_id)}

    def differing(self) -> tuple[str, ...]:
        """Ids of the assets that the stores hold in different revisions or numbers, or that some lack; in order."""
        held = [store.contents() for store in self.stores]
        known = sorted(set().union(*held))
        return tuple(asset_id for asset_id in known if len({contents.get(asset_id) for contents in held}) > 1)

    def damage(self, *, only_changed: bool = False) -> tuple[str, ...]:
        """What is not as it was written in any store; see :meth:`search.ports.Store.damage`."""
        return tuple(dict.fromkeys(sentence for store in self.stores for sentence in store.damage(only_changed=only_changed)))

    def close(self) -> None:
        """Let go of files and connections."""
        for store in self.stores:
            store.close()
