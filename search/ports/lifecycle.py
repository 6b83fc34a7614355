"""How an index comes to be, is replaced and goes: apart from finding, because it is another person's work at another time."""

from __future__ import annotations

from collections.abc import Callable
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

    def building(self, settle: Callable[[SearchIndex], None]) -> AbstractContextManager[SearchIndex]:
        """A new, empty index beside the one in use, put in its place when the block ends without an error.

        Searches and writes go on in the old one meanwhile; indexes that are open in any process move over with their next call. Vectors
        that the old index has of the same model are known to the new one.

        Args:
            settle: called at the end, while nobody else may write: brings over what was written to the old one since.

        Raises:
            IndexLockedError: another writer kept the index for too long.
        """
        ...

    def erase(self) -> None:
        """Delete the index, whatever made it."""
        ...
