"""Our own server: a body is asked for before it is taken, and answers reach those who lie, stop, or only hold connections open."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from omniscript_mam.config import bodies, server


class Asked:
    """A small application: what it is asked, how much of the body it read, and when."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.lengths: list[int] = []
        self.errors: list[str] = []
        self.started = threading.Event()

    def __call__(self, environ, start_response):
        self.paths.append(environ["PATH_INFO"])
        self.started.set()
        status, told = "200 OK", b"read"
        if environ["PATH_INFO"] == "/refuse":
            status, told = "413 Too Large", b"no"
        else:
            try:
                num_bytes = 0
                while chunk := environ["wsgi.input"].read(1 << 16):
                    num_bytes += len(chunk)
                self.lengths.append(num_bytes)
            except OSError as error:
                self.errors.append(type(error).__name__)
                status, told = "400 Bad Request", b"broken"
        start_response(status, [("Content-Length", str(len(told)))])
        return [told]


@pytest.fixture
def asked() -> Asked:
    return Asked()


@pytest.fixture
def port(asked) -> Iterator[int]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    made = server.make_server(asked, listener)
    thread = threading.Thread(target=made.run, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    made.task_dispatcher.shutdown(timeout=1)
    made.close()


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=15)


def head(path: str, length: int, more: str = "") -> bytes:
    return f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n{more}\r\n".encode()


def all_of(connection: socket.socket) -> bytes:
    said = b""
    while part := connection.recv(65536):
        said += part
    return said


def test_the_application_is_asked_when_the_header_is_there(port, asked):
    with connect(port) as sender:
        sender.sendall(head("/refuse", 5 << 30))
        started_s = time.monotonic()
        said = all_of(sender)
    assert said.startswith(b"HTTP/1.1 413") and said.endswith(b"no")
    assert time.monotonic() - started_s < 5


def test_a_refusal_reaches_a_sender_that_does_not_listen_while_it_sends(port):
    with connect(port) as sender:
        sender.sendall(head("/refuse", 30 << 20))
        for _ in range(30):
            sender.sendall(bytes(1 << 20))
        assert all_of(sender).endswith(b"no"), "the connection was reset"


@pytest.mark.parametrize("num_bytes", [0, 10, bodies.SHORT_BYTES, bodies.SHORT_BYTES + 1, 7 << 20])
def test_whole_bodies_of_any_length_arrive(port, asked, num_bytes):
    with connect(port) as sender:
        sender.sendall(head("/", num_bytes, "Connection: close\r\n") + bytes(num_bytes))
        assert all_of(sender).endswith(b"read")
    assert asked.lengths == [num_bytes]


def test_a_chunked_body_arrives(port, asked):
    with connect(port) as sender:
        sender.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        for _ in range(20):
            sender.sendall(b"8000\r\n" + bytes(0x8000) + b"\r\n")
        sender.sendall(b"0\r\n\r\n")
        assert all_of(sender).endswith(b"read")
    assert asked.lengths == [20 * 0x8000]


def test_a_sender_that_asks_first_is_told_to_go_on_or_not(port):
    with connect(port) as sender:
        sender.sendall(head("/", 1 << 20, "Expect: 100-continue\r\n"))
        assert sender.recv(100).startswith(b"HTTP/1.1 100 ")
        sender.sendall(bytes(1 << 20))
        assert all_of(sender).endswith(b"read")
    with connect(port) as sender:
        sender.sendall(head("/refuse", 1 << 20, "Expect: 100-continue\r\n"))
        assert sender.recv(100).startswith(b"HTTP/1.1 413 ")


def test_a_sender_that_stops_half_way_is_told(port, asked):
    with connect(port) as sender:
        sender.sendall(head("/", 1 << 20) + bytes(1 << 19))
        sender.shutdown(socket.SHUT_WR)
        assert all_of(sender).endswith(b"broken")
    assert asked.errors == ["ConnectionError"]


def test_a_sender_that_falls_silent_is_told(port, asked, monkeypatch):
    monkeypatch.setattr(bodies, "STALL_S", 0.3)
    with connect(port) as sender:
        sender.sendall(head("/", 1 << 20) + bytes(1 << 19))
        assert all_of(sender).endswith(b"broken")
    assert asked.errors == ["TimeoutError"]


def test_broken_chunks_are_told(port, asked):
    with connect(port) as sender:
        sender.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(4):
            sender.sendall(b"8000\r\n" + bytes(0x8000) + b"\r\n")
        sender.sendall(b"nonsense\r\n")
        assert b" 400 " in all_of(sender)


def test_a_body_that_nobody_reads_yet_does_not_fill_the_memory(port, asked, monkeypatch):
    monkeypatch.setattr(server, "MAX_STREAMS", 0)
    with connect(port) as sender:
        sender.sendall(head("/", 1 << 30))
        sender.setblocking(False)
        sent, until_s = 0, time.monotonic() + 1.0
        while time.monotonic() < until_s:
            try:
                sent += sender.send(bytes(1 << 18))
            except BlockingIOError:
                time.sleep(0.02)
        assert sent < 40 << 20  # our buffer and those of the two sockets
    assert asked.paths == []


def test_half_open_connections_and_slow_bodies_do_not_stop_the_server(port, asked):
    held = [connect(port) for _ in range(300)]
    for number, connection in enumerate(held):
        if number % 3 == 1:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Le")
        elif number % 3 == 2:
            connection.sendall(head("/", 1 << 20) + bytes(10))
    started_s = time.monotonic()
    with connect(port) as sender:
        sender.sendall(head("/", 3, "Connection: close\r\n") + b"abc")
        assert all_of(sender).endswith(b"read")
    assert time.monotonic() - started_s < 5
    for connection in held:
        connection.close()


def test_idle_connections_are_closed(port, monkeypatch):
    monkeypatch.setattr(server, "IDLE_S", 0.5)
    with connect(port) as sender:
        sender.sendall(b"GET / HTTP/1.1\r\nHos")
        assert sender.recv(100) == b""


@pytest.mark.parametrize("charset", ["hex", "base64", "rot13", "zlib", "nothing"])
def test_a_charset_that_is_none_is_left_aside(charset):
    from django.test import RequestFactory

    from omniscript_mam.config.wsgi import application

    environ = RequestFactory()._base_environ(QUERY_STRING="text=%C3%A4", CONTENT_TYPE=f"text/plain; charset={charset}")
    request = application.request_class(environ)
    assert request.GET["text"] == "ä" and request.encoding is None
