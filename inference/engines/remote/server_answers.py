"""What a server answers, piece by piece or whole, put together into one text.

Problem: an answer may break off anywhere or never end. It counts as whole only when the server said why it ended.

Contents: :class:`Collector`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inference.answers.cycles import COPIES, MAX_PERIOD_CHARS, text_period
from inference.answers.schema import MAX_CHARS
from inference.engines.base import Finish
from omniscript_mam.remote_text import BrokenAnswerError
from omniscript_mam.remote_text.payloads import SPOKEN

FINISHES: dict[str, Finish] = {"stop": "stop", "length": "length", "repetition": "cycle"}
"""The protocol's reasons, and vLLM's for a loop that it stopped."""


EVERY_CHARS = 200
"""How often to look whether the model goes in circles, in characters."""
BOUND_CHARS = 2 * max(MAX_CHARS.values())
"""How long an answer may go in circles that the server holds to a schema: its longest text has an end, and the document goes on
behind it. What still circles then goes round whole items."""


class Collector:
    """Puts an answer together from its payloads and tells ``on_text`` each piece.

    Attributes:
        finish: why it ended, in the server's words; ``repetition`` where it was stopped for going in circles.
        model: which model the server says it is. num_pieces: how many pieces of text came, thinking included.
        num_prompt_tokens, num_new_tokens: as the server told them last; 0 where it did not.
    """

    def __init__(self, on_text: Callable[[str], None], *, is_bound: bool = False) -> None:
        self._on_text = on_text
        self._pieces: list[str] = []
        self._tail, self._num_unseen, self._num_circling = "", 0, 0
        self._patience_chars = BOUND_CHARS if is_bound else 0
        self.finish = ""
        self.model = ""
        self.num_pieces = 0
        self.num_prompt_tokens = 0
        self.num_new_tokens = 0

    def take(self, payload: dict[str, Any]) -> None:
        """One event of a stream, or a whole answer.

        Raises:
            BrokenAnswerError: it has not the protocol's shape.
        """
        try:
            self._count(payload)
            self.model = self.model or str(payload.get("model") or "")
            for choice in payload.get("choices") or ():
                said = choice.get("delta") or choice.get("message") or {}
                self.num_pieces += any(said.get(key) for key in SPOKEN)
                if piece := said.get("content"):
                    self._pieces.append(_text(piece))
                    self._watch(self._pieces[-1])
                    self._on_text(self._pieces[-1])
                self.finish = self.finish or choice.get("finish_reason") or ""
                if choice.get("stop_reason") == "repetition_detected":
                    self.finish = "repetition"
        except (AttributeError, TypeError, ValueError) as error:
            raise BrokenAnswerError(f"a part of the answer has another shape than chat completions ({error})") from error

    def _count(self, payload: dict[str, Any]) -> None:
        """Tokens by the protocol's ``usage``, or by llama.cpp's ``timings`` (read, taken from its cache, written)."""
        usage, timings = payload.get("usage") or {}, payload.get("timings") or {}
        num_prompt = int(usage.get("prompt_tokens") or 0) or int(timings.get("prompt_n") or 0) + int(timings.get("cache_n") or 0)
        num_new = int(usage.get("completion_tokens") or 0) or int(timings.get("predicted_n") or 0)
        self.num_prompt_tokens = max(self.num_prompt_tokens, num_prompt)
        self.num_new_tokens = max(self.num_new_tokens, num_new)

    def _watch(self, piece: str) -> None:
        """A model that goes in circles has said what it had to say: the answer counts as ended, whatever more may come."""
        self._tail = (self._tail + piece)[-COPIES * MAX_PERIOD_CHARS :]
        self._num_unseen += len(piece)
        if self._num_unseen >= EVERY_CHARS:
            self._num_circling = self._num_circling + self._num_unseen if text_period(self._tail) else 0
            self._num_unseen = 0
            if self._num_circling > self._patience_chars:
                self.finish = "repetition"

    @property
    def goes_in_circles(self) -> bool:
        """Whether nothing new is to be expected."""
        return self.finish == "repetition"

    @property
    def text(self) -> str:
        """What came so far."""
        return "".join(self._pieces)

    @property
    def has_ended(self) -> bool:
        """Whether it ended for a reason that is one of ours, with a text."""
        return self.finish in FINISHES and bool(self.text.strip())

    @property
    def has_only_thought(self) -> bool:
        """Whether the model reached the end of its length without a word of the answer: it would again."""
        return self.finish == "length" and not self.text.strip()

    def whole(self) -> tuple[str, Finish]:
        """The text and why it ended.

        Raises:
            BrokenAnswerError: it did not end, ended for a reason that is none of ours, or is empty.
        """
        if not self.finish:
            raise BrokenAnswerError("the answer broke off")
        if self.finish not in FINISHES:
            raise BrokenAnswerError(f"the answer ended with {self.finish[:40]!r}")
        text = self.text
        if not text.strip():
            raise BrokenAnswerError("the answer is empty")
        return text, FINISHES[self.finish]


def _text(piece: object) -> str:
    if not isinstance(piece, str):
        raise TypeError("content is no text")
    return piece
