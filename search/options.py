"""How an index is configured: one options object per kind of index, handed to :func:`search.open_searcher` and its siblings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class EmbeddedIndexOptions:
    """An index in a folder of this machine, without a server.

    Attributes:
        folder: the index's folder, used by nothing else; made when it is not there.
        lock_timeout_s: seconds that a write waits for another thread's or process's write.
    """

    folder: Path
    lock_timeout_s: float = 60.0
