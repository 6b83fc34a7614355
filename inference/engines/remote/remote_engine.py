"""An engine whose model is somewhere else: requests go out side by side, text comes back on the caller's thread.

``on_text`` is called on the thread that called :meth:`RemoteEngine.generate` (callers hold database connections), and with an empty piece
at least once a second while a server thinks, so that a caller can stop; what is waited for is told on that thread too. A request that
fails costs its neighbours nothing. What was answered before a batch was stopped is kept in memory and given when it is asked again.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from inference.answers.resuming import resume_point
from inference.engines.base import Failure, OnText, OnWait, Reply, Request, Usage, ignore_text, ignore_wait
from inference.errors import RemoteError
from omniscript_mam.remote_text import Abort
from omniscript_mam.waiting import Waiting

from .chat_body import chat_body, is_bound
from .client import ChatClient, Question, new_abort
from .endpoints import Endpoint
from .model_names import other_model

HEARTBEAT_S = 1.0


class _Over:
    """A wait is over."""


_OVER = _Over()
_Message = tuple[int, str | Waiting | _Over | None]
"""More text of a request, what it waits for, or that it does not any more; ``None`` when it is done."""


class RemoteEngine:
    """A model behind an :class:`Endpoint`. See :class:`inference.engines.base.Engine`.

    Raises:
        EndpointError: the key's environment variable is not set.
    """

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.name = f"remote-{endpoint.name}"
        self.version = endpoint.version
        self.batch_size = endpoint.concurrency
        self.hears = endpoint.hears
        self.sees = endpoint.sees
        self.thinks = endpoint.structured == "none"  # a schema binds the whole answer
        self.max_clip_s = endpoint.max_clip_s
        self._client = ChatClient(endpoint)
        self._kept: dict[tuple[str, str], Reply] = {}

    def generate(self, requests: Sequence[Request], on_text: OnText = ignore_text, on_wait: OnWait = ignore_wait) -> list[Reply | Failure]:
        """Answers, in the order of the requests, or why there is none; at most ``concurrency`` are asked at once.

        Raises:
            What ``on_text`` or ``on_wait`` raises, once the requests are stopped.
        """
        said: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        abort = new_abort()
        with ThreadPoolExecutor(self.endpoint.concurrency, thread_name_prefix="remote") as pool:
            futures = [pool.submit(self._answer, index, request, said, abort) for index, request in enumerate(requests)]
            try:
                _pass_on(said, len(requests), on_text, on_wait)
            except BaseException:
                abort.ask()
                pool.shutdown(wait=True, cancel_futures=True)
                self._keep(requests, futures)
                raise
        return [future.result() for future in futures]

    def _answer(self, index: int, request: Request, said: queue.SimpleQueue[_Message], abort: Abort) -> Reply | Failure:
        try:
            kept = self._kept.pop(_identity(request), None)
            return kept or self._ask(request, lambda piece: said.put((index, piece)), abort)
        finally:
            said.put((index, None))

    def _ask(self, request: Request, tell: Callable[[str | Waiting | _Over], None], abort: Abort) -> Reply | Failure:
        started_s = time.monotonic()
        abort.check()
        question = Question(
            body=chat_body(self.endpoint, request),
            on_text=tell,
            is_worth_keeping=lambda text: _is_worth_keeping(request, text),
            is_bound=is_bound(self.endpoint, request),
            wait=lambda waiting: tell(waiting or _OVER),
        )
        try:
            answer = self._client.ask(question, abort)
        except RemoteError as error:
            return Failure(error, self._usage(question, started_s))
        text = answer.text.removeprefix(request.begun) if request.begun else answer.text
        return Reply(text, answer.finish, self._usage(question, started_s), other_model(self.endpoint.model, answer.model))

    def _usage(self, question: Question, started_s: float) -> Usage:
        tally, price = question.tally, self.endpoint.price
        return Usage(
            num_prompt_tokens=tally.num_prompt_tokens,
            num_new_tokens=tally.num_new_tokens,
            seconds=time.monotonic() - started_s,
            cost=price.cost(tally.num_prompt_tokens, tally.num_new_tokens) if price else None,
            currency=price.currency if price else "",
            num_requests=tally.num_requests,
        )

    def _keep(self, requests: Sequence[Request], futures: Sequence[Future[Reply | Failure]]) -> None:
        for request, future in zip(requests, futures, strict=True):
            if future.done() and not future.cancelled() and future.exception() is None:
                reply = future.result()
                if isinstance(reply, Reply):
                    self._kept[_identity(request)] = reply


def _pass_on(said: queue.SimpleQueue[_Message], num_requests: int, on_text: OnText, on_wait: OnWait) -> None:
    """Tell the caller, on its thread, what the threads say, until all are done."""
    open_indexes = set(range(num_requests))
    waits: dict[int, Waiting] = {}
    told: Waiting | None = None
    while open_indexes:
        try:
            index, piece = said.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            on_text(min(open_indexes), "")
            continue
        if isinstance(piece, Waiting):
            waits[index] = piece
        else:
            waits.pop(index, None)
        if piece is None:
            open_indexes.discard(index)
        elif isinstance(piece, str):
            on_text(index, piece)
        if told != (now := _longest(waits, len(open_indexes))):
            told = now
            on_wait(now)


def _longest(waits: dict[int, Waiting], num_open: int) -> Waiting | None:
    """What the caller waits for: the server, if anybody does; their turn, only if all do, else somebody is being answered."""
    away = [waiting for waiting in waits.values() if waiting.what == "server"]
    chosen = away or (list(waits.values()) if num_open and len(waits) == num_open else [])
    return min(chosen, key=lambda waiting: waiting.since_s, default=None)


def _is_worth_keeping(request: Request, text: str) -> bool:
    """Whether an answer that broke off here got further than where it began: then it is gone on with."""
    if request.purpose != "script":
        return False
    point = resume_point(request.begun + text)
    return point is not None and len(point.begun) > len(request.begun)


def _identity(request: Request) -> tuple[str, str]:
    """The request and the film it is about: a request's key alone does not tell films apart."""
    return ("" if request.clip is None else str(request.clip.spool.spool_dir), request.key)
