"""The engine: what the app calls. Signatures first; the parts follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from .embeddings import Embedder
from .types import Record, Results, SearchRequest


class Engine:
    """Search over the archive. Thread-safe; open one per process with :func:`open_engine`."""

    @property
    def generation(self) -> str:
        """Names index format, engine version and embedding model: what an index entry must carry to be current."""
        raise NotImplementedError

    def search(self, request: SearchRequest) -> Results:
        """Find moments. Never raises for anything a person can type."""
        raise NotImplementedError

    def index(self, asset_id: str, records: Sequence[Record], *, revision: int | None = None) -> None:
        """Replace everything the index holds of an asset, in one step; doing it twice changes nothing.

        Args:
            asset_id: the asset.
            records: all its records (:func:`search.build_records`); may be empty.
            revision: the script revision they come from; default: the records' own (0 if there are none).

        Raises:
            RecordError: a record of another asset, or an id that occurs twice.
            IndexLockedError: another process kept the writer for too long.
            EmbeddingError: the vectors could not be made; the index is unchanged.
        """
        raise NotImplementedError

    def remove(self, asset_id: str) -> bool:
        """Forget an asset; false if the index did not hold it."""
        raise NotImplementedError

    def contents(self) -> dict[str, tuple[int, int]]:
        """Asset id → (revision, number of records): what the index holds, to be compared with the database."""
        raise NotImplementedError

    def characters(self) -> dict[str, int]:
        """Name → number of events, most frequent first."""
        raise NotImplementedError

    def facet_values(self, facet: str) -> dict[str, int]:
        """Value → number of events, for one of :data:`search.types.FACETS`, most frequent first."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget everything."""
        raise NotImplementedError

    def warm(self) -> None:
        """Start the embedding process in the background, so that the first search does not wait for it."""
        raise NotImplementedError

    def close(self) -> None:
        """Stop the embedding process and let go of files."""
        raise NotImplementedError


def open_engine(directory: Path, *, embedder: Embedder | None = None, lock_timeout_s: float = 60.0) -> Engine:
    """Open the index in a directory, making it when it is not there.

    Args:
        directory: the index's folder, used by nothing else.
        embedder: makes the vectors; ``None`` for search by words alone.
        lock_timeout_s: how long a write waits for another process's write.

    Raises:
        IndexMismatchError: made by another format, engine version or embedding model (remedy: ``omniscript index rebuild``).
        IndexDamagedError: cannot be read.
    """
    raise NotImplementedError


@contextmanager
def rebuilding(directory: Path, *, embedder: Embedder | None = None) -> Iterator[Engine]:
    """Build a new index beside the one in use, and put it in its place when the block ends without an error.

    Searches go on in the old one meanwhile; engines that are open in any process move over with their next call. Vectors
    of texts that the old index has (same model) are taken over, not computed again.
    """
    raise NotImplementedError
    yield Engine()


def erase_index(directory: Path) -> None:
    """Delete the index in a directory, whatever made it."""
    raise NotImplementedError


__all__ = ["Engine", "Mapping", "erase_index", "open_engine", "rebuilding"]
