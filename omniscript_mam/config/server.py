"""Our own web server: waitress, made to ask before it takes a body, and to outlast people who only hold connections open.

    bodies        a long body is handed on while it arrives (:mod:`.bodies`); at most MAX_STREAMS at once, the rest waits unread
    refusals      an answer before the end of a body still reaches its sender: what is on its way is read and dropped for a while
    connections   MAX_CONNECTIONS; one that says nothing is closed after IDLE_S, by poll and not select, so that no number of them stops us

Contents: :func:`make_server`.
"""

from __future__ import annotations

import socket
import time
from collections import deque
from collections.abc import Callable
from typing import Any

from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import WSGITask

from omniscript_mam.config.bodies import StreamedRequest
from omniscript_mam.lengths import UNKNOWN_LENGTH

THREADS = 16
MAX_STREAMS = 8
"""Long bodies that are read at once; the other threads answer everything else."""
MAX_CONNECTIONS = 2_000
IDLE_S = 60.0
"""How long a connection may say nothing between two requests, or within a header."""
SENDING_S = 600.0
"""How long a connection may take nothing of an answer (a paused player)."""
LINGER_S = 60.0
LINGER_QUIET_S = 2.0
"""After the last answer: how long, in all and without a byte, what is still on its way is dropped before the connection is closed."""
ONE_PASS_BYTES = 1 << 17


class _Task(WSGITask):
    def get_environment(self) -> dict[str, Any]:
        is_new = self.environ is None
        environ: dict[str, Any] = super().get_environment()
        if is_new and getattr(self.request, "is_length_unknown", False):
            environ["CONTENT_LENGTH"] = str(1 << 50)  # Django reads nothing of a body without one; ours knows that it is only a bound
            environ[UNKNOWN_LENGTH] = True
        return environ


class _Channel(HTTPChannel):
    """One connection. ``arriving`` is the request whose body is on its way."""

    task_class = _Task
    will_close: bool = False
    arriving: StreamedRequest | None = None
    newest: StreamedRequest | None = None
    lingers_until_s = 0.0
    heard_s = 0.0

    def parser_class(self, adj: Any) -> StreamedRequest:
        """A request of this connection."""
        self.newest = StreamedRequest(adj, self._go_on, self.server.pull_trigger)
        return self.newest

    def readable(self) -> bool:
        if self.lingers_until_s:
            now_s = time.monotonic()
            self.will_close = self.will_close or now_s > min(self.lingers_until_s, self.heard_s + LINGER_QUIET_S)
            return not self.will_close
        if self.arriving is None or self.arriving.body is None:
            return bool(super().readable())
        return not self.will_close and not self.arriving.body.is_full

    def handle_read(self) -> None:
        if self.arriving is None and not self.lingers_until_s:
            super().handle_read()
            return
        try:
            data = self.socket.recv(ONE_PASS_BYTES)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.last_activity, self.heard_s = time.time(), time.monotonic()
        if data and not self.lingers_until_s:
            self.received(data)
        elif not data and self.lingers_until_s:
            self.handle_close()
        elif not data:
            self._end_body()  # the sender may still wait for the answer: the connection stays

    def received(self, data: bytes) -> bool:
        """Bytes of this connection: of the body that is arriving, or of the next request."""
        if self.arriving is not None:
            self.arriving.feed(data)  # what follows a long body is not looked at, as its answer says
            if not self.arriving.is_arriving:
                self.arriving = None
            return True
        outcome = bool(super().received(data))
        if self.newest is not None and self.newest.is_arriving:  # not asked of self.requests, which a thread may have emptied by now
            self.arriving = self.newest
        return outcome

    def handle_write(self) -> None:
        if not self.close_when_flushed:
            super().handle_write()
            return
        self._flush_exception(self._flush_some)
        if self.will_close:
            self.handle_close()
        elif not self.total_outbufs_len:
            self._linger()

    def _linger(self) -> None:
        """Say that there is no more, and drop what is still on its way: closed at once, the connection would be reset, the answer lost."""
        self.close_when_flushed = False
        self.heard_s = time.monotonic()
        self.lingers_until_s = self.heard_s + LINGER_S
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            self.handle_close()

    def _end_body(self) -> None:
        if self.arriving is not None and self.arriving.body is not None:
            self.arriving.body.end(is_broken=True)
        self.arriving = None

    def handle_close(self) -> None:
        self._end_body()
        super().handle_close()

    def service(self) -> None:
        """Answer the first request (in a thread)."""
        request = self.requests[0] if self.requests else None
        try:
            super().service()
        finally:
            if request is not None and request.body is not None:
                request.body.abandon()
                self.server.stream_ended()

    def is_stream(self) -> bool:
        """True if the request that is answered next has a long body."""
        return bool(self.requests) and self.requests[0].body is not None

    def _go_on(self) -> None:
        request = self.requests[0] if self.requests else None
        if request is not None and request.wants_continue:
            self.write_soon(b"HTTP/1.1 100 Continue\r\n\r\n")


class Server(TcpWSGIServer):
    """waitress' server with our connections."""

    channel_class = _Channel

    def __init__(self, *arguments: Any, **named: Any) -> None:
        self._streams = 0
        self._waiting: deque[_Channel] = deque()
        super().__init__(*arguments, **named)

    def add_task(self, task: _Channel) -> None:
        """Let a thread answer; a long body waits until fewer than :data:`MAX_STREAMS` are being read."""
        if task.is_stream():
            with self.task_dispatcher.lock:
                if self._streams >= MAX_STREAMS:
                    self._waiting.append(task)
                    return
                self._streams += 1
        super().add_task(task)

    def stream_ended(self) -> None:
        """A long body was dealt with: the next one."""
        with self.task_dispatcher.lock:
            following = self._waiting.popleft() if self._waiting else None
            self._streams -= following is None
        if following is not None:
            super().add_task(following)

    def maintenance(self, now: float) -> None:
        """Close connections on which nothing happens."""
        for channel in self.active_channels.values():
            limit_s = SENDING_S if channel.total_outbufs_len else IDLE_S
            if not channel.requests and channel.last_activity < now - limit_s:
                channel.will_close = True


def make_server(application: Callable[..., Any], listener: socket.socket, **adjustments: Any) -> Server:
    """A server on a bound socket; ``run`` and ``close`` are waitress' own.

    Args:
        adjustments: more of waitress' settings.
    """
    settings = Adjustments(
        sockets=[listener],
        threads=THREADS,
        max_request_body_size=1 << 50,
        connection_limit=MAX_CONNECTIONS,
        cleanup_interval=5,
        backlog=1024,
        asyncore_use_poll=True,
        ident=None,
        **adjustments,
    )
    info = (listener.family, listener.type, listener.proto, listener.getsockname())
    return Server(application, _sock=listener, adj=settings, bind_socket=False, sockinfo=info)
