"""A request's body, handed on while it arrives: from the loop that reads the sockets to the thread that answers.

waitress keeps a whole body on the disk before anybody is asked whether it is wanted. :class:`StreamedRequest` counts as complete when its
header is there (short bodies are waited for, so that no thread waits for a slow form), and its body is a :class:`Body`: a small buffer,
filled by the loop and emptied by the reader. A full buffer stops the loop from reading the socket, which stops the sender.

Lengths are in bytes, times in seconds of the monotonic clock.
"""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from typing import Any

from waitress.parser import HTTPRequestParser

SHORT_BYTES = 1 << 16
"""A body up to this length is waited for."""
BUFFER_BYTES = 1 << 20
STALL_S = 30.0
"""How long a reader waits for the next byte."""


class Body(io.RawIOBase):
    """The body of one request. waitress appends, the application reads; each from a thread of its own.

    Args:
        begin: called before the first read (tells the sender to go on, where it asked).
        drained: called when a full buffer has room again.
    """

    def __init__(self, begin: Callable[[], None], drained: Callable[[], None]) -> None:
        super().__init__()
        self._begin: Callable[[], None] | None = begin
        self._drained = drained
        self._bytes = bytearray()
        self._changed = threading.Condition()
        self._is_whole = self._is_broken = self._is_abandoned = False

    def __len__(self) -> int:
        return len(self._bytes)

    @property
    def is_full(self) -> bool:
        """True while nothing more should be appended."""
        return len(self._bytes) >= BUFFER_BYTES and not self._is_abandoned

    def append(self, data: bytes) -> None:
        """The next bytes; those that nobody will read are dropped."""
        with self._changed:
            if not self._is_abandoned:
                self._bytes += data
                self._changed.notify()

    def end(self, *, is_broken: bool = False) -> None:
        """There is no more, ``is_broken``: although there should be."""
        with self._changed:
            self._is_broken = is_broken and not self._is_whole
            self._is_whole = not self._is_broken
            self._changed.notify()

    def abandon(self) -> None:
        """Nobody reads any more."""
        with self._changed:
            self._is_abandoned = True
            self._bytes.clear()

    def getfile(self) -> Body:
        """Itself: what waitress gives to the application."""
        return self

    def readable(self) -> bool:
        """True."""
        return True

    def read(self, size: int | None = -1) -> bytes:
        """So many bytes, or all there are until the end; fewer only at the end. Errors are those of :meth:`readinto`."""
        parts, wanted = [], -1 if size is None else size
        while wanted and (part := super().read(min(wanted, BUFFER_BYTES) if wanted > 0 else BUFFER_BYTES)):
            parts.append(part)
            wanted -= len(part) if wanted > 0 else 0
        return b"".join(parts)

    def readinto(self, buffer: Any) -> int:
        """Wait for bytes and take them; 0 at the end.

        Raises:
            ConnectionError: the sender stopped before the end. TimeoutError: nothing came for :data:`STALL_S`.
        """
        if self._begin is not None:
            begin, self._begin = self._begin, None
            begin()
        with self._changed:
            if not self._changed.wait_for(lambda: self._bytes or self._is_whole or self._is_broken, timeout=STALL_S):
                raise TimeoutError("The sender stopped sending.")
            if not self._bytes and self._is_broken:
                raise ConnectionError("The sender stopped before the end.")
            was_full = self.is_full
            taken = bytes(self._bytes[: len(buffer)])
            del self._bytes[: len(taken)]
        if was_full:
            self._drained()
        buffer[: len(taken)] = taken
        return len(taken)


class StreamedRequest(HTTPRequestParser):
    """A request of waitress whose long body is handed on while it arrives. ``body`` is ``None`` for any other request.

    Args:
        adj: waitress' settings.
        begin, drained: as for :class:`Body`.
    """

    body: Body | None = None
    wants_continue = False
    completed: bool = False
    expect_continue: bool = False

    def __init__(self, adj: Any, begin: Callable[[], None], drained: Callable[[], None]) -> None:
        super().__init__(adj)
        self._begin, self._drained = begin, drained
        self.is_length_unknown = False

    @property
    def is_arriving(self) -> bool:
        """True while there is more of a long body to come."""
        return self.body is not None and not self.body_rcv.completed and not self.body_rcv.error

    def received(self, data: bytes) -> int:
        """Bytes of the request; returns how many belong to it. waitress asks ``completed`` afterwards."""
        if self.body is not None:
            return self.feed(data)
        taken: int = super().received(data)
        if self.headers_finished and not self.completed and self.body_rcv is not None and self._is_long():
            self._stream()
            taken += self.feed(data[taken:])
            self.completed = True
        return taken

    def feed(self, data: bytes) -> int:
        """More of a long body; returns how many bytes belong to it."""
        assert self.body is not None
        taken: int = self.body_rcv.received(data) if data else 0
        if not self.is_arriving:
            self.body.end(is_broken=bool(self.body_rcv.error))
        return taken

    def _is_long(self) -> bool:
        return len(self.body_rcv) > SHORT_BYTES if self.chunked else self.content_length > SHORT_BYTES

    def _stream(self) -> None:
        waiting = self.body_rcv.getbuf()
        self.body = Body(self._begin, self._drained)
        self.body.append(waiting.get(len(waiting)) if len(waiting) else b"")
        waiting.close()
        self.body_rcv.buf = self.body
        self.wants_continue, self.expect_continue = self.expect_continue, False
        self.headers["CONNECTION"] = "close"  # what follows a body that nobody reads to its end is not looked at
        if self.chunked:
            self.is_length_unknown = True
