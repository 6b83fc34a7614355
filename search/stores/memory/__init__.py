"""The reference stores: dictionaries and loops, nothing clever, so that they can be seen to be right.

What other stores are tested against, and good for tests with a few thousand records.
"""

from search.ports import SearchIndex

from .records import MemoryRecordStore
from .vectors import MemoryVectorStore
from .words import MemoryWordStore

__all__ = ["MemoryRecordStore", "MemoryVectorStore", "MemoryWordStore", "memory_index"]


def memory_index(model_id: str = "") -> SearchIndex:
    """An empty index in memory, for vectors of an embedding model (empty: none)."""
    return SearchIndex(MemoryWordStore(), MemoryVectorStore(model_id), MemoryRecordStore())
