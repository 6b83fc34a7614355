"""What a server answers, piece by piece or whole, put together into one text.

Problem: an answer may come as server-sent events or as one JSON document, break off anywhere, hold what is no JSON, or never end. Bytes
are bounded, each payload must be a JSON object, and an answer counts as whole only when the server said why it ended.

Contents: :class:`BrokenAnswerError`, :func:`payloads`, :class:`Collector`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2

from inference.answers.cycles import COPIES, MAX_PERIOD_CHARS, text_period
from inference.engines.base import Finish

FINISHES: dict[str, Finish] = {"stop": "stop", "length": "length", "repetition": "cycle"}
"""The protocol's reasons, and vLLM's for a loop that it stopped."""


EVERY_CHARS = 200
"""How often to look whether the model goes in circles, in characters."""


class BrokenAnswerError(Exception):
    """This attempt's answer broke off, makes no sense or has no end; another attempt may be whole."""


def payloads(response: httpx2.Response, max_bytes: int) -> Iterator[dict[str, Any]]:
    """The JSON objects of an answer: one per event of a stream, or the one document.

    Raises:
        BrokenAnswerError: not JSON, of another type, or beyond ``max_bytes``.
    """
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    pieces = _bounded(response, max_bytes)
    if kind == "text/event-stream":
        for line in _lines(pieces):
            name, _, value = line.partition(b":")
            if name == b"data" and value.strip() == b"[DONE]":
                return
            if name == b"data":
                yield _object(value)
    elif kind == "application/json":
        yield _object(b"".join(pieces))
    else:
        raise BrokenAnswerError(f"it answered with {kind[:80]!r}, neither a stream of events nor JSON")


def _bounded(response: httpx2.Response, max_bytes: int) -> Iterator[bytes]:
    num_bytes = 0
    for piece in response.iter_bytes():
        num_bytes += len(piece)
        if num_bytes > max_bytes:
            raise BrokenAnswerError(f"the answer is longer than {max_bytes >> 20} MiB")
        yield piece


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.rstrip(b"\r") for line in lines)
    yield rest


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError as error:
        raise BrokenAnswerError(f"a part of the answer is no JSON ({error})") from error
    if not isinstance(found, dict):
        raise BrokenAnswerError("a part of the answer is no JSON object")
    return found


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
