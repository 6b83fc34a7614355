"""Asking a model so that nothing is asked twice, a loop does not end the film, and a bad answer gets one more chance.

Every finished reply is a file in the film's work folder, named after the question and the model: a run that was killed finds it there.
An answer that stopped at its length or in a loop goes on after its last complete event, a few times at most; one that cannot be read is
asked for once more with the reason quoted. What still fails comes back as a fault, in words: whoever asked decides what then.

Contents: :class:`Replies` (kept replies), :func:`converse` (questions to answers), :class:`Outcome`, :class:`Pulse`.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Generic, TypeVar

from inference.answers.reading import Reading
from inference.answers.resuming import resume_point
from inference.answers.schema import Answer
from inference.checkpoints import Checkpoints
from inference.engines.base import Engine, OnText, Reply, Request, Usage
from inference.errors import AnswerError, WriterError
from inference.prompts import refused

A = TypeVar("A", bound=Answer)

Listener = Callable[[str], None]

MAX_RESUMES = 4
"""How often one answer is gone on with after it stopped early."""


class Replies:
    """An engine whose finished replies are kept in a folder."""

    def __init__(self, engine: Engine, kept: Checkpoints) -> None:
        self.engine, self.kept = engine, kept

    def ask(self, requests: Sequence[Request], on_text: OnText) -> list[Reply | WriterError]:
        """The reply to each request, or why there is none. Kept replies are not asked for; others are kept before they are used."""
        replies: list[Reply | WriterError | None] = [self._kept(request) for request in requests]
        missing = [i for i, reply in enumerate(replies) if reply is None]
        size = max(1, self.engine.batch_size)
        for first in range(0, len(missing), size):
            batch = missing[first : first + size]
            for i, reply in zip(batch, self._generate([requests[i] for i in batch], batch, on_text), strict=True):
                replies[i] = reply
        return [reply for reply in replies if reply is not None]

    def _generate(self, requests: Sequence[Request], numbers: Sequence[int], on_text: OnText) -> list[Reply | WriterError]:
        try:
            replies = self.engine.generate(requests, lambda i, piece: on_text(numbers[i], piece))
        except WriterError as error:
            if len(requests) == 1:
                return [error]
            # One bad question must not cost its neighbours their answers.
            return [self._generate([request], [number], on_text)[0] for request, number in zip(requests, numbers, strict=True)]
        for request, reply in zip(requests, replies, strict=True):
            self.kept.write(self._name(request), json.dumps(asdict(reply), ensure_ascii=False))
        return list(replies)

    def _kept(self, request: Request) -> Reply | None:
        text = self.kept.read(self._name(request))
        if text is None:
            return None
        data = json.loads(text)
        return Reply(data["text"], data["finish"], Usage(**data["usage"]))

    def _name(self, request: Request) -> str:
        asked = json.dumps([self.engine.name, self.engine.version, request.key])
        return f"{request.purpose}-{hashlib.sha256(asked.encode()).hexdigest()[:32]}.json"


@dataclass
class Outcome(Generic[A]):
    """What came of a question: a reading, or a fault in one sentence; what it cost in all, and whether it ended too early."""

    reading: Reading[A] | None = None
    fault: str = ""
    usage: Usage = field(default_factory=lambda: Usage(num_requests=0))
    cut: bool = False


class Pulse:
    """Tells of life at most once a second while text comes in: whoever is told may raise to stop the model."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self.tell, self.told_s = tell, time.monotonic()

    def beat(self) -> None:
        """Something came in."""
        if time.monotonic() - self.told_s >= 1.0:
            self.told_s = time.monotonic()
            self.tell()


@dataclass
class _Talk(Generic[A]):
    question: Request
    request: Request
    outcome: Outcome[A]
    num_resumes: int = 0
    num_refusals: int = 0
    over: bool = False


def converse(
    replies: Replies, questions: Sequence[Request], read: Callable[[int, str], Reading[A]], listen: Callable[[int, str], Listener]
) -> list[Outcome[A]]:
    """The outcome of each question.

    Args:
        read: ``read(i, text)`` reads an answer to question ``i`` and raises AnswerError where it cannot.
        listen: ``listen(i, begun)`` gives who is told of the text of question ``i`` that comes after ``begun``; asked for at each request.
    """
    talks: list[_Talk[A]] = [_Talk(question, question, Outcome()) for question in questions]
    while pending := [i for i, talk in enumerate(talks) if not talk.over]:
        listeners = [listen(i, talks[i].request.begun) for i in pending]
        answers = replies.ask([talks[i].request for i in pending], lambda n, piece, told=listeners: told[n](piece))  # type: ignore[misc]
        for i, reply in zip(pending, answers, strict=True):
            _take(talks[i], reply, lambda text, number=i: read(number, text))  # type: ignore[misc]
    return [talk.outcome for talk in talks]


def _take(talk: _Talk[A], reply: Reply | WriterError, read: Callable[[str], Reading[A]]) -> None:
    if isinstance(reply, WriterError):
        talk.outcome.fault, talk.over = str(reply), True
        return
    talk.outcome.usage += reply.usage
    text = talk.request.begun + reply.text
    if reply.finish != "stop" and talk.question.purpose == "script":
        point = resume_point(text)
        if point is not None and talk.num_resumes < MAX_RESUMES and len(point.begun) > len(talk.request.begun):
            talk.num_resumes += 1
            talk.request = replace(talk.question, begun=point.begun)
            return
        text, talk.outcome.cut = (point.closed if point is not None else text), True
    try:
        talk.outcome.reading, talk.over = read(text), True
    except AnswerError as error:
        talk.num_refusals += 1
        if talk.num_refusals > 1:
            talk.outcome.fault, talk.over = str(error), True
            return
        talk.outcome.cut, talk.num_resumes = False, 0
        talk.question = talk.request = replace(talk.question, prompt=refused(talk.question.prompt, str(error)))
