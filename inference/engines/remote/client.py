"""Ask an endpoint until it has answered; tell its text as it comes, count what it cost, and say what went wrong in our errors.

How a server is asked, waited for and not followed elsewhere is :mod:`omniscript_mam.remote_text`, which judges ask by too.

Contents: :class:`ServerAnswer`, :class:`ChatClient`, :func:`new_abort`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from inference.engines.base import Finish
from inference.errors import Cancelled, RemoteError
from omniscript_mam.remote_text import Abort, Address, BrokenAnswerError, RemoteText, Trouble, Waits

from .endpoints import Endpoint
from .server_answers import Collector
from .tally import Tally

REMEDIES = {
    400: "Compare what the endpoint declares in its TOML table with what the server can take.",
    401: "Check the key in the environment variable that api_key_env names.",
    403: "Check the key in the environment variable that api_key_env names, and what it may do.",
    404: "Check url and model in the endpoint's TOML table.",
    413: "Lower max_clip_s of the endpoint, or raise the server's limit.",
    422: "Compare what the endpoint declares in its TOML table with what the server can take.",
    429: "Lower concurrency of the endpoint, or ask the service for a higher limit.",
}
AWAY = "Start the server, or correct url in the endpoint's TOML table; then retry the job: it goes on where it stopped."
REDIRECTED = "If footage may go there, put that address into the endpoint's TOML table."
ONLY_THOUGHT = (
    "The model used its whole answer for thinking: raise max_tokens of the endpoint, or have it think less "
    '(extra_body = {reasoning_effort = "low"} or {chat_template_kwargs = {enable_thinking = false}}).'
)


def new_abort() -> Abort:
    """What ends requests with :class:`inference.errors.Cancelled`."""
    return Abort(Cancelled)


@dataclass(frozen=True)
class ServerAnswer:
    """The text, why it ended, and which model the server says it was ("" = it does not say)."""

    text: str
    finish: Finish
    model: str = ""


@dataclass(frozen=True)
class Question:
    """One body and what is done with its answer.

    Attributes:
        on_text: told the text as it comes. Of a later attempt it is told only what goes beyond what it was told before.
        is_worth_keeping: whether an answer that broke off after this text is gone on with, rather than asked for anew.
        is_bound: whether the server holds the answer to a schema, so that every text of it has an end.
        wait: told what is waited for; on another thread.
        tally: what all attempts used, whatever comes of them.
    """

    body: dict[str, Any]
    on_text: Callable[[str], None]
    is_worth_keeping: Callable[[str], bool]
    is_bound: bool = False
    wait: Waits = lambda waiting: None
    tally: Tally = field(default_factory=Tally)


class ChatClient:
    """One endpoint. Any number of threads may ask at once."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        address = Address(
            url=endpoint.url,
            key=endpoint.api_key(),
            num_tries=endpoint.num_tries,
            timeout_s=endpoint.timeout_s,
            silence_s=endpoint.silence_s,
            backoff_s=endpoint.backoff_s,
            queue_s=endpoint.queue_s,
            outage_s=endpoint.outage_s,
        )
        self._remote = RemoteText(address, self._error)

    def ask(self, question: Question, abort: Abort) -> ServerAnswer:
        """The answer, after as many attempts as it takes and as are allowed; what they used stands in the question's tally.

        Raises:
            RemoteError: refused, or no attempt worked. Cancelled: ``abort`` was asked, or ``on_text`` raised it.
        """
        teller = _Teller(question.on_text)

        def read(payloads: Iterator[dict[str, Any]]) -> ServerAnswer:
            teller.begin()
            collector = Collector(teller, is_bound=question.is_bound)
            is_sent = True
            try:
                for payload in payloads:
                    collector.take(payload)
                    if collector.goes_in_circles:
                        break
                if not collector.finish:
                    raise BrokenAnswerError("the answer broke off")
            except (BrokenAnswerError, Trouble) as error:
                is_sent = not (isinstance(error, Trouble) and error.kind == "away" and not error.status)
                if not collector.has_ended:  # what breaks after the end of the answer has broken nothing
                    if collector.text and question.is_worth_keeping(collector.text):
                        return ServerAnswer(collector.text, "cut", collector.model)
                    raise
            finally:
                if is_sent:
                    question.tally.count(collector)
            if collector.has_only_thought:
                raise Trouble("ended at its length without a word of the answer", "hopeless", remedy=ONLY_THOUGHT)
            text, finish = collector.whole()
            return ServerAnswer(text, finish, collector.model)

        return self._remote.ask(question.body, read, abort, question.wait)

    def _error(self, said: str, *, status: int = 0, remedy: str | None = None, blocks: bool = False) -> RemoteError:
        message = f"Endpoint {self.endpoint.name!r} ({self.endpoint.host}) {said.rstrip('.')}."
        if 300 <= status < 400:
            remedy = REDIRECTED
        remedy = remedy or REMEDIES.get(status) or (AWAY if blocks else None)
        return RemoteError(message, remedy=remedy, status=status, blocks=blocks)


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
