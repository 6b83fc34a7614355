"""What a judge is, and where one behind an address is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

Pair = tuple[list[str], list[str]]
"""Reference items and estimated items of one group."""


@dataclass(frozen=True)
class JudgeEndpoint:
    """An OpenAI-compatible endpoint. ``base_url`` ends before ``/chat/completions``; times in seconds. The key is not shown."""

    base_url: str
    model: str
    api_key: str = field(default="", repr=False)
    timeout_s: float = 120.0
    num_tries: int = 4
    backoff_s: float = 1.0


class Judge(Protocol):
    """Scores items of one field. ``name`` holds the version, as it is printed beside the figures."""

    name: str

    def prepare(self, field: str, pairs: Sequence[Pair]) -> None:
        """See all pairs of a field before :meth:`matrix` is asked for them one by one (batching, caching)."""

    def matrix(self, field: str, ref_items: Sequence[str], est_items: Sequence[str]) -> list[list[float]] | None:
        """Similarities in [0, 1], a row per reference item; ``None`` if it cannot be judged.

        Raises:
            JudgeError: the answer is out of range.
        """
