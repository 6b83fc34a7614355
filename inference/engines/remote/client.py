"""Ask an endpoint until it has answered; tell its text as it comes, count what it cost, and say what went wrong in our errors.

How a server is asked, waited for and not followed elsewhere is :mod:`omniscript_mam.remote_text`, which judges ask by too.

Contents: :class:`ServerAnswer`, :class:`ChatClient`, :func:`new_abort`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import httpx2

from inference.engines.base import Finish
from inference.errors import Cancelled, RemoteError
from omniscript_mam.remote_text import Abort, Address, RemoteText

from .endpoints import Endpoint
from .server_answers import Collector

REMEDIES = {
    400: "Compare what the endpoint declares in its TOML table with what the server can take.",
    401: "Check the key in the environment variable that api_key_env names.",
    403: "Check the key in the environment variable that api_key_env names, and what it may do.",
    404: "Check url and model in the endpoint's TOML table.",
    413: "Lower max_clip_s of the endpoint, or raise the server's limit.",
    422: "Compare what the endpoint declares in its TOML table with what the server can take.",
    429: "Lower concurrency of the endpoint, or ask the service for a higher limit.",
}
REDIRECTED = "If footage may go there, put that address into the endpoint's TOML table."


def new_abort() -> Abort:
    """What ends requests with :class:`inference.errors.Cancelled`."""
    return Abort(Cancelled)


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


class ChatClient:
    """One endpoint. Any number of threads may ask at once."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        address = Address(
            url=endpoint.url,
            key=endpoint.api_key(),
            num_tries=endpoint.num_tries,
            timeout_s=endpoint.timeout_s,
            silence_s=endpoint.silence_s if endpoint.streaming else endpoint.timeout_s,
            backoff_s=endpoint.backoff_s,
        )
        self._remote = RemoteText(address, self._error)

    def ask(self, body: dict[str, Any], on_text: Callable[[str], None], abort: Abort) -> ServerAnswer:
        """The answer, after as many attempts as it takes and as are allowed.

        Args:
            on_text: told the text as it comes. Of a later attempt it is told only what goes beyond what it was told before.

        Raises:
            RemoteError: refused, or no attempt worked. Cancelled: ``abort`` was asked, or ``on_text`` raised it.
        """
        tally = _Tally()
        teller = _Teller(on_text)

        def read(payloads: Iterator[dict[str, Any]]) -> tuple[str, Finish]:
            tally.num_requests += 1
            teller.begin()
            collector = Collector(teller)
            try:
                for payload in payloads:
                    collector.take(payload)
                    if collector.goes_in_circles:
                        break
            except httpx2.TransportError:
                if not collector.finish:  # a connection that breaks after the end of the answer has broken nothing
                    raise
            finally:
                tally.num_prompt_tokens += collector.num_prompt_tokens
                tally.num_new_tokens += collector.num_new_tokens
            return collector.whole()

        text, finish = self._remote.ask(body, read, abort)
        return ServerAnswer(text, finish, tally.num_prompt_tokens, tally.num_new_tokens, tally.num_requests)

    def _error(self, said: str, *, status: int = 0, remedy: str | None = None) -> RemoteError:
        message = f"Endpoint {self.endpoint.name!r} ({self.endpoint.host}) {said.rstrip('.')}."
        return RemoteError(message, remedy=REDIRECTED if 300 <= status < 400 else remedy or REMEDIES.get(status), status=status)


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
