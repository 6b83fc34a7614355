"""An engine whose model is somewhere else: requests go out side by side, text comes back on the caller's thread.

``on_text`` is called on the thread that called :meth:`RemoteEngine.generate` (callers hold database connections), and with an empty piece
at least once a second while a server thinks, so that a caller can stop. What was answered before a batch failed or was stopped is kept
in memory and given when it is asked again.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from inference.engines.base import OnText, Reply, Request, Usage, ignore_text
from omniscript_mam.remote_text import Abort

from .chat_body import chat_body
from .client import ChatClient, new_abort
from .endpoints import Endpoint

HEARTBEAT_S = 1.0
_Message = tuple[int, str | None]
"""More text of a request; ``None`` when it is done."""


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

    def generate(self, requests: Sequence[Request], on_text: OnText = ignore_text) -> list[Reply]:
        """Answers, in the order of the requests; at most ``concurrency`` are asked at once.

        Raises:
            RemoteError: an endpoint refused a request or never answered it. What ``on_text`` raises, once the requests are stopped.
        """
        said: queue.SimpleQueue[_Message] = queue.SimpleQueue()
        abort = new_abort()
        with ThreadPoolExecutor(self.endpoint.concurrency, thread_name_prefix="remote") as pool:
            futures = [pool.submit(self._answer, index, request, said, abort) for index, request in enumerate(requests)]
            try:
                _pass_on(said, len(requests), on_text)
            except BaseException:
                abort.ask()
                pool.shutdown(wait=True, cancel_futures=True)
                self._keep(requests, futures)
                raise
        if any(future.exception() for future in futures):
            self._keep(requests, futures)
        return [future.result() for future in futures]

    def _answer(self, index: int, request: Request, said: queue.SimpleQueue[_Message], abort: Abort) -> Reply:
        try:
            kept = self._kept.pop(_identity(request), None)
            return kept or self._ask(request, lambda piece: said.put((index, piece)), abort)
        finally:
            said.put((index, None))

    def _ask(self, request: Request, on_text: Callable[[str], None], abort: Abort) -> Reply:
        started_s = time.monotonic()
        abort.check()
        answer = self._client.ask(chat_body(self.endpoint, request), on_text, abort)
        price = self.endpoint.price
        usage = Usage(
            num_prompt_tokens=answer.num_prompt_tokens,
            num_new_tokens=answer.num_new_tokens,
            seconds=time.monotonic() - started_s,
            cost=price.cost(answer.num_prompt_tokens, answer.num_new_tokens) if price else None,
            currency=price.currency if price else "",
            num_requests=answer.num_requests,
        )
        return Reply(answer.text.removeprefix(request.begun) if request.begun else answer.text, answer.finish, usage)

    def _keep(self, requests: Sequence[Request], futures: Sequence[Future[Reply]]) -> None:
        for request, future in zip(requests, futures, strict=True):
            if future.done() and not future.cancelled() and future.exception() is None:
                self._kept[_identity(request)] = future.result()


def _pass_on(said: queue.SimpleQueue[_Message], num_requests: int, on_text: OnText) -> None:
    """Call ``on_text`` with what the threads say until all are done."""
    open_indexes = set(range(num_requests))
    while open_indexes:
        try:
            index, piece = said.get(timeout=HEARTBEAT_S)
        except queue.Empty:
            on_text(min(open_indexes), "")
            continue
        if piece is None:
            open_indexes.discard(index)
        else:
            on_text(index, piece)


def _identity(request: Request) -> tuple[str, str]:
    """The request and the film it is about: a request's key alone does not tell films apart."""
    return ("" if request.clip is None else str(request.clip.spool.spool_dir), request.key)
