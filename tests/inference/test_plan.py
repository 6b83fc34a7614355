"""Plans as checkpoints: those of this release come back as they were, those of the first release are read without loss."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inference.errors import WriterError
from inference.plan import Plan, PlannedSegment, Planner, load_plan
from inference.profiles import read_book

FOLDER = Path(__file__).parent / "plans"


def first_release(name: str) -> tuple[dict, Plan]:
    """The kept plan of a writer of the first release, as it was stored, and as it is read now."""
    text = (FOLDER / f"{name}_first_release.json").read_text(encoding="utf-8")
    return json.loads(text), load_plan(text)


def test_a_plan_of_a_language_model_is_read_without_loss():
    stored, plan = first_release("two_stage")
    notes = stored["notes"]
    assert plan.usage.model_dump() == notes["usage"] and plan.usage.num_tokens == 1982 and plan.usage.currency == "EUR"
    assert plan.profiles == read_book(notes["profiles"])
    assert [profile.shown_name for profile in plan.profiles.profiles] == ["Ruth", "Max"]
    assert [relation.relation for relation in plan.profiles.relations] == ["sister of"]
    assert plan.planner == Planner(**notes["engine"]) and plan.strategy == "tsg" and plan.remarks == notes["remarks"]
    assert [segment.continuity for segment in plan.segments] == ["It goes on.", "", "It goes on."]
    assert [segment.is_planned for segment in plan.segments] == [True, False, True]
    assert [list(shot) for shot in plan.outline.shots] == notes["shots"] and plan.outline.languages == notes["languages"]
    assert [voice.model_dump() for voice in plan.outline.voices] == notes["voices"]
    assert plan.language == plan.outline.language == "en" and plan.own == {}


def test_a_plan_of_the_lite_writer_is_read_without_loss():
    stored, plan = first_release("lite")
    notes = stored["notes"]
    assert [cut.model_dump() for cut in plan.outline.cuts] == notes["cuts"] and plan.remarks == notes["remarks"]
    assert [segment.summary for segment in plan.segments] == [segment["summary"] for segment in stored["segments"]]
    assert plan.planner is None and plan.strategy == "" and plan.profiles.profiles == []
    assert plan.outline.spoken == [(v["start_s"], v["end_s"]) for v in notes["voices"] if v["kind"] in ("speech", "singing")]


def test_what_another_writer_noted_stays_its_own():
    stored = {"segments": [{"index": 0, "start_s": 0.0, "end_s": 4.0}], "notes": {"seen": ["a door"], "shots": "many"}}
    plan = load_plan(stored)
    assert plan.own == {"seen": ["a door"], "shots": "many"} and "notes" in stored, "what was stored is not changed"


@pytest.mark.parametrize("name", ["lite", "two_stage"])
def test_a_plan_comes_back_as_it_was(name):
    _, plan = first_release(name)
    assert load_plan(plan.model_dump_json()) == plan == load_plan(plan.model_dump(mode="json"))


@pytest.mark.parametrize(
    "change, place",
    [
        (lambda plan: plan.update(segments=None), "segments"),
        (lambda plan: plan["segments"][0].update(end_s="late"), r"segments\.0\.end_s"),
        (lambda plan: plan["profiles"].update(moved={"unknown_009": "char_077"}), r"profiles.*moved\.unknown_009"),
        (lambda plan: plan.update(note="x"), "note"),
    ],
)
def test_a_broken_plan_is_refused_with_the_place(change, place):
    data = Plan(segments=[PlannedSegment(index=0, start_s=0.0, end_s=4.0)]).model_dump(mode="json")
    change(data)
    with pytest.raises(WriterError, match=place):
        load_plan(data)


def test_a_plan_with_notes_that_make_no_sense_is_refused_too():
    with pytest.raises(WriterError, match="notes"):
        load_plan({"segments": [], "notes": [1]})
