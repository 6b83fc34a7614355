"""What a server answers, piece by piece or whole, put together into one text.

Problem: an answer may break off anywhere or never end. It counts as whole only when the server said why it ended.

Contents: :class:`Collector`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from inference.answers.cycles import COPIES, MAX_PERIOD_CHARS, text_period
from inference.engines.base import Finish
from omniscript_mam.remote_text import BrokenAnswerError

FINISHES: dict[str, Finish] = {"stop": "stop", "length": "length", "repetition": "cycle"}
"""The protocol's reasons, and vLLM's for a loop that it stopped."""


EVERY_CHARS = 200
"""How often to look whether the model goes in circles, in characters."""


class Collector:
    """Puts an answer together from its payloads and tells ``on_text`` each piece."""

    def __init__(self, on_text: Callable[[str], None]) -> None:
        self._on_text = on_text
        self._pieces: list[str] = []
        self._tail, self._num_unseen = "", 0
        self.finish = ""
        self.num_prompt_tokens = 0
        self.num_new_tokens = 0

    def take(self, payload: dict[str, Any]) -> None:
        """One event of a stream, or a whole answer.

        Raises:
            BrokenAnswerError: it has not the protocol's shape.
        """
        try:
            usage = payload.get("usage") or {}
            self.num_prompt_tokens = max(self.num_prompt_tokens, int(usage.get("prompt_tokens") or 0))
            self.num_new_tokens = max(self.num_new_tokens, int(usage.get("completion_tokens") or 0))
            for choice in payload.get("choices") or ():
                piece = (choice.get("delta") or choice.get("message") or {}).get("content")
                if piece:
                    self._pieces.append(_text(piece))
                    self._watch(self._pieces[-1])
                    self._on_text(self._pieces[-1])
                self.finish = self.finish or choice.get("finish_reason") or ""
                if choice.get("stop_reason") == "repetition_detected":
                    self.finish = "repetition"
        except (AttributeError, TypeError, ValueError) as error:
            raise BrokenAnswerError(f"a part of the answer has another shape than chat completions ({error})") from error

    def _watch(self, piece: str) -> None:
        """A model that goes in circles has said what it had to say: the answer counts as ended, whatever more may come."""
        self._tail = (self._tail + piece)[-COPIES * MAX_PERIOD_CHARS :]
        self._num_unseen += len(piece)
        if self._num_unseen >= EVERY_CHARS:
            self._num_unseen = 0
            if text_period(self._tail):
                self.finish = "repetition"

    @property
    def goes_in_circles(self) -> bool:
        """Whether nothing new is to be expected."""
        return self.finish == "repetition"

    def whole(self) -> tuple[str, Finish]:
        """The text and why it ended.

        Raises:
            BrokenAnswerError: it did not end, ended for a reason that is none of ours, or is empty.
        """
        if not self.finish:
            raise BrokenAnswerError("the answer broke off")
        if self.finish not in FINISHES:
            raise BrokenAnswerError(f"the answer ended with {self.finish[:40]!r}")
        text = "".join(self._pieces)
        if not text.strip():
            raise BrokenAnswerError("the answer is empty")
        return text, FINISHES[self.finish]


def _text(piece: object) -> str:
    if not isinstance(piece, str):
        raise TypeError("content is no text")
    return piece
