"""The drafts of a film as a sequence that holds only one of them in memory, wherever they are kept: in files or in a database.

Memory stays flat with the film's length; a 90-minute film's drafts are several times its script.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import overload


class Drafts(Sequence[str]):
    """Drafts (JSON text) of segments 0 to ``num_drafts - 1``, each read when it is asked for.

    Args:
        num_drafts: how many there are.
        read: the draft of the segment of this index; may raise where it is missing.
    """

    def __init__(self, num_drafts: int, read: Callable[[int], str]) -> None:
        self._num_drafts = num_drafts
        self._read = read

    def __len__(self) -> int:
        return self._num_drafts

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(self._num_drafts))]
        if not -self._num_drafts <= index < self._num_drafts:
            raise IndexError(index)
        return self._read(index % self._num_drafts)
