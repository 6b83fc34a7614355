"""Asking a model so that nothing is asked twice, a loop does not end the film, and a bad answer gets one more chance.

Every finished reply is a file in the film's work folder, named after the question and the model: a run that was killed finds it there.
An answer that stopped at its length, in a loop or because its server went away goes on after its last complete event, a few times at
most, and where that is refused what was complete stands; one that cannot be read is asked for once more with the reason quoted. What
still fails comes back as a fault, in words: whoever asked decides what then. Only a server that nothing can be asked is an error.

Contents: :class:`Replies` (kept replies), :func:`converse` (questions to answers), :class:`Outcome`, :class:`Pulse`,
:func:`answered_version` and :func:`answered_words` (another model answered than was asked).
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
from inference.engines.base import Engine, Failure, OnText, OnWait, Reply, Request, Usage, ignore_wait
from inference.errors import AnswerError, WriterError
from inference.prompts import refused

A = TypeVar("A", bound=Answer)

Listener = Callable[[str], None]

MAX_RESUMES = 4
"""How often one answer is gone on with after it stopped early by itself."""
MAX_CUTS = 20
"""How often it is gone on with after it was cut off on the way: each time got further than the one before."""

STOPPED = {"cycle": "you went in circles: write every text once, and end it", "length": "the answer was too long: write less"}
"""What a model is told of an answer that ended before its document did."""


class Replies:
    """An engine whose finished replies are kept in a folder.

    Args:
        on_wait: told when the engine waits for its server.
    """

    def __init__(self, engine: Engine, kept: Checkpoints, on_wait: OnWait = ignore_wait) -> None:
        self.engine, self.kept, self.on_wait = engine, kept, on_wait

    def ask(self, requests: Sequence[Request], on_text: OnText) -> list[Reply | Failure]:
        """The reply to each request, or why there is none. Kept replies are not asked for; others are kept before they are used."""
        replies: list[Reply | Failure | None] = [self._kept(request) for request in requests]
        missing = [i for i, reply in enumerate(replies) if reply is None]
        size = max(1, self.engine.batch_size)
        for first in range(0, len(missing), size):
            batch = missing[first : first + size]
            for i, reply in zip(batch, self._generate([requests[i] for i in batch], batch, on_text), strict=True):
                replies[i] = reply
        return [reply for reply in replies if reply is not None]

    def _generate(self, requests: Sequence[Request], numbers: Sequence[int], on_text: OnText) -> list[Reply | Failure]:
        try:
            replies = self.engine.generate(requests, lambda i, piece: on_text(numbers[i], piece), self.on_wait)
        except WriterError as error:
            if len(requests) == 1:
                return [Failure(error)]
            # One bad question must not cost its neighbours their answers.
            return [self._generate([request], [number], on_text)[0] for request, number in zip(requests, numbers, strict=True)]
        for request, reply in zip(requests, replies, strict=True):
            if isinstance(reply, Reply):
                self.kept.write(self._name(request), json.dumps(asdict(reply), ensure_ascii=False))
        return list(replies)

    def _kept(self, request: Request) -> Reply | None:
        text = self.kept.read(self._name(request))
        if text is None:
            return None
        data = json.loads(text)
        return Reply(data["text"], data["finish"], Usage(**data["usage"]), data.get("model", ""))

    def _name(self, request: Request) -> str:
        asked = json.dumps([self.engine.name, self.engine.version, request.key])
        return f"{request.purpose}-{hashlib.sha256(asked.encode()).hexdigest()[:32]}.json"


@dataclass
class Outcome(Generic[A]):
    """What came of a question: a reading, or a fault in one sentence; what it cost in all.

    Attributes:
        remedy: what to do about the fault, "" where there is none.
        cut: whether the answer ended too early. cut_because: why, where it was not the model itself that stopped.
        model: which model says it answered, "" where that is the one that was asked for, or nobody says.
    """

    reading: Reading[A] | None = None
    fault: str = ""
    remedy: str = ""
    usage: Usage = field(default_factory=lambda: Usage(num_requests=0))
    cut: bool = False
    cut_because: str = ""
    model: str = ""


class Pulse:
    """Tells of life at most once a second while text comes in: whoever is told may raise to stop the model."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self.tell, self.told_s = tell, time.monotonic()

    def beat(self) -> None:
        """Something came in."""
        if time.monotonic() - self.told_s >= 1.0:
            self.told_s = time.monotonic()
            self.tell()


def answered_version(engine: Engine, model: str) -> str:
    """The version that stands in provenance: the engine's, with the name of another model that says it answered."""
    return f"{model[:60]} (asked for: {engine.version})" if model else engine.version


def answered_words(engine: Engine, model: str) -> str:
    """What people are told of a model that was not asked for."""
    return f"{engine.name} asked for {engine.version.rpartition('-')[0] or engine.version}; the server says that {model!r} answered."


@dataclass
class _Talk(Generic[A]):
    question: Request
    request: Request
    outcome: Outcome[A]
    num_resumes: int = 0
    num_cuts: int = 0
    num_refusals: int = 0
    closed: str = ""
    """The whole document of what the request goes on from."""
    over: bool = False


def converse(
    replies: Replies, questions: Sequence[Request], read: Callable[[int, str], Reading[A]], listen: Callable[[int, str], Listener]
) -> list[Outcome[A]]:
    """The outcome of each question.

    Args:
        read: ``read(i, text)`` reads an answer to question ``i`` and raises AnswerError where it cannot.
        listen: ``listen(i, begun)`` gives who is told of the text of question ``i`` that comes after ``begun``; asked for at each request.

    Raises:
        WriterError: nothing can be asked there as things are. What was answered is kept.
    """
    talks: list[_Talk[A]] = [_Talk(question, question, Outcome()) for question in questions]
    while pending := [i for i, talk in enumerate(talks) if not talk.over]:
        listeners = [listen(i, talks[i].request.begun) for i in pending]
        answers = replies.ask([talks[i].request for i in pending], lambda n, piece, told=listeners: told[n](piece))  # type: ignore[misc]
        for i, reply in zip(pending, answers, strict=True):
            _take(talks[i], reply, lambda text, number=i: read(number, text))  # type: ignore[misc]
        for reply in answers:
            if isinstance(reply, Failure) and reply.error.blocks:
                raise reply.error
    return [talk.outcome for talk in talks]


def _take(talk: _Talk[A], reply: Reply | Failure, read: Callable[[str], Reading[A]]) -> None:
    talk.outcome.usage += reply.usage
    if isinstance(reply, Failure):
        return _make_do(talk, reply.error, read)
    talk.outcome.model = reply.model or talk.outcome.model
    text = talk.request.begun + reply.text
    if reply.finish != "stop" and talk.question.purpose == "script":
        point = resume_point(text)
        if point is not None and _may_go_on(talk, reply) and len(point.begun) > len(talk.request.begun):
            talk.request, talk.closed = replace(talk.question, begun=point.begun), point.closed
            return None
        text, talk.outcome.cut = (point.closed if point is not None else text), True
    try:
        talk.outcome.reading, talk.over = read(text), True
    except AnswerError as error:
        reason = f"{error} ({STOPPED[reply.finish]})" if reply.finish in STOPPED else str(error)
        talk.num_refusals += 1
        if talk.num_refusals > 1:
            talk.outcome.fault, talk.outcome.remedy, talk.over = reason, error.remedy, True
            return None
        talk.outcome.cut, talk.num_resumes, talk.closed = False, 0, ""
        talk.question = talk.request = replace(talk.question, prompt=refused(talk.question.prompt, reason))
    return None


def _make_do(talk: _Talk[A], error: WriterError, read: Callable[[str], Reading[A]]) -> None:
    """No reply: what stood there before it was asked for stands, and is cut; where nothing did, there is a fault."""
    talk.over = True
    if talk.closed:
        talk.outcome.reading, talk.outcome.cut, talk.outcome.cut_because = read(talk.closed), True, str(error)
    else:
        talk.outcome.fault, talk.outcome.remedy = str(error), error.remedy


def _may_go_on(talk: _Talk[A], reply: Reply) -> bool:
    """Count the stop, and say whether there may be another one."""
    if reply.finish == "cut":
        talk.num_cuts += 1
        return talk.num_cuts <= MAX_CUTS
    talk.num_resumes += 1
    return talk.num_resumes <= MAX_RESUMES
