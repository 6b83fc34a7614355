"""Asking a model behind an OpenAI-compatible address: attempts, waits, and everything that a network does to an answer.

Problem: what is sent is dear (footage, or a benchmark's texts under a key) and answers take minutes, so an attempt that went wrong must
end soon, be told from one that cannot go right, and be repeated only then. Repeated are 408, 409, 429, 5xx, broken connections,
silence, and answers that break off or make no sense; ``Retry-After`` is heeded. Not repeated is what the server refuses. No redirect is
followed: what is sent goes where the address says and nowhere else. Proxies of the environment are used. The key stands in one header
and in no message.

Writers and judges both ask by this module, each with its own errors: neither knows the other, nor Django. Times in seconds.

Contents: :class:`Abort`, :class:`Address`, :class:`BrokenAnswerError`, :class:`RemoteText`.
"""

from __future__ import annotations

import email.utils
import json
import random
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx2

CONNECT_S = 15.0
WRITE_S = 120.0
LONGEST_WAIT_S = 120.0
MAX_ANSWER_BYTES = 64 << 20
MAX_WORDS_BYTES = 64 << 10
MAX_WORDS = 300
RETRIED = frozenset({408, 409, 429})

Answer = TypeVar("Answer")


class BrokenAnswerError(Exception):
    """This attempt's answer broke off, makes no sense or has no end; another attempt may be whole."""


class _Trouble(Exception):
    """An attempt went wrong in a way that another may not. ``wait_s``: how long the server wants to be left alone."""

    def __init__(self, words: str, *, status: int = 0, wait_s: float | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.wait_s = wait_s


class Refusal(Protocol):
    """Makes the asker's own error of what went wrong; ``status`` is the HTTP status, 0 where there was none."""

    def __call__(self, said: str, *, status: int = 0, remedy: str | None = None) -> Exception: ...


class Abort:
    """Lets one thread end, at once, what others wait for: their sockets are shut down.

    Args:
        stopped: makes the error that whoever waits is ended with.
    """

    def __init__(self, stopped: Callable[[str], Exception]) -> None:
        self._stopped = stopped
        self._asked = threading.Event()
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()

    def ask(self) -> None:
        """End everything now."""
        self._asked.set()
        with self._lock:
            for each in self._sockets:
                _shut_down(each)

    def wait(self, seconds: float) -> None:
        """Sleep, unless or until asked to end; then raise the error."""
        if self._asked.wait(seconds):
            raise self._stopped("The request was stopped.")

    def check(self) -> None:
        """Raise the error if it was asked to end."""
        self.wait(0.0)

    def trace(self, name: str, details: dict[str, Any]) -> None:
        """Told by the HTTP library what it does: remembers each new socket."""
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            opened = details["return_value"].get_extra_info("socket")
            with self._lock:
                self._sockets = [each for each in self._sockets if each.fileno() >= 0] + [opened]
            if self._asked.is_set():
                _shut_down(opened)


def _shut_down(opened: socket.socket) -> None:
    try:
        opened.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # closed already, which is what is wanted


@dataclass(frozen=True)
class Address:
    """Who is asked, and how patiently.

    Attributes:
        url: the address before ``/chat/completions``, without user, password and query. key: sent in one header; "" where none is wanted.
        num_tries: attempts per question. timeout_s: longest attempt. silence_s: longest wait for the next piece of an answer.
        backoff_s: first wait before another attempt; it doubles each time, and jitters.
    """

    url: str
    key: str = ""
    num_tries: int = 5
    timeout_s: float = 900.0
    silence_s: float = 180.0
    backoff_s: float = 1.0

    @property
    def problem(self) -> str:
        """What is wrong with ``url``; "" if nothing is."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return "is not an http or https address"
        if parts.username or parts.password or parts.query or parts.fragment:
            return "must hold no user, password, query or fragment"
        return ""


class RemoteText:
    """One address. Any number of threads may ask at once."""

    def __init__(self, address: Address, refusal: Refusal) -> None:
        self._address, self._refusal = address, refusal
        self._url = f"{address.url.rstrip('/')}/chat/completions"
        timeout = httpx2.Timeout(connect=CONNECT_S, read=min(address.silence_s, address.timeout_s), write=WRITE_S, pool=None)
        # A connection per request: attempts last minutes, and a fresh socket is one that Abort knows.
        limits = httpx2.Limits(max_keepalive_connections=0)
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json", "User-Agent": "omniscript-mam"}
        if address.key:
            headers["Authorization"] = f"Bearer {address.key}"
        self._http = httpx2.Client(headers=headers, timeout=timeout, limits=limits, follow_redirects=False)

    def ask(self, body: dict[str, Any], read: Callable[[Iterator[dict[str, Any]]], Answer], abort: Abort) -> Answer:
        """What ``read`` makes of the answer, after as many attempts as it takes and as are allowed.

        Args:
            read: is given the JSON objects of each attempt's answer as they come, also of one that is refused (none then); it raises
                :class:`BrokenAnswerError` where they make no sense.

        Raises:
            The asker's errors: refused, no attempt worked, or ``abort`` was asked.
        """
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        num_tries = 0
        while True:
            abort.check()
            num_tries += 1
            try:
                with closing(self._attempt(content, abort)) as payloads:
                    return read(payloads)
            except (_Trouble, BrokenAnswerError, httpx2.TransportError) as error:
                abort.check()
                if isinstance(error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
                    raise self._refusal(f"cannot be asked: {self.clean(str(error))}") from error
                if num_tries >= self._address.num_tries:
                    raise self._gave_up(error, num_tries) from error
                abort.wait(self._pause_s(error, num_tries))

    def clean(self, words: str) -> str:
        """A stranger's words for a message: one bounded line without control characters, and without our key."""
        if self._address.key:
            words = words.replace(self._address.key, "[key]")
        line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
        return line if len(line) <= MAX_WORDS else line[: MAX_WORDS - 1] + "…"

    def _attempt(self, content: bytes, abort: Abort) -> Generator[dict[str, Any]]:
        deadline_s = time.monotonic() + self._address.timeout_s
        with self._http.stream("POST", self._url, content=content, extensions={"trace": abort.trace}) as response:
            if response.status_code != 200:
                raise self._refused(response)
            for payload in _payloads(response, MAX_ANSWER_BYTES):
                abort.check()
                if time.monotonic() > deadline_s:
                    raise BrokenAnswerError(f"the answer was not whole after {self._address.timeout_s:g} s")
                self._check_error(payload)
                yield payload

    def _refused(self, response: httpx2.Response) -> Exception:
        """What an answer other than 200 is: trouble that may pass, or an error."""
        status = response.status_code
        if 300 <= status < 400:
            target = response.headers.get("location", "")
            said = f"answered {status} and points to {self.clean(target)!r}; redirects are not followed"
            return self._refusal(said, status=status, remedy="If what is sent may go there, name that address instead.")
        words = self.clean(_words(response))
        said = f"answered {status} {response.reason_phrase}" + (f": {words}" if words else "")
        if status in RETRIED or status >= 500:
            return _Trouble(said, status=status, wait_s=_retry_after_s(response.headers.get("retry-after", "")))
        return self._refusal(said, status=status)

    def _check_error(self, payload: dict[str, Any]) -> None:
        """Servers that fail in the middle of a stream say so in an event of it."""
        error = payload.get("error")
        if not error:
            return
        words = self.clean(_message(error))
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) else 500
        if status in RETRIED or status >= 500:
            raise _Trouble(f"failed while it answered: {words}", status=status)
        raise self._refusal(f"failed while it answered: {words}", status=status)

    def _pause_s(self, error: Exception, num_tries: int) -> float:
        usual = self._address.backoff_s * 2 ** (num_tries - 1) * random.uniform(0.5, 1.5)
        asked = error.wait_s if isinstance(error, _Trouble) and error.wait_s is not None else 0.0
        return min(max(usual, asked), LONGEST_WAIT_S)

    def _gave_up(self, error: Exception, num_tries: int) -> Exception:
        said = str(error) if isinstance(error, _Trouble | BrokenAnswerError) else self.clean(f"{type(error).__name__}: {error}")
        status = error.status if isinstance(error, _Trouble) else 0
        times = "once" if num_tries == 1 else f"{num_tries} times"
        return self._refusal(f"was asked {times} without success; last: {said}", status=status)


def _payloads(response: httpx2.Response, max_bytes: int) -> Iterator[dict[str, Any]]:
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
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenAnswerError(f"a part of the answer is no JSON ({error})") from error
    if not isinstance(document, dict):
        raise BrokenAnswerError("a part of the answer is no JSON object")
    return document


def _words(response: httpx2.Response) -> str:
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
    return _message(data.get("error", data) if isinstance(data, dict) else data)


def _message(error: Any) -> str:
    for key in ("message", "detail"):
        if isinstance(error, dict) and error.get(key):
            return str(error[key])
    return error if isinstance(error, str) else json.dumps(error, ensure_ascii=False)


def _retry_after_s(header: str) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date."""
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
