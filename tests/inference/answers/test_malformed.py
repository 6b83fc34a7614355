"""Two hundred and more malformed answers: each repaired as documented, or refused with the place; and whatever anybody may write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from inference.answers.faults import REPAIRS
from inference.answers.reading import read_script
from inference.answers.schema import ScriptAnswer
from inference.errors import AnswerError

from .changes import CHANGES
from .malforming import MARKS, Change, Event, Refused

FOLDER = Path(__file__).parent / "malformed"
DURATION_S = 20.0
KNOWN = frozenset({"char_001", "char_002"})
BASES = {name: (FOLDER / f"{name}.txt").read_text(encoding="utf-8").rstrip("\n") for name in ("kitchen", "tea_house", "release")}
OF_RELEASE = {"key.spelling", "time.no_end"}
CASES = [(name, change) for name in BASES for change in CHANGES]


def told(answer: ScriptAnswer) -> list[Event]:
    return [(event.start, event.end, event.character, event.dialogue, event.action) for event in answer.events()]


@pytest.mark.parametrize(("name", "change"), CASES, ids=[f"{name}: {change.name}" for name, change in CASES])
def test_a_change_is_repaired_as_documented_or_refused(name: str, change: Change):
    base, text = BASES[name], change.apply(BASES[name])
    if change.is_data and any(mark in text for mark in "@#~^"):
        text = text.translate(MARKS)
    assert text != base
    if isinstance(change.left, Refused):
        with pytest.raises(AnswerError) as caught:
            read_script(text, DURATION_S, KNOWN)
        assert re.fullmatch(change.left.place, caught.value.place)
        return
    reading = read_script(text, DURATION_S, KNOWN)
    assert told(reading.answer) == change.left(told(read_script(base, DURATION_S, KNOWN).answer))
    codes = {repair.code for repair in reading.repairs}
    assert codes <= set(REPAIRS)
    usual = OF_RELEASE if name == "release" else set()
    assert codes - usual - set(change.may.split()) == set(change.codes.split()) - usual
