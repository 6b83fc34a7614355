"""An attempt's deadlines, which hold whatever the server sends.

Problem: a server that has many askers says nothing until it is one's turn, and proxies send comments meanwhile so that nobody hangs up.
So bytes are no sign of an answer, and their absence is no sign of trouble: what counts is text. Three bounds: how long until the first
piece of text (the queue, and reading the prompt), how long between two pieces, and how long from the first piece to the last. The
HTTP library's own timeouts see bytes only; a thread keeps this clock and shuts the attempt's sockets down when a bound is passed.

Times in seconds. Contents: :class:`Bounds`, :class:`Clock`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

from omniscript_mam.waiting import Waiting

from .abort import Abort, Sockets
from .payloads import BrokenAnswerError

NOTED_S = 10.0
"""A wait for the first piece that is longer than this is told: shorter ones are a prompt that is read."""


@dataclass(frozen=True)
class Bounds:
    """``queue_s``: until the first piece; ``silence_s``: from one piece to the next; ``answer_s``: from the first to the last."""

    queue_s: float
    silence_s: float
    answer_s: float

    @property
    def longest_s(self) -> float:
        """No attempt takes longer."""
        return self.queue_s + self.answer_s


class Clock:
    """The clock of one attempt. Use as a context manager around it; :meth:`trace` is for the HTTP library.

    Args:
        wait: told when the wait for the first piece becomes long, and with ``None`` when the piece came.
    """

    def __init__(self, bounds: Bounds, abort: Abort, wait: Callable[[Waiting | None], None]) -> None:
        self._bounds, self._abort, self._wait = bounds, abort, wait
        self._sockets = Sockets()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._began_s = self._heard_s = time.monotonic()
        self._since_s = time.time()
        self._is_answered = self._is_noted = False
        self.fault = ""
        """Which bound was passed, in words; "" for none."""
        self._thread = threading.Thread(target=self._watch, name="remote-clock", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(timeout=10)
        if self._is_noted:
            self._wait(None)

    def trace(self, name: str, details: dict[str, Any]) -> None:
        """Told by the HTTP library what it does. The wait for an answer begins when the question is sent."""
        self._abort.trace(name, details)
        self._sockets.trace(name, details)
        if name.endswith("send_request_body.complete"):
            with self._lock:
                self._began_s, self._since_s = time.monotonic(), time.time()

    def heard(self) -> None:
        """A piece of the answer came."""
        with self._lock:
            self._heard_s = time.monotonic()
            if not self._is_answered:
                self._is_answered, self._began_s = True, self._heard_s
            noted, self._is_noted = self._is_noted, False
        if noted:
            self._wait(None)

    def check(self) -> None:
        """Look at the time.

        Raises:
            BrokenAnswerError: a bound was passed.
        """
        if not self.fault:
            self._remaining_s()
        if self.fault:
            raise BrokenAnswerError(self.fault)

    def _remaining_s(self) -> float:
        """Until the next bound; sets :attr:`fault` when there is nothing left."""
        now_s, bounds = time.monotonic(), self._bounds
        with self._lock:
            if not self._is_answered:
                left = {self._began_s + bounds.queue_s - now_s: f"it did not begin to answer within {bounds.queue_s:g} s"}
            else:
                left = {
                    self._began_s + bounds.answer_s - now_s: f"the answer was not whole after {bounds.answer_s:g} s",
                    self._heard_s + bounds.silence_s - now_s: f"it fell silent for {bounds.silence_s:g} s while it answered",
                }
            least_s = min(left)
            if least_s <= 0 and not self.fault:
                self.fault = left[least_s]
            return least_s

    def _watch(self) -> None:
        while not self._over.is_set():
            left_s = self._remaining_s()
            if self.fault:
                self._sockets.shut_down()
                return
            note_s = self._until_noted_s()
            self._over.wait(min(left_s, note_s))

    def _until_noted_s(self) -> float:
        """How long until a wait is told of; tells it when it is time."""
        with self._lock:
            if self._is_answered:
                return self._bounds.silence_s
            if self._is_noted:
                return self._bounds.queue_s
            left_s = self._began_s + NOTED_S - time.monotonic()
            if left_s > 0:
                return left_s
            self._is_noted, since_s = True, self._since_s
        self._wait(Waiting("turn", since_s, "it has the question and has not begun to answer"))
        return self._bounds.queue_s
