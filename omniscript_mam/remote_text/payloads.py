"""The JSON objects of an answer, piece by piece or whole, and a server's words about a refusal.

Contents: :class:`BrokenAnswerError`, :func:`payloads`, :func:`says_something`, :func:`words_of`, :func:`message_of`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx2

MAX_ANSWER_BYTES = 64 << 20
MAX_WORDS_BYTES = 64 << 10
SPOKEN = ("content", "reasoning_content", "reasoning")
"""Where servers put text: the answer, and what a thinking model says before it."""


class BrokenAnswerError(Exception):
    """This attempt's answer broke off, makes no sense or has no end; another attempt may be whole."""


def payloads(response: httpx2.Response, check: Callable[[], None]) -> Iterator[dict[str, Any]]:
    """The JSON objects of an answer: one per event of a stream, or the one document.

    Args:
        check: called at every piece that comes, whatever it is; it may raise.

    Raises:
        BrokenAnswerError: not JSON, of another type, or beyond :data:`MAX_ANSWER_BYTES`.
    """
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    pieces = _bounded(response, check)
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


def says_something(payload: dict[str, Any]) -> bool:
    """Whether it is a piece of the answer: an event without text is a sign that a connection is open, and no more."""
    choices = payload.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            said = choice.get("delta") or choice.get("message") or {}
            if choice.get("finish_reason") or (isinstance(said, dict) and any(said.get(key) for key in SPOKEN)):
                return True
    return False


def words_of(response: httpx2.Response) -> str:
    """What the server says about its refusal."""
    received = b""
    for piece in response.iter_bytes():
        received += piece
        if len(received) > MAX_WORDS_BYTES:
            break
    text = received[:MAX_WORDS_BYTES].decode("utf-8", "replace")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return message_of(data.get("error", data) if isinstance(data, dict) else data)


def message_of(error: Any) -> str:
    """The sentence in an error object, however it is wrapped."""
    for key in ("message", "detail"):
        if isinstance(error, dict) and error.get(key):
            return str(error[key])
    return error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)


def _bounded(response: httpx2.Response, check: Callable[[], None]) -> Iterator[bytes]:
    num_bytes = 0
    for piece in response.iter_bytes():
        check()
        num_bytes += len(piece)
        if num_bytes > MAX_ANSWER_BYTES:
            raise BrokenAnswerError(f"the answer is longer than {MAX_ANSWER_BYTES >> 20} MiB")
        yield piece


def _lines(pieces: Iterator[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *lines, rest = (rest + piece).split(b"\n")
        yield from (line.rstrip(b"\r") for line in lines)
    yield rest


def _object(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenAnswerError(f"a part of the answer is no JSON ({error})") from error
    if not isinstance(document, dict):
        raise BrokenAnswerError("a part of the answer is no JSON object")
    return document
