"""Ask an endpoint until it has answered: attempts, waits, and everything that a network does to an answer.

Problem: footage is dear to send and answers take minutes, so an attempt that went wrong must end soon, be told from one that cannot go
right, and be repeated only then. Repeated are 408, 409, 429, 5xx, broken connections, silence, and answers that break off or make no
sense; ``Retry-After`` is heeded. Not repeated is what the server refuses. No redirect is followed: footage goes where the file says and
nowhere else. Proxies of the environment are used. The key stands in one header and in no message.

Times in seconds. Contents: :class:`Abort`, :class:`ServerAnswer`, :class:`ChatClient`.
"""

from __future__ import annotations

import email.utils
import json
import random
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from inference.engines.base import Finish
from inference.errors import Cancelled, RemoteError

from .endpoints import Endpoint
from .server_answers import BrokenAnswerError, Collector, payloads

CONNECT_S = 15.0
WRITE_S = 120.0
LONGEST_WAIT_S = 120.0
MAX_ANSWER_BYTES = 64 << 20
MAX_WORDS_BYTES = 64 << 10
MAX_WORDS = 300
RETRIED = frozenset({408, 409, 429})
REMEDIES = {
    400: "Compare what the endpoint declares in its TOML table with what the server can take.",
    401: "Check the key in the environment variable that api_key_env names.",
    403: "Check the key in the environment variable that api_key_env names, and what it may do.",
    404: "Check url and model in the endpoint's TOML table.",
    413: "Lower max_clip_s of the endpoint, or raise the server's limit.",
    422: "Compare what the endpoint declares in its TOML table with what the server can take.",
    429: "Lower concurrency of the endpoint, or ask the service for a higher limit.",
}


class Abort:
    """Lets one thread end, at once, what others wait for: their sockets are shut down."""

    def __init__(self) -> None:
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
        """Sleep, unless or until asked to end.

        Raises:
            Cancelled: it was asked.
        """
        if self._asked.wait(seconds):
            raise Cancelled("The request was stopped.")

    def check(self) -> None:
        """Raise Cancelled if it was asked to end."""
        self.wait(0.0)

    def trace(self, name: str, found: dict[str, Any]) -> None:
        """Told by the HTTP library what it does: remembers each new socket."""
        if name.endswith(("connect_tcp.complete", "start_tls.complete")):
            opened = found["return_value"].get_extra_info("socket")
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
class ServerAnswer:
    """The whole text, why it ended, and what all attempts together used, as far as the server said."""

    text: str
    finish: Finish
    num_prompt_tokens: int
    num_new_tokens: int
    num_requests: int


@dataclass
class _Tally:
    num_prompt_tokens: int = 0
    num_new_tokens: int = 0
    num_requests: int = 0


class _Trouble(Exception):
    """An attempt went wrong in a way that another may not. ``wait_s``: how long the server wants to be left alone."""

    def __init__(self, words: str, *, status: int = 0, wait_s: float | None = None) -> None:
        super().__init__(words)
        self.status = status
        self.wait_s = wait_s


class ChatClient:
    """One endpoint. Any number of threads may ask at once."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._key = endpoint.api_key()
        self._url = f"{endpoint.url}/chat/completions"
        read_s = min(endpoint.silence_s, endpoint.timeout_s) if endpoint.streaming else endpoint.timeout_s
        timeout = httpx2.Timeout(connect=CONNECT_S, read=read_s, write=WRITE_S, pool=None)
        # A connection per request: attempts last minutes, and a fresh socket is one that Abort knows.
        limits = httpx2.Limits(max_keepalive_connections=0)
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json", "User-Agent": "omniscript-mam"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        self._http = httpx2.Client(headers=headers, timeout=timeout, limits=limits, follow_redirects=False)

    def ask(self, body: dict[str, Any], on_text: Callable[[str], None], abort: Abort) -> ServerAnswer:
        """The answer, after as many attempts as it takes and as are allowed.

        Args:
            on_text: told the text as it comes. Of a later attempt it is told only what goes beyond what it was told before.

        Raises:
            RemoteError: refused, or no attempt worked. Cancelled: ``abort`` was asked, or ``on_text`` raised it.
        """
        content = json.dumps(body, ensure_ascii=False).encode()
        tally = _Tally()
        teller = _Teller(on_text)
        while True:
            abort.check()
            tally.num_requests += 1
            teller.begin()
            try:
                return self._attempt(content, tally, teller, abort)
            except (_Trouble, BrokenAnswerError, httpx2.TransportError) as error:
                abort.check()
                if isinstance(error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
                    raise self._error(f"cannot be asked: {error}") from error
                if tally.num_requests >= self.endpoint.num_tries:
                    raise self._gave_up(error, tally) from error
                abort.wait(self._pause_s(error, tally.num_requests))

    def _attempt(self, content: bytes, tally: _Tally, teller: _Teller, abort: Abort) -> ServerAnswer:
        deadline_s = time.monotonic() + self.endpoint.timeout_s
        found = Collector(teller)
        try:
            with self._http.stream("POST", self._url, content=content, extensions={"trace": abort.trace}) as response:
                if response.status_code != 200:
                    raise self._refusal(response)
                for payload in payloads(response, MAX_ANSWER_BYTES):
                    abort.check()
                    if time.monotonic() > deadline_s:
                        raise BrokenAnswerError(f"the answer was not whole after {self.endpoint.timeout_s:g} s")
                    self._check_error(payload)
                    found.take(payload)
                    if found.goes_in_circles:
                        break
        except httpx2.TransportError:
            if not found.finish:  # a connection that breaks after the end of the answer has broken nothing
                raise
        finally:
            tally.num_prompt_tokens += found.num_prompt_tokens
            tally.num_new_tokens += found.num_new_tokens
        text, finish = found.whole()
        return ServerAnswer(text, finish, tally.num_prompt_tokens, tally.num_new_tokens, tally.num_requests)

    def _refusal(self, response: httpx2.Response) -> Exception:
        """What an answer other than 200 is: trouble that may pass, or an error."""
        status = response.status_code
        if 300 <= status < 400:
            target = response.headers.get("location", "")
            return self._error(
                f"answered {status} and points to {self._clean(target)!r}; redirects are not followed",
                status=status,
                remedy="If footage may go there, put that address into the endpoint's TOML table.",
            )
        words = self._clean(_words(response))
        said = f"answered {status} {response.reason_phrase}" + (f": {words}" if words else "")
        if status in RETRIED or status >= 500:
            return _Trouble(said, status=status, wait_s=_retry_after_s(response.headers.get("retry-after", "")))
        return self._error(said, status=status)

    def _check_error(self, payload: dict[str, Any]) -> None:
        """Servers that fail in the middle of a stream say so in an event of it."""
        error = payload.get("error")
        if not error:
            return
        words = self._clean(_message(error))
        code = error.get("code") if isinstance(error, dict) else None
        status = code if isinstance(code, int) else 500
        if status in RETRIED or status >= 500:
            raise _Trouble(f"failed while it answered: {words}", status=status)
        raise self._error(f"failed while it answered: {words}", status=status)

    def _pause_s(self, error: Exception, num_tries: int) -> float:
        usual = self.endpoint.backoff_s * 2 ** (num_tries - 1) * random.uniform(0.5, 1.5)
        asked = error.wait_s if isinstance(error, _Trouble) and error.wait_s is not None else 0.0
        return min(max(usual, asked), LONGEST_WAIT_S)

    def _gave_up(self, error: Exception, tally: _Tally) -> RemoteError:
        said = str(error) if isinstance(error, _Trouble | BrokenAnswerError) else self._clean(f"{type(error).__name__}: {error}")
        status = error.status if isinstance(error, _Trouble) else 0
        times = "once" if tally.num_requests == 1 else f"{tally.num_requests} times"
        return self._error(f"was asked {times} without success; last: {said}", status=status)

    def _error(self, said: str, *, status: int = 0, remedy: str | None = None) -> RemoteError:
        message = f"Endpoint {self.endpoint.name!r} ({self.endpoint.host}) {said.rstrip('.')}."
        return RemoteError(message, remedy=remedy or REMEDIES.get(status), status=status)

    def _clean(self, words: str) -> str:
        """A stranger's words for a message: one bounded line without control characters, and without our key."""
        if self._key:
            words = words.replace(self._key, "[key]")
        line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
        return line if len(line) <= MAX_WORDS else line[: MAX_WORDS - 1] + "…"


class _Teller:
    """Passes text on as it comes; when an answer begins again, only what is new and only if the old part came out the same."""

    def __init__(self, on_text: Callable[[str], None]) -> None:
        self._on_text = on_text
        self._told = ""
        self._now = ""

    def begin(self) -> None:
        self._now = ""

    def __call__(self, piece: str) -> None:
        self._now += piece
        if len(self._now) > len(self._told) and self._now.startswith(self._told):
            new, self._told = self._now[len(self._told) :], self._now
            self._on_text(new)


def _words(response: httpx2.Response) -> str:
    """What the server says about its refusal."""
    found = b""
    for piece in response.iter_bytes():
        found += piece
        if len(found) > MAX_WORDS_BYTES:
            break
    text = found[:MAX_WORDS_BYTES].decode("utf-8", "replace")
    try:
        data = json.loads(text)
    except ValueError:
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
