"""The text of a model that nobody constrained -> its answer: repaired where certain, refused with the place where not.

Contents: :func:`read_script`, :func:`read_plan`, :class:`Reading`, :class:`Repair`, :class:`AnswerError`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from inference.errors import WriterError

from .answers import Answer, PlanAnswer, ScriptAnswer
from .clip_times import read_tenths

A = TypeVar("A", bound=Answer)


class AnswerError(WriterError):
    """A model's text cannot be read with certainty; ``place`` is a line and column, or a JSON path."""

    code = "writer.answer"
    remedy = "Ask the model again, or use a server that constrains answers to a JSON Schema."

    def __init__(self, place: str, message: str) -> None:
        super().__init__(f"The model's answer cannot be read at {place}: {message}")
        self.place = place


@dataclass(frozen=True)
class Repair:
    """One thing that was put right: which rule, where (line and column, or JSON path), and what."""

    code: str
    place: str
    detail: str = ""


@dataclass(frozen=True)
class Reading(Generic[A]):
    """What was read: the answer, the thinking before it (without its tags), and every repair."""

    answer: A
    thinking: str
    repairs: list[Repair]

    @property
    def is_cut(self) -> bool:
        """Whether the text ended before the answer did."""
        return any(repair.code == "document.cut" for repair in self.repairs)


def read_script(text: str, duration_s: float, known: frozenset[str] = frozenset()) -> Reading[ScriptAnswer]:
    """The script in a model's text about a clip of ``duration_s`` seconds.

    ``known`` are the identifiers that the prompt listed; another one (``char_…``, ``unknown_…``) becomes a plain label.

    Raises:
        AnswerError: not certain what it says.
    """
    thinking, data = _read(text)
    return Reading(ScriptAnswer.model_validate(data), thinking, [])


def read_plan(text: str, duration_s: float, known: frozenset[str] = frozenset()) -> Reading[PlanAnswer]:
    """The plan in a model's text about a window of ``duration_s`` seconds; the rest as :func:`read_script`."""
    thinking, data = _read(text)
    return Reading(PlanAnswer.model_validate(data), thinking, [])


def _read(text: str) -> tuple[str, Any]:
    found = re.fullmatch(r"\s*(?:<thinking>(.*?)</thinking>)?[^{]*(\{.*\})[^}]*", text, re.DOTALL)
    if found is None:
        raise AnswerError("line 1, column 1", "there is no JSON document")
    try:
        return (found[1] or "").strip(), _seconds(json.loads(found[2]))
    except json.JSONDecodeError as error:
        raise AnswerError(f"line {error.lineno}, column {error.colno}", error.msg) from error


def _seconds(value: Any) -> Any:
    if isinstance(value, list):
        return [_seconds(item) for item in value]
    if isinstance(value, dict):
        return {key: (read_tenths(item) or 0) / 10 if key in {"start", "end"} else _seconds(item) for key, item in value.items()}
    return value
