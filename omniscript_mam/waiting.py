"""Waiting for a server, as people are told of it. Standard library only: whoever shows it loads nothing that asks servers.

Contents: :class:`Waiting`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Waiting:
    """What an asker waits for.

    Attributes:
        what: ``server``: it cannot be reached, or says it is not ready. ``turn``: it took the question and has not begun to answer.
        since_s: since when, as a UNIX time. why: in a few words.
    """

    what: Literal["server", "turn"]
    since_s: float
    why: str

    @property
    def words(self) -> str:
        """What is waited for, without the time: "Waiting for the server (connection refused)"."""
        return f"Waiting for the server ({self.why})" if self.what == "server" else f"Waiting for the answer ({self.why})"
