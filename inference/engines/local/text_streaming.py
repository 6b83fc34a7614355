"""Text of a batch while it is generated: each row's new characters go to whoever reads along, as soon as they are whole.

transformers' own text streamers take one row only. A token may end within a character (Chinese, emoji), so bytes are held back until
they decode; a row is over at its end-of-text token, at padding, or at its own limit of tokens.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import torch
from transformers.generation.streamers import BaseStreamer

from inference.engines.base import OnText

UNFINISHED = "\N{REPLACEMENT CHARACTER}"
LONGEST_CHARACTER_TOKENS = 8
"""Bytes that are still no character after this many tokens never will be."""


class BatchStreamer(BaseStreamer):
    """Collects the answers of a batch.

    Args:
        tokenizer: decodes.
        names: what to call each row when telling ``on_text``.
        limits: most tokens per row.
        ends: token identifiers that end a row.
        told: per name, how many characters somebody has read already (an attempt before ran out of memory); they are not told again.
    """

    def __init__(
        self, tokenizer: Any, names: Sequence[int], limits: Sequence[int], ends: Collection[int], on_text: OnText, told: list[int]
    ) -> None:
        self.tokenizer, self.names, self.limits, self.ends, self.on_text, self.told = tokenizer, names, limits, ends, on_text, told
        self.tokens: list[list[int]] = [[] for _ in names]
        self.texts = ["" for _ in names]
        self.ended = [False for _ in names]
        """Whether the row came to its own end (an end-of-text token)."""
        self._pending: list[list[int]] = [[] for _ in names]
        self._over = [False for _ in names]
        self._prompt_seen = False

    def put(self, value: torch.Tensor) -> None:
        """The prompt at first, then one token per row."""
        if not self._prompt_seen:
            self._prompt_seen = True
            return
        for row, token in enumerate(value.tolist()):
            if not self._over[row]:
                self._take(row, token)

    def end(self) -> None:
        """What was held back is told as it is."""
        for row in range(len(self.names)):
            self._tell(row, last=True)

    def _take(self, row: int, token: int) -> None:
        if token in self.ends:
            self._over[row] = self.ended[row] = True
            self.tokens[row].append(token)
            return
        self.tokens[row].append(token)
        self._pending[row].append(token)
        self._over[row] = len(self.tokens[row]) >= self.limits[row]
        self._tell(row, last=self._over[row])

    def _tell(self, row: int, *, last: bool) -> None:
        pending = self._pending[row]
        piece = self.tokenizer.decode(pending, skip_special_tokens=True, clean_up_tokenization_spaces=False) if pending else ""
        if not piece or (piece.endswith(UNFINISHED) and len(pending) < LONGEST_CHARACTER_TOKENS and not last):
            return
        pending.clear()
        before = len(self.texts[row])
        self.texts[row] += piece
        new = self.texts[row][max(before, self.told[self.names[row]]) :]
        if new:
            self.told[self.names[row]] = len(self.texts[row])
            self.on_text(self.names[row], new)
