"""Grammar of an answer, the order of its times, and the shortest way to end it legally from wherever it stands.

One grammar holds the thinking part and the JSON. Order of times is not in the grammar (a rule per tick does not scale to 45 minutes):
:class:`TimeOrder` follows the text and says between which times the value that is being written must lie.

Contents: :func:`grammar_of`, :class:`TimeOrder`, :class:`Closer`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import llguidance

from inference.answers.clip_times import can_become, last_tenth, read_tenths
from inference.answers.schema import SEPARATORS

from ..base import Request

CLOSE_THINKING = "</thinking>\n"
ANY_TIME = 10**6
"""Upper bound, in tenths of a second, where no clip bounds the times: more than a day."""
_TIME_TAIL = re.compile(rb'"(start|end)": "([0-9:.]{0,8})$')
_TAIL_BYTES = 24
"""Bytes of the end that are looked at: the key of a time, its quotation marks and eight characters take fewer."""
_MAX_ENDING_BYTES = 2000
"""No ending is longer: open brackets and the keys that must be there. Stops the search if the grammar never accepts."""


def grammar_of(request: Request) -> str:
    """The grammar of the whole answer. Thinking has no ``<`` in it; its length is bounded by a count of tokens, which is cheaper."""
    schema = {
        **request.schema,
        "x-guidance": {"whitespace_flexible": False, "item_separator": SEPARATORS[0], "key_separator": SEPARATORS[1]},
    }
    thinking = f'"<thinking>\\n" /[^<]*/ {json.dumps(CLOSE_THINKING)} ' if request.thinking else ""
    lark = f"start: {thinking}answer\nanswer: %json {json.dumps(schema)}\n"
    return str(llguidance.LLMatcher.grammar_from_lark(lark))


class TimeOrder:
    """Times never go back: a start is not before the start before it in its list, an end not before its own start."""

    def __init__(self, request: Request) -> None:
        self.highest = last_tenth(request.clip.duration_s) if request.clip else ANY_TIME
        self._tail = b""
        self._lowest = 0

    def feed(self, written: bytes) -> None:
        """The answer has these bytes more."""
        for part in re.split(b'(?=")', written):
            if part.startswith(b'"'):
                self._close()
            self._tail = (self._tail + part)[-_TAIL_BYTES:]

    def _close(self) -> None:
        match = _TIME_TAIL.search(self._tail)
        tenths = read_tenths(match[2].decode()) if match else None
        if tenths is not None:
            self._lowest = tenths if match is not None and match[1] == b"start" else self._lowest
        elif self._tail.endswith(b'"high_points'):
            self._lowest = 0

    def prefix(self) -> str | None:
        """What is written of the time that is being written; ``None`` outside of one."""
        match = _TIME_TAIL.search(self._tail)
        return match[2].decode() if match else None

    def allows(self, prefix: str, piece: bytes) -> bool:
        """Whether a time of which ``prefix`` is written may go on with this piece."""
        value, quote, _ = piece.partition(b'"')
        try:
            text = prefix + value.decode("ascii")
        except UnicodeDecodeError:
            return False
        if not quote:
            return can_become(text, self._lowest, self.highest)
        tenths = read_tenths(text)
        return tenths is not None and self._lowest <= tenths <= self.highest

    def earliest(self, prefix: str) -> str:
        """What completes the time, as early as it may be."""
        text = prefix
        while (tenths := read_tenths(text)) is None or tenths < self._lowest:
            text += next(char for char in "0123456789:." if can_become(text + char, self._lowest, self.highest))
        return text[len(prefix) :]

    def copy(self) -> TimeOrder:
        """One that goes its own way from here."""
        twin = object.__new__(TimeOrder)
        twin.highest, twin._tail, twin._lowest = self.highest, self._tail, self._lowest
        return twin


class Closer:
    """The shortest legal ending of a partial answer: follows the text byte by byte in the same grammar. Used near a budget's end only."""

    def __init__(self, request: Request, grammar: str) -> None:
        self._matcher = llguidance.LLMatcher(llguidance.LLTokenizer("byte"), grammar)
        self._order = TimeOrder(request)
        self._keys = [b'%s"' % key.encode() for key in _required(request.schema)]

    def feed(self, written: bytes) -> None:
        """The answer has these bytes more."""
        self._matcher.consume_tokens(list(written))
        self._order.feed(written)

    def ending(self) -> bytes:
        """What to write so that the answer is complete; empty where it is.

        Raises:
            ValueError: the grammar takes none of the pieces that end things; a schema of ours always takes one.
        """
        matcher, order, out = self._matcher.deep_copy(), self._order.copy(), b""
        while not matcher.is_accepting() and len(out) < _MAX_ENDING_BYTES:
            piece = self._next(matcher, order)
            if not piece or not matcher.consume_tokens(list(piece)):
                raise ValueError(f"No ending was found after {out!r}: {matcher.get_error()}")
            order.feed(piece)
            out += piece
        return out

    def _next(self, matcher: Any, order: TimeOrder) -> bytes:
        if (prefix := order.prefix()) is not None:
            return order.earliest(prefix).encode() + b'"'
        if forced := bytes(matcher.compute_ff_bytes()):
            return forced

        def legal(piece: bytes) -> bool:
            return bool(matcher.validate_tokens(list(piece)) == len(piece))

        if legal(b"~"):  # in free text; a line may end in thinking only
            return b"<" if legal(b"\n") else b'"'
        ending = next((piece for piece in (b"}", b"]", *self._keys, b'"', b", ") if legal(piece)), b"")
        return ending or next((bytes([byte]) for byte in range(256) if legal(bytes([byte]))), b"")


def _required(schema: Any) -> Iterator[str]:
    """Every key that some object of the schema must have."""
    if isinstance(schema, dict):
        yield from schema.get("required", [])
        for value in schema.values():
            yield from _required(value)
