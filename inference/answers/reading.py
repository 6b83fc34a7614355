"""The text of a model that nobody constrained -> its answer: repaired where certain, refused with the place where not.

Three steps, each in its module: the documents in the text (:mod:`.documents`, :mod:`.loose_json`), their shape (:mod:`.shaping`), and
their times (:mod:`.loose_times`). What may be repaired, and why that is certain, is a table (:data:`.faults.REPAIRS`).

Contents: :func:`read_script`, :func:`read_plan`, :class:`Reading`, :class:`Repair`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from inference.errors import AnswerError

from .documents import Document, find_documents
from .faults import Log, Repair
from .loose_times import Timed, settle
from .repeats import without_loops, without_repeats
from .schema import Answer, EventAnswer, PlanAnswer, ScriptAnswer
from .shaping import Shaper, nobody_is_environment, without_places
from .vocabulary import ALIASES, canonical

__all__ = ["Reading", "Repair", "read_plan", "read_script"]

A = TypeVar("A", bound=Answer)

_SCRIPT_KEYS = frozenset({"scenes", "script", "high_points"})
_PART_KEYS = frozenset({"events", *EventAnswer.model_fields, "timestamp", "time_range"}) - {"end"}
_PLAN_KEYS = frozenset(PlanAnswer.model_fields)


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


def read_script(text: str, duration_s: float, known: frozenset[str] | None = None) -> Reading[ScriptAnswer]:
    """The script in a model's text about a clip of ``duration_s`` seconds.

    ``known`` are the identifiers that the prompt listed; another one (``char_…``, ``unknown_…``) becomes a plain label. With ``None``
    nobody is looked up.

    Raises:
        AnswerError: not certain what it says.
    """
    return _read(text, known, _SCRIPT_KEYS, _PART_KEYS, ScriptAnswer, lambda value, shaper: _script(value, shaper, duration_s))


def read_plan(text: str, duration_s: float, known: frozenset[str] | None = None) -> Reading[PlanAnswer]:
    """The plan in a model's text about a window of ``duration_s`` seconds; identifiers that are not ``known`` are new people."""
    return _read(text, known, _PLAN_KEYS, frozenset(), PlanAnswer, lambda value, shaper: _plan(value, shaper, duration_s))


def read_event(value: Any, duration_s: float) -> EventAnswer | None:
    """One event by itself; ``None`` where it is none, or has no time in the clip."""
    log = Log()
    try:
        fields = Shaper(log, None, labels=False).fields(EventAnswer, value, "")
    except AnswerError:
        return None
    nobody_is_environment(fields)
    timed = settle([Timed(fields, "")], duration_s, log)
    return EventAnswer.model_validate(timed[0].fields) if timed else None


def _read(
    text: str,
    known: frozenset[str] | None,
    keys: frozenset[str],
    parts: frozenset[str],
    model: type[A],
    shape: Callable[[Any, Shaper], dict[str, Any]],
) -> Reading[A]:
    log = Log(text)
    thinking, documents = find_documents(text, keys, parts, log)
    if documents[-1].is_cut:
        log.add("document.cut", len(text), "the text ends before the document does")
    answers = []
    try:
        for document in _gathered(documents, keys, log):
            answers.append((document, model.model_validate(shape(document.value, Shaper(log, known, labels=model is ScriptAnswer)))))
    except ValidationError as error:
        first = error.errors()[0]
        raise AnswerError(".".join(str(part) for part in first["loc"]) or log.place(documents[0].start), first["msg"]) from error
    except RecursionError as error:
        raise AnswerError(log.place(documents[0].start), "it is nested too deeply") from error
    return Reading(_joined(answers, log), thinking, log.repairs())


def _gathered(documents: list[Document], keys: frozenset[str], log: Log) -> list[Document]:
    """Answers in a list one by one; parts that stand alone, one event or scene each, as one document."""
    lists = [document for document in documents if _is_list_of_answers(document.value, keys)]
    if lists:
        log.add("document.wrapped", lists[0].start, "in a list")
        documents = [
            Document(item, document.start, document.end, document.is_cut)
            for document in documents
            for item in (document.value if document in lists else [document.value])
        ]
    if len(documents) < 2 or any(_top(document.value) & keys for document in documents):
        return documents
    items = [item for document in documents for item in (document.value if isinstance(document.value, list) else [document.value])]
    log.add("document.joined", documents[1].start, f"{len(documents)} parts")
    return [Document(items, documents[0].start, documents[-1].end, documents[-1].is_cut)]


def _is_list_of_answers(value: Any, keys: frozenset[str]) -> bool:
    return isinstance(value, list) and bool(value) and all(_top(item) & keys for item in value)


def _top(value: Any) -> set[str]:
    """The keys of an object in our spelling."""
    names = {canonical(str(key)) for key in value} if isinstance(value, dict) else set()
    return names | {ALIASES.get(name, name) for name in names}


def _unwrapped(value: Any, keys: frozenset[str], log: Log) -> Any:
    if isinstance(value, dict) and len(value) == 1 and not _top(value) & keys:
        (inner,) = value.values()
        if isinstance(inner, list | dict):
            log.add("document.wrapped", str(next(iter(value)))[:40])
            return inner
    return value


def _script(value: Any, shaper: Shaper, duration_s: float) -> dict[str, Any]:
    value = _unwrapped(value, _SCRIPT_KEYS | {"events"}, shaper.log)
    if not isinstance(value, dict) or not _top(value) & _SCRIPT_KEYS:
        shaper.log.add("document.bare", "scenes")
        items = value if isinstance(value, list) else [value]
        value = {"high_points" if any(_top(item) & {"score", "reasoning"} for item in items) else "scenes": items}
    fields = shaper.fields(ScriptAnswer, value, "")
    scenes = fields.setdefault("scenes", [])
    events = [Timed(event, event[""], number) for number, scene in enumerate(scenes) for event in scene.get("events", [])]
    for event in events:
        nobody_is_environment(event.fields)
    kept = settle(without_loops(without_repeats(events, shaper.log), shaper.log), duration_s, shaper.log)
    _refuse_nothing(events, kept, shaper.log)
    points = _timed(fields.get("high_points", []), duration_s, shaper.log, math.inf)
    for number, scene in enumerate(scenes):
        had = bool(scene.get("events"))
        scene["events"] = [item.fields for item in kept if item.group == number]
        scene["lost"] = had and not scene["events"]
    scenes = [scene for scene in scenes if not scene.pop("lost")]
    fields["scenes"] = _in_order(scenes, shaper.log)
    fields["high_points"] = points
    return dict(without_places(fields))


def _in_order(scenes: list[dict[str, Any]], log: Log) -> list[dict[str, Any]]:
    """Scenes by their first event; one without events stays behind the one before it."""
    starts: list[float] = []
    for scene in scenes:
        starts.append(scene["events"][0]["start"] if scene["events"] else starts[-1] if starts else 0.0)
    for number in range(1, len(scenes)):
        if starts[number] < starts[number - 1]:
            log.add("time.order", scenes[number].get("", f"scenes[{number}]"), f"{starts[number]:g} s after {starts[number - 1]:g} s")
    return [scenes[number] for number in sorted(range(len(scenes)), key=lambda number: starts[number])]


def _plan(value: Any, shaper: Shaper, duration_s: float) -> dict[str, Any]:
    value = _unwrapped(value, _PLAN_KEYS, shaper.log)
    if not isinstance(value, dict):
        raise AnswerError("the top", "an object was expected, not a list")
    fields = shaper.fields(PlanAnswer, value, "")
    segments = fields.get("segments", [])
    fields["segments"] = _timed(segments, duration_s, shaper.log, math.inf)
    _refuse_nothing(segments, fields["segments"], shaper.log)
    return dict(without_places(fields))


def _timed(items: list[dict[str, Any]], duration_s: float, log: Log, longest_s: float) -> list[dict[str, Any]]:
    timed = without_repeats([Timed(item, item[""]) for item in items], log)
    return [item.fields for item in settle(timed, duration_s, log, longest_s)]


def _refuse_nothing(items: Sequence[object], kept: Sequence[object], log: Log) -> None:
    """Where every item was left out, the times mean something else."""
    lost = log.first("time.outside", "time.unreadable")
    if items and not kept and lost is not None:
        raise AnswerError(log.place(lost[0]), f"not one item has a time within the clip; the first has {lost[1]}")


def _joined(answers: list[tuple[Document, A]], log: Log) -> A:
    document, whole = answers[0]
    for document, part in answers[1:]:
        if _holds(whole, part):
            log.add("document.repeated", document.start)
        elif _holds(part, whole):
            log.add("document.repeated", document.start)
            whole = part
        elif _goes_on(whole, part):
            log.add("document.joined", document.start)
            whole = _sum(whole, part)
        else:
            raise AnswerError(log.place(document.start), "a second answer begins here, and it is another one")
    if _is_nothing(whole, log):
        raise AnswerError(log.place(len(log.text)), "it ends before the first event is whole")
    return whole


def _is_nothing(answer: Answer, log: Log) -> bool:
    cut = log.first("document.cut")
    return cut is not None and isinstance(answer, ScriptAnswer) and not answer.events() and not answer.high_points


def _holds(whole: Answer, part: Answer) -> bool:
    """Whether everything in one answer is in the other."""
    if isinstance(whole, ScriptAnswer) and isinstance(part, ScriptAnswer):
        events = {event.model_dump_json() for event in whole.events()}
        points = [point.model_dump_json() for point in whole.high_points]
        same = all(event.model_dump_json() in events for event in part.events())
        return same and all(point.model_dump_json() in points for point in part.high_points)
    return whole == part


def _goes_on(whole: Answer, part: Answer) -> bool:
    """Whether the second answer begins where the first one ends, or they fill different fields."""
    if isinstance(whole, ScriptAnswer) and isinstance(part, ScriptAnswer) and whole.events() and part.events():
        return part.events()[0].start >= max(event.start for event in whole.events())
    fields = type(whole).model_fields
    return not any(getattr(whole, name) and getattr(part, name) for name in fields)


def _sum(whole: A, part: A) -> A:
    return type(whole).model_validate({name: getattr(whole, name) + getattr(part, name) for name in type(whole).model_fields})
