"""Ending what other threads wait for: a socket that is shut down wakes whoever reads from it.

Contents: :class:`Sockets`, :class:`Abort`.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from typing import Any

KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 15, "TCP_KEEPCNT": 6}
"""Seconds of silence before the first question whether the other machine is there, seconds between questions, and how many."""


class Sockets:
    """The sockets that an HTTP client opens, known from what it tells while it works, so that another thread can shut them down."""

    def __init__(self) -> None:
        self._open: list[socket.socket] = []
        self._is_shut = False
        self._lock = threading.Lock()

    def trace(self, name: str, details: dict[str, Any]) -> None:
        """Told by the HTTP library what it does: remembers each new socket."""
        if not name.endswith(("connect_tcp.complete", "start_tls.complete")):
            return
        opened = details["return_value"].get_extra_info("socket")
        _watch_the_line(opened)
        with self._lock:
            self._open = [each for each in self._open if each.fileno() >= 0] + [opened]
            is_shut = self._is_shut
        if is_shut:
            _shut_down(opened)

    def shut_down(self) -> None:
        """End everything now, and whatever is opened from now on."""
        with self._lock:
            self._is_shut = True
            for each in self._open:
                _shut_down(each)


class Abort(Sockets):
    """Lets one thread end, at once, what others wait for.

    Args:
        stopped: makes the error that whoever waits is ended with.
    """

    def __init__(self, stopped: Callable[[str], Exception]) -> None:
        super().__init__()
        self._stopped = stopped
        self._asked = threading.Event()

    def ask(self) -> None:
        """End everything now."""
        self._asked.set()
        self.shut_down()

    def wait(self, seconds: float) -> None:
        """Sleep, unless or until asked to end; then raise the error."""
        if self._asked.wait(seconds):
            raise self._stopped("The request was stopped.")

    def check(self) -> None:
        """Raise the error if it was asked to end."""
        self.wait(0.0)


def _watch_the_line(opened: socket.socket) -> None:
    """Have the system notice within minutes that the other machine is gone, however long an answer may be waited for."""
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):
            opened.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


def _shut_down(opened: socket.socket) -> None:
    try:
        opened.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed already, which is what is wanted
