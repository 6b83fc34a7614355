"""Asking a model behind an OpenAI-compatible address: attempts, waits, and everything that a network does to an answer.

Problem: what is sent is dear (footage, or a benchmark's texts under a key) and answers take minutes, so an attempt that went wrong must
end soon, be told from one that cannot go right, and be repeated only then (:mod:`.troubles` tells them apart). A server that is restarted
is away for minutes: it is waited for, and who asks is told so. ``Retry-After`` is heeded. No redirect is followed: what is sent goes
where the address says and nowhere else. Proxies of the environment are used. The key stands in one header and in no message.

Times in seconds. Contents: :class:`Address`, :class:`Refusal`, :class:`RemoteText`.
"""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import httpx2

from omniscript_mam.waiting import Waiting

from .abort import Abort
from .clock import Bounds, Clock
from .payloads import BrokenAnswerError, payloads, says_something
from .troubles import Trouble, failure_of, refusal_of, transport_trouble

CONNECT_S = 15.0
WRITE_S = 120.0
LONGEST_WAIT_S = 120.0
LONGEST_WAIT_FOR_SERVER_S = 15.0
"""Between two looks whether a server is back: it costs nothing to look, and every second that it is back is worth having."""
SLACK_S = 10.0
"""By how much the HTTP library's own timeout lies behind the clock's, which it only backs up."""
MAX_WORDS = 300

Answer = TypeVar("Answer")
Waits = Callable[[Waiting | None], None]


class Refusal(Protocol):
    """Makes the asker's own error of what went wrong.

    ``status`` is the HTTP status, 0 where there was none; ``blocks``: no question of this asker can be answered there.
    """

    def __call__(self, said: str, *, status: int = 0, remedy: str | None = None, blocks: bool = False) -> Exception: ...


@dataclass(frozen=True)
class Address:
    """Who is asked, and how patiently.

    Attributes:
        url: the address before ``/chat/completions``, without user, password and query. key: sent in one header; "" where none is wanted.
        num_tries: attempts per question that may go wrong. backoff_s: first wait before another; it doubles each time, and jitters.
        queue_s: longest wait for the first piece of an answer: the server's queue, and reading the prompt.
        silence_s: longest wait for the next piece. timeout_s: longest time from the first piece to the last.
        outage_s: how long a server is waited for that is away; attempts meanwhile do not count as tries, unless this is 0.
    """

    url: str
    key: str = ""
    num_tries: int = 5
    timeout_s: float = 900.0
    silence_s: float = 180.0
    backoff_s: float = 1.0
    queue_s: float = 0.0
    outage_s: float = 0.0

    @property
    def problem(self) -> str:
        """What is wrong with ``url``; "" if nothing is."""
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return "is not an http or https address"
        if parts.username or parts.password or parts.query or parts.fragment:
            return "must hold no user, password, query or fragment"
        return ""

    def bounds(self, *, streams: bool) -> Bounds:
        """What an attempt's clock goes by; an answer in one piece says nothing before it is whole."""
        if streams:
            return Bounds(self.queue_s or self.silence_s, self.silence_s, self.timeout_s)
        return Bounds(self.queue_s + self.timeout_s, self.timeout_s, self.timeout_s)


@dataclass
class _Patience:
    """What is left of it for one question: tries, and the time that the server has been away."""

    num_tries: int = 0
    num_away: int = 0
    away_since_s: float | None = None
    away_since_unix_s: float = 0.0

    def count(self, trouble: Trouble) -> None:
        """One more trouble."""
        if trouble.kind == "away":
            if self.away_since_s is None:
                self.away_since_s, self.away_since_unix_s, self.num_away = time.monotonic(), time.time(), 0
            self.num_away += 1
        else:
            self.num_tries, self.away_since_s = self.num_tries + 1, None

    def is_over(self, address: Address) -> bool:
        """Whether nothing is left."""
        if self.away_since_s is None:
            return self.num_tries >= address.num_tries
        if address.outage_s > 0:
            return time.monotonic() - self.away_since_s >= address.outage_s
        return self.num_tries + self.num_away >= address.num_tries


class RemoteText:
    """One address. Any number of threads may ask at once."""

    def __init__(self, address: Address, refusal: Refusal) -> None:
        self._address, self._refusal = address, refusal
        self._url = f"{address.url.rstrip('/')}/chat/completions"
        # A connection per request: attempts last minutes, and a fresh socket is one that Abort and Clock know.
        limits = httpx2.Limits(max_keepalive_connections=0)
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream, application/json", "User-Agent": "omniscript-mam"}
        if address.key:
            headers["Authorization"] = f"Bearer {address.key}"
        self._http = httpx2.Client(headers=headers, limits=limits, follow_redirects=False)

    def ask(
        self, body: dict[str, Any], read: Callable[[Iterator[dict[str, Any]]], Answer], abort: Abort, wait: Waits = lambda waiting: None
    ) -> Answer:
        """What ``read`` makes of the answer, after as many attempts as it takes and as are allowed.

        Args:
            read: is given the JSON objects of each attempt's answer as they come, also of one that is refused (none then); it raises
                :class:`BrokenAnswerError` where they make no sense. What goes wrong on the way comes to it as a :class:`BrokenAnswerError`
                or a :class:`Trouble`; it may make do with what it has.
            wait: told what is waited for, and with ``None`` when that is over. It may be called on another thread.

        Raises:
            The asker's errors: refused, no attempt worked, or ``abort`` was asked.
        """
        content = json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        bounds = self._address.bounds(streams=bool(body.get("stream")))
        patience = _Patience()
        try:
            while True:
                abort.check()
                try:
                    with closing(self._attempt(content, bounds, abort, wait)) as pieces:
                        return read(pieces)
                except (Trouble, BrokenAnswerError) as error:
                    abort.check()
                    trouble = error if isinstance(error, Trouble) else Trouble(str(error), "failed")
                    patience.count(trouble)
                    if trouble.kind == "hopeless":
                        raise self._refusal(str(trouble), status=trouble.status, remedy=trouble.remedy, blocks=trouble.blocks) from error
                    if patience.is_over(self._address):
                        raise self._gave_up(trouble, patience) from error
                if trouble.kind == "away":
                    wait(Waiting("server", patience.away_since_unix_s, str(trouble)))
                abort.wait(self._pause_s(trouble, patience))
        finally:
            wait(None)

    def clean(self, words: str) -> str:
        """A stranger's words for a message: one bounded line without control characters, and without our key."""
        if self._address.key:
            words = words.replace(self._address.key, "[key]")
        line = " ".join("".join(c if c.isprintable() else " " for c in words).split())
        return line if len(line) <= MAX_WORDS else line[: MAX_WORDS - 1] + "…"

    def _attempt(self, content: bytes, bounds: Bounds, abort: Abort, wait: Waits) -> Generator[dict[str, Any]]:
        timeout = httpx2.Timeout(connect=CONNECT_S, read=bounds.longest_s + SLACK_S, write=WRITE_S, pool=None)
        try:
            with (
                Clock(bounds, abort, wait) as clock,
                self._http.stream("POST", self._url, content=content, timeout=timeout, extensions={"trace": clock.trace}) as response,
            ):
                if response.status_code != 200:
                    raise refusal_of(response, self.clean)

                def check() -> None:
                    abort.check()
                    clock.check()

                for payload in payloads(response, check):
                    if payload.get("error"):  # servers that fail in the middle of a stream say so in an event of it
                        raise failure_of(payload["error"], self.clean)
                    if says_something(payload):
                        clock.heard()
                    yield payload
                check()  # sockets that were shut down read as an end
        except httpx2.TransportError as error:
            abort.check()
            clock.check()
            raise transport_trouble(error, self._url, self.clean) from error

    def _pause_s(self, trouble: Trouble, patience: _Patience) -> float:
        is_away = trouble.kind == "away"
        doublings = min((patience.num_away if is_away else patience.num_tries) - 1, 16)
        usual = self._address.backoff_s * 2**doublings
        longest = LONGEST_WAIT_FOR_SERVER_S if is_away else LONGEST_WAIT_S
        return min(max(min(usual, longest) * random.uniform(0.5, 1.5), trouble.wait_s or 0.0), LONGEST_WAIT_S)

    def _gave_up(self, trouble: Trouble, patience: _Patience) -> Exception:
        last = str(trouble)
        if patience.away_since_s is None or self._address.outage_s <= 0:
            num = patience.num_tries + patience.num_away
            said = f"was asked {'once' if num == 1 else f'{num} times'} without success; last: {last}"
        else:
            said = f"was waited for {self._address.outage_s / 60:.3g} minutes without success; last: {last}"
        remedy = trouble.remedy
        return self._refusal(said, status=trouble.status, remedy=remedy, blocks=trouble.blocks or trouble.kind == "away")
