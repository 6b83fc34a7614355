"""What is asked of a language model, what it answers, and the protocol that every engine follows.

A :class:`Request` is one question about one :class:`Clip` of film; a :class:`Reply` is the model's text and what it cost. Requests are
plain and comparable: the same question has the same :attr:`Request.key`, so a reply can be kept and nothing is asked twice.

Times of a clip are seconds from the film's first displayed frame; the model sees and writes times counted from the clip's start.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, Protocol

from inference.errors import WriterError
from omniscript_mam.waiting import Waiting

if TYPE_CHECKING:
    import numpy as np

    from inference.media import Spool
    from inference.media.description import FrameOnDemand

Purpose = Literal["plan", "script"]
Finish = Literal["stop", "length", "cycle", "cut"]
OnText = Callable[[int, str], None]
"""``on_text(i, piece)``: request ``i`` of the batch has this much more text. It may raise to stop the generation."""


def ignore_text(index: int, piece: str) -> None:
    """Nobody reads along."""


OnWait = Callable[[Waiting | None], None]
"""``on_wait(waiting)``: what the engine waits for before it can go on. Called on the thread that called the engine."""


def ignore_wait(waiting: Waiting | None) -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Clip:
    """A stretch of film as a model sees it: pictures at ``frame_rate_hz`` (at most 4), and sound unless ``with_audio`` is false.

    ``frame_rate_hz`` 0 means no pictures. ``max_side_px`` bounds the pictures' longer side.
    """

    spool: Spool = field(repr=False, compare=False)
    start_s: float
    end_s: float
    frame_rate_hz: float = 2.0
    max_side_px: int = 640
    with_audio: bool = True

    @property
    def duration_s(self) -> float:
        return self.end_s - self.start_s

    def frames(self) -> list[FrameOnDemand]:
        """Pictures in order, each with its exact time from the film's start; empty without video. None is held: read each once."""
        if self.frame_rate_hz <= 0:
            return []
        return self.spool.frames_on_demand(self.start_s, self.end_s, self.frame_rate_hz)

    def sound(self) -> np.ndarray | None:
        """float32 (num_samples,) at 16 kHz, mono; ``None`` where there is no sound or none is wanted."""
        return self.spool.audio(self.start_s, self.end_s) if self.with_audio and self.spool.has_audio else None


@dataclass(frozen=True)
class Request:
    """One question.

    Attributes:
        system, prompt: texts.
        clip: what to look at and listen to; ``None`` for a question about text only.
        schema: JSON Schema of the answer (:mod:`inference.answers.schema`).
        thinking: whether a ``<thinking>`` part (plot, then relations) comes before the JSON.
        begun: the beginning of the answer, already written, that the model goes on from (after a loop or a length stop).
        max_new_tokens: bound of the answer; engines lower it to what their model can hold.
    """

    purpose: Purpose
    system: str
    prompt: str
    clip: Clip | None
    schema: dict[str, object]
    thinking: bool = True
    begun: str = ""
    max_new_tokens: int = 8192

    @cached_property
    def key(self) -> str:
        """32 hexadecimal digits: the same for the same question about the same stretch of the same film."""
        clip = self.clip
        seen = None if clip is None else [clip.start_s, clip.end_s, clip.frame_rate_hz, clip.max_side_px, clip.with_audio]
        parts = [self.purpose, self.system, self.prompt, seen, self.schema, self.thinking, self.begun, self.max_new_tokens]
        return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:32]


@dataclass(frozen=True)
class Usage:
    """What a reply cost. ``cost`` is in ``currency``, ``None`` where no price is declared; ``num_requests`` counts attempts too."""

    num_prompt_tokens: int = 0
    num_new_tokens: int = 0
    seconds: float = 0.0
    cost: float | None = None
    currency: str = ""
    num_requests: int = 1

    def __add__(self, other: Usage) -> Usage:
        costs = [each.cost for each in (self, other) if each.cost is not None]
        return Usage(
            self.num_prompt_tokens + other.num_prompt_tokens,
            self.num_new_tokens + other.num_new_tokens,
            self.seconds + other.seconds,
            sum(costs) if costs else None,
            self.currency or other.currency,
            self.num_requests + other.num_requests,
        )


@dataclass(frozen=True)
class Reply:
    """The model's text (without :attr:`Request.begun`), why it ended, and its cost.

    ``cycle``: it went in circles and was stopped. ``cut``: the rest did not come, and what came is worth going on from. ``model``: which
    model says it answered, where another than the one that was asked for may; "" where nobody says.
    """

    text: str
    finish: Finish
    usage: Usage = Usage()
    model: str = ""


@dataclass(frozen=True)
class Failure:
    """There is no reply to one request of several, and why; what was spent on it all the same."""

    error: WriterError
    usage: Usage = Usage()


@dataclass(frozen=True)
class Senses:
    """What of a film reaches a model: its sound, its pictures."""

    hears: bool = True
    sees: bool = True

    @classmethod
    def of(cls, engine: Engine, spool: Spool) -> Senses:
        """What of this film reaches this engine: nobody hears a film without sound."""
        return cls(engine.hears and spool.has_audio, engine.sees and spool.has_video)

    @property
    def any(self) -> bool:
        return self.hears or self.sees


class Engine(Protocol):
    """A language model that writes.

    Attributes:
        name, version: stand in the provenance of every value; ``version`` changes whenever the same request may get another answer.
        batch_size: how many requests it likes at once.
        hears, sees: whether sound and pictures reach it.
        thinks: whether an answer may have a ``<thinking>`` part before its JSON.
        max_clip_s: the longest clip it takes in one request, in seconds.
    """

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def hears(self) -> bool: ...
    @property
    def sees(self) -> bool: ...
    @property
    def thinks(self) -> bool: ...
    @property
    def max_clip_s(self) -> float: ...

    def generate(
        self, requests: Sequence[Request], on_text: OnText = ignore_text, on_wait: OnWait = ignore_wait
    ) -> Sequence[Reply | Failure]:
        """Answers, in the order of the requests, or why one has none.

        Args:
            on_wait: told when the answers are waited for, and with ``None`` when that is over.

        Raises:
            WriterError: the whole batch failed, and a smaller one may not. WeightsError: the model is not on this machine.
        """
