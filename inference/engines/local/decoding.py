"""Constrained decoding with transformers: every answer follows its schema, its times keep their order, and it ends within its budget.

:func:`constraints` makes the logits processor and the stopping criterion of one batch. Row by row, the processor

    - allows the tokens that the grammar allows (which leaves out media placeholders and other special tokens);
    - while a time is being written, allows of these the ones whose time can still lie between the event before and the clip's end;
    - ends the thinking part when its share of the budget is spent, and the document when what is left of the budget is needed to end it.

Finished rows of a batch are left alone. The criterion stops a row that goes in circles. The mask is unpacked here: llguidance's own
helper compiles code at its first use. Contents: :func:`constraints`, :class:`Constraints`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import llguidance
import llguidance.hf
import llguidance.numpy
import numpy as np
import torch
from transformers.generation.logits_process import LogitsProcessor
from transformers.generation.stopping_criteria import StoppingCriteria

from inference.answers.cycles import COPIES, EVERY_TOKENS, MAX_PERIOD_TOKENS, MIN_CYCLE_TOKENS, token_period
from inference.errors import WriterError

from ..base import Finish, Request
from .closing import CLOSE_THINKING, Closer, TimeOrder, grammar_of

THINKING_SHARE = 0.25
"""Most of the budget that thinking may take."""

_WORST_GROWTH = '", "events": [{"start": "00:00.0", "end": "00:00.0", "character": ""}]}], "high_points": [{"type": "", "description": ""'
"""By how much the ending of an answer can grow in one token, and then some."""


class Constraints:
    """Rules of one batch.

    Attributes:
        processors, criteria: for ``generate``.
    """

    def __init__(self, tokenizer: Any, requests: Sequence[Request], limits: Sequence[int]) -> None:
        self._rows = [_Row(tokenizer, request, limit) for request, limit in zip(requests, limits, strict=True)]
        self.processors: list[LogitsProcessor] = [_Masks(self._rows)]
        self.criteria: list[StoppingCriteria] = [_Circles(self._rows)]

    @property
    def cycled(self) -> list[bool]:
        """Per row, whether it went in circles and was stopped."""
        return [row.cycled for row in self._rows]

    @property
    def shortened(self) -> list[bool]:
        """Per row, whether it was made to end for lack of budget."""
        return [row.shortened for row in self._rows]

    def finish(self, index: int) -> Finish:
        """Why row ``index`` ended, once generation is over."""
        row = self._rows[index]
        if row.cycled:
            return "cycle"
        return "stop" if row.over and not row.shortened else "length"


def constraints(tokenizer: Any, requests: Sequence[Request], limits: Sequence[int] | None = None) -> Constraints:
    """The rules of a batch, for one call of ``generate``; prompts may be padded on the left, and end with ``Request.begun``.

    Args:
        tokenizer: a fast tokenizer with an end-of-text token.
        limits: most new tokens of each row, where it is not ``Request.max_new_tokens``.

    Raises:
        WriterError: ``Request.begun`` does not follow the schema.
    """
    return Constraints(tokenizer, requests, limits if limits is not None else [request.max_new_tokens for request in requests])


class _Row:
    """What is known of one answer while it is written."""

    def __init__(self, tokenizer: Any, request: Request, limit: int) -> None:
        self.tokenizer, self.request, self.limit = tokenizer, request, limit
        self.vocabulary = _vocabulary(tokenizer)
        self.grammar = grammar_of(request)
        self.matcher = llguidance.LLMatcher(self.vocabulary.tokens, self.grammar)
        self.order = TimeOrder(request)
        self.written = bytearray(request.begun.encode())
        self.tokens: list[int] = []
        self.forced: list[int] = []
        self.over = self.cycled = self.shortened = False
        self._closer: Closer | None = None
        self._num_closer_bytes = 0
        if request.begun:
            self.order.feed(bytes(self.written))
            if not self.matcher.consume_tokens(tokenizer.encode(request.begun, add_special_tokens=False)):
                raise WriterError("The beginning of the answer does not follow its schema.", remedy="Ask again without a beginning.")
        self._thinks = request.thinking and CLOSE_THINKING not in request.begun

    def take(self, token: int) -> None:
        """One token more was chosen."""
        self.tokens.append(token)
        if self.forced:
            self.forced.pop(0)
        if token == self.vocabulary.end:
            self.over = True
            return
        if not self.matcher.consume_token(token):
            raise WriterError(f"Token {token} was chosen although the grammar does not allow it: {self.matcher.get_error()}")
        piece = self.vocabulary.pieces[token]
        self.order.feed(piece)
        self.written += piece
        self._thinks = self._thinks and CLOSE_THINKING.encode() not in self.written[-len(piece) - len(CLOSE_THINKING) :]

    def plan_end(self) -> None:
        """Force tokens where the budget of the thinking part or of the answer is as good as spent."""
        left = self.limit - len(self.tokens)
        if self.forced:
            return
        if self._thinks and len(self.tokens) >= THINKING_SHARE * self.limit:
            self.forced = self.vocabulary.encode(self._thinking_end())
            self._thinks = False
        elif left <= 3 * self.vocabulary.worst_growth:
            ending = self.vocabulary.encode(self._ending())
            if ending and len(ending) + 1 + self.vocabulary.worst_growth >= left:
                self.forced, self.shortened = ending, True

    def _ending(self) -> bytes:
        if self._closer is None:
            self._closer = Closer(self.request, self.grammar)
        self._closer.feed(bytes(self.written[self._num_closer_bytes :]))
        self._num_closer_bytes = len(self.written)
        return self._closer.ending()

    def _thinking_end(self) -> bytes:
        ending = self._ending()
        close = CLOSE_THINKING.encode()
        return ending[: ending.index(close) + len(close)] if close in ending else ending[: ending.index(b"{")]

    def restrict(self, allowed: np.ndarray) -> np.ndarray | None:
        """Of the allowed tokens (bool, per token), those that fit; ``None``: all of them."""
        if self.forced:
            return np.array(self.forced[:1])
        prefix = self.order.prefix()
        if prefix is None:
            return None
        pieces = self.vocabulary.pieces
        return np.array([token for token in np.flatnonzero(allowed) if self.order.allows(prefix, pieces[token])])


class _Masks(LogitsProcessor):
    def __init__(self, rows: list[_Row]) -> None:
        self.rows = rows
        self.prompt_length: int | None = None

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        """scores (num_rows, vocabulary): what is not allowed becomes -inf."""
        if self.prompt_length is None:
            self.prompt_length = input_ids.shape[1]
        else:
            for row, token in zip(self.rows, input_ids[:, -1].tolist(), strict=True):
                if not row.over and not row.cycled:
                    row.take(token)
        size = scores.shape[1]
        forbidden = np.zeros((len(self.rows), size), dtype=bool)
        for index, row in enumerate(self.rows):
            if not row.over and not row.cycled:
                forbidden[index] = self._forbidden(row, size)
        return scores.masked_fill(torch.from_numpy(forbidden).to(scores.device), -torch.inf)

    @staticmethod
    def _forbidden(row: _Row, size: int) -> np.ndarray:
        row.plan_end()
        forbidden = np.ones(size, dtype=bool)
        if row.forced:
            forbidden[row.forced[0]] = False
            return forbidden
        words = row.vocabulary
        llguidance.numpy.fill_next_token_bitmask(row.matcher, words.bits, 0)
        allowed = np.unpackbits(words.bits[0].view(np.uint8), bitorder="little")[: len(words.pieces)].view(bool) & words.useful
        kept = row.restrict(allowed)
        if kept is None:
            forbidden[: len(allowed)] = ~allowed[:size]
        else:
            forbidden[kept] = False
        return forbidden


class _Circles(StoppingCriteria):
    def __init__(self, rows: list[_Row]) -> None:
        self.rows = rows

    def __call__(self, input_ids: torch.LongTensor, scores: Any, **kwargs: Any) -> torch.BoolTensor:
        """Per row, whether it goes in circles; sees the last token of all, too."""
        longest = max(COPIES * MAX_PERIOD_TOKENS, MIN_CYCLE_TOKENS)
        for index, row in enumerate(self.rows):
            row.over = row.over or int(input_ids[index, -1]) == row.vocabulary.end
            num_new = len(row.tokens) + 1
            if num_new % EVERY_TOKENS or row.over or row.cycled or row.forced:
                continue
            tail = input_ids[index, -min(num_new, longest) :].tolist()
            row.cycled = token_period(tail) > 0
        return torch.tensor([row.cycled for row in self.rows], device=input_ids.device)


class _Vocabulary:
    """A tokenizer as llguidance and we need it: the bytes of every token, which are of use, and one row of mask."""

    def __init__(self, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.tokens = llguidance.hf.from_tokenizer(tokenizer)
        self.end = tokenizer.eos_token_id
        self.pieces = [self.tokens.decode_bytes([token]) for token in range(self.tokens.vocab_size)]
        self.useful = np.array([not _bridges(piece) for piece in self.pieces])
        self.bits = llguidance.numpy.allocate_token_bitmask(1, self.tokens.vocab_size)
        self.worst_growth = len(self.encode(_WORST_GROWTH.encode()))

    def encode(self, text: bytes) -> list[int]:
        """Tokens that spell these bytes."""
        return [int(token) for token in self.tokens.tokenize_bytes(text)]


def _bridges(piece: bytes) -> bool:
    """Whether a token has a digit right behind a quotation mark: it would begin a time unseen, and other tokens spell the same."""
    return re.search(rb'"[0-9]', piece) is not None


@lru_cache(maxsize=2)
def _vocabulary(tokenizer: Any) -> _Vocabulary:
    return _Vocabulary(tokenizer)
