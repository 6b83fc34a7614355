"""How an index comes to be, is replaced and goes: apart from finding, because it is another person's work at another time."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from search.ports.index import SearchIndex


class IndexLifecycle(Protocol):
    """Opens, builds, switches and erases one configured index. Verifying and mending: :class:`search.ports.SearchIndex`."""

    def open(self) -> SearchIndex:
        """The index in use, made when there is none.

        Raises:
            IndexMismatchError: another format, library version or embedding model made it.
            IndexDamagedError: it cannot be read.
        """
        ...

    def building(self) -> AbstractContextManager[SearchIndex]:
        """A new, empty index beside the one in use, put in its place when the block ends without an error.

        Searches go on in the old one meanwhile, and indexes that are open in any process move over with their next call; other
        writers wait. Vectors that the old index has of the same model are known to the new one.

        Raises:
            IndexLockedError: another writer kept the index for too long.
        """
        ...

    def erase(self) -> None:
        """Delete the index, whatever made it."""
        ...
