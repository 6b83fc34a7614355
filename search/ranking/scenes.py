"""The candidates side by side: every line of every scene in one set of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from search.passages import BREAK_HASH, unpack
from search.types import Record


@dataclass(frozen=True, eq=False)
class Scenes:
    """Scenes as arrays; ``S`` scenes, ``L`` lines, ``T`` tokens. Each scene's last line is what the scene itself states, its *context*.

    Attributes:
        records: the scenes' records.
        tokens: uint32 (T,), hashes.
        fields: uint8 (T,), numbers of the tokens' fields.
        token_lines: int64 (T,), the line of each token.
        first_lines: int64 (S,), each scene's first line; a scene has at least its context.
        num_lines: int64 (S,), lines of a scene without its context.
        line_scenes: int64 (L,), the scene of each line.
        speakers: uint32 (L,), hash of who acts; 0 for nobody.
        lengths: float32 (L,), tokens of a line.
        is_context: bool (L,).
    """

    records: tuple[Record, ...]
    tokens: np.ndarray
    fields: np.ndarray
    token_lines: np.ndarray
    first_lines: np.ndarray
    num_lines: np.ndarray
    line_scenes: np.ndarray
    speakers: np.ndarray
    lengths: np.ndarray
    is_context: np.ndarray

    @classmethod
    def of(cls, records: Sequence[Record]) -> Scenes:
        """Put scene records side by side."""
        packed = [unpack(record.lines) for record in records]
        num_lines = np.array([len(scene.line_ends) for scene in packed], np.int64)
        first_lines = np.concatenate(([0], np.cumsum(num_lines + 1)[:-1])) if packed else num_lines
        sizes: list[np.ndarray] = []
        speakers: list[np.ndarray] = []
        for scene in packed:
            sizes.append(np.diff(scene.line_ends, prepend=np.uint32(0), append=np.uint32(len(scene.tokens))))
            speakers.append(np.append(scene.speakers, np.uint32(0)))
        line_sizes = _joined(sizes, np.int64)
        tokens = _joined([scene.tokens for scene in packed], np.uint32)
        token_lines = np.repeat(np.arange(len(line_sizes)), line_sizes)
        lengths = np.bincount(token_lines[tokens != BREAK_HASH], minlength=len(line_sizes)).astype(np.float32)
        is_context = np.zeros(len(line_sizes), bool)
        is_context[first_lines + num_lines] = True
        return cls(
            tuple(records),
            tokens,
            _joined([scene.fields for scene in packed], np.uint8),
            token_lines,
            first_lines,
            num_lines,
            np.repeat(np.arange(len(packed)), num_lines + 1),
            _joined(speakers, np.uint32),
            lengths,
            is_context,
        )

    def __len__(self) -> int:
        """Number of scenes."""
        return len(self.records)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """Per scene, the sum of values per line: (L, ...) → (S, ...)."""
        return np.add.reduceat(values, self.first_lines, axis=0)

    def largest(self, values: np.ndarray) -> np.ndarray:
        """Per scene, the largest of values per line: (L, ...) → (S, ...)."""
        return np.maximum.reduceat(values, self.first_lines, axis=0)

    def window_ends(self, num_lines: int) -> np.ndarray:
        """int64 (L,): one past the last line of the window that begins at each line and stays in its scene, context left out."""
        ends = (self.first_lines + self.num_lines)[self.line_scenes]
        own = np.arange(len(self.line_scenes))
        return np.where(self.is_context, own, np.minimum(own + num_lines, ends))


def _joined(parts: Sequence[np.ndarray], dtype: type) -> np.ndarray:
    return np.concatenate(parts).astype(dtype, copy=False) if parts else np.zeros(0, dtype)
