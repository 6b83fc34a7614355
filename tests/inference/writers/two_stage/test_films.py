"""Whole films through the pipeline, written by a server that knows them and is made to err."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from inference import draft_note, write_script
from inference.answers.schema import (
    CharacterAnswer,
    EventAnswer,
    NameUpdateAnswer,
    PlanAnswer,
    SceneAnswer,
    ScriptAnswer,
    SegmentAnswer,
    to_wire,
)
from inference.errors import WriterError
from inference.pipeline import make_plan, open_film, write_segments
from inference.writers.base import Plan, PlannedSegment
from omniscript_mam.script import Script, validate
from tests.inference.engines.remote.answers import Place, script_of
from tests.inference.engines.remote.film import known_script
from tests.inference.engines.remote.server import Asked, ChatServer, Said, answer_from

from .conftest import DURATION_S

pytestmark = pytest.mark.usefixtures("no_weights")

OPTIONS = {"segment_s": 7, "hints": False}
KNOWN = known_script(DURATION_S)


def told(script: Script) -> list[tuple[str, str, str]]:
    return [(script.character_name(e.character_id), e.dialogue, e.action) for e in script.events()]


def drafts_in(folder: Path) -> list[dict]:
    return [json.loads(path.read_text()) for path in sorted(folder.rglob("draft-*.json"))]


def plans_in(folder: Path) -> list[Plan]:
    return [Plan.model_validate_json(path.read_text()) for path in folder.rglob("plan.json")]


def plan_in(folder: Path) -> Plan:
    (plan,) = plans_in(folder)
    return plan


def test_a_film_comes_back_as_it_is_known(path, seen, writer_at, workdir):
    live = []
    with ChatServer(answer_from(KNOWN, seen.spool)) as server:
        made = writer_at(server, price={"prompt": 2.0, "completion": 8.0, "currency": "EUR"})
        script = write_script(path, workdir=workdir, writer=made, options=OPTIONS, live=lambda i, e: live.extend(e))
    assert server.refused == [] and set(server.asked.values()) == {1}
    assert told(validate(script)) == told(KNOWN)
    assert all(abs(a.start_s - b.start_s) < 0.06 for a, b in zip(script.events(), KNOWN.events(), strict=True))
    assert [scene.location for scene in script.scenes] == ["Kitchen", "Beach"]
    assert [(c.id, c.name) for c in script.characters] == [("char_001", "Anna"), ("char_002", "Ben")]
    assert [event.start_s for event in live] == pytest.approx([e.start_s for e in KNOWN.events()], abs=0.06)
    assert {event.character for event in live} == {"Anna", "Ben"}  # by name, though the model writes identifiers
    plan, notes = plan_in(workdir), [draft_note(json.dumps(draft)) for draft in drafts_in(workdir)]
    num_plans = sum(asked.purpose == "plan" for asked in server.seen)
    assert plan.usage.num_requests == num_plans and plan.usage.cost > 0
    assert {(note.writer, note.fault, note.currency) for note in notes} == {("remote-test", "", "EUR")}
    assert all(note.num_tokens > 0 and note.cost > 0 for note in notes)
    assert len(server.seen) == num_plans + len(plan.segments)


def changed(change: Callable[[Asked, str], str | Said], seen) -> Callable[[Asked], str | Said]:
    """The known answer, changed."""
    right = answer_from(KNOWN, seen.spool)
    return lambda asked: change(asked, right(asked))


def test_a_late_name_and_wrong_identifiers(path, seen, writer_at, workdir):
    place, num_plans = Place(seen.spool), 0

    def answer(asked: Asked) -> str:
        nonlocal num_plans
        start_s, end_s = place.find(asked)
        if asked.purpose == "plan":
            num_plans += 1
            woman = CharacterAnswer(id="unknown_001", name="the woman", appearance="red coat", match_confidence=0.9)
            updates = [NameUpdateAnswer(id="unknown_001", name="Anna", evidence="“Anna!”", confidence=0.9)] if num_plans == 2 else []
            steps = [SegmentAnswer(start=0.0, end=end_s - start_s, plot="p")]
            return to_wire(PlanAnswer(characters=[woman], name_updates=updates, segments=steps))
        known = script_of(KNOWN, start_s, end_s)
        for event in known.events():
            event.character = {"Anna": "unknown_001", "Ben": "unknown_077"}[event.character]
        return to_wire(known)

    with ChatServer(answer) as server:
        script = write_script(path, workdir=workdir, writer=writer_at(server), options=OPTIONS)
    anna = next(c for c in script.characters if c.name == "Anna")
    assert anna.id == "char_001" and anna.aliases == ["the woman"] and anna.naming_evidence == "“Anna!”"
    assert [name == "Anna" for name, *_ in told(script)] == [name == "Anna" for name, *_ in told(KNOWN)]
    assert "char_001: Anna (also the woman)" in next(a for a in server.seen if a.purpose == "script").prompt  # backwards
    assert not any(c.named for c in script.characters if c.id != "char_001")


def test_an_event_told_on_both_sides_of_every_border_is_told_once(path, seen, writer_at, workdir):
    place = Place(seen.spool)

    def answer(asked: Asked) -> str:
        start_s, end_s = place.find(asked)
        known = script_of(KNOWN, start_s, end_s)
        if asked.purpose == "plan":
            return answer_from(KNOWN, seen.spool)(asked)
        events = [e for e in known.events() if e.start > 1.0 and e.end < end_s - start_s - 1.0]
        crossing = [(0.0, 0.5, start_s), (end_s - start_s - 0.5, end_s - start_s, end_s)]
        events += [EventAnswer(start=a, end=b, character="Ben", dialogue=f"Crossing at {at:.0f}, I say") for a, b, at in crossing]
        return to_wire(ScriptAnswer(scenes=[SceneAnswer(location="Kitchen", events=events)]))

    with ChatServer(answer) as server:
        script = write_script(path, workdir=workdir, writer=writer_at(server), options=OPTIONS)
    crossings = [line for _, line, _ in told(script) if line.startswith("Crossing")]
    assert len(crossings) == len(set(crossings)) == len(plan_in(workdir).segments) + 1


def test_a_window_that_cannot_be_planned_is_cut_plainly(path, seen, writer_at, workdir):
    def refuse(asked: Asked, right: str) -> str:
        return "I would rather not." if asked.purpose == "plan" and "beginning of the film" in asked.prompt else right

    with ChatServer(changed(refuse, seen)) as server:
        script = write_script(path, workdir=workdir, writer=writer_at(server), options=OPTIONS)
    plan = plan_in(workdir)
    assert [segment.is_planned for segment in plan.segments][:2] == [False, True]
    assert any("could not plan it" in remark and "there is no JSON" in remark for remark in plan.remarks)
    assert [line for _, line, _ in told(script)] == [line for _, line, _ in told(KNOWN)]
    assert sum("Your last answer was refused" in asked.prompt for asked in server.seen) == 1


def test_a_refused_answer_is_asked_for_once_more_with_the_reason(path, seen, writer_at, workdir):
    def refuse(asked: Asked, right: str) -> str:
        return right if asked.purpose == "plan" or "was refused" in asked.prompt else "I would rather not."

    with ChatServer(changed(refuse, seen)) as server:
        script = write_script(path, workdir=workdir, writer=writer_at(server), options=OPTIONS)
    assert told(script) == told(KNOWN)
    assert {draft["usage"]["num_requests"] for draft in drafts_in(workdir)} == {2}


def test_where_lite_cannot_help_either_the_job_says_both_and_goes_on_later(path, seen, writer_at, workdir):
    place, broken = Place(seen.spool), True

    def refuse(asked: Asked, right: str) -> str:
        return "No." if broken and asked.purpose == "script" and place.find(asked)[0] > 7 else right

    with ChatServer(changed(refuse, seen)) as server:
        made = writer_at(server)
        with pytest.raises(WriterError, match=r"remote-test could not write this segment: .* The lite writer could not either: "):
            write_script(path, workdir=workdir, writer=made, options=OPTIONS)
        num_drafts, num_seen, broken = len(drafts_in(workdir)), len(server.seen), False
        options = {**OPTIONS, "attempt": 1}
        assert 0 < num_drafts < len(plan_in(workdir).segments)
        script = write_script(path, workdir=workdir, writer=made, options=options)
    assert told(script) == told(KNOWN)
    assert all("(Take 2" in asked.prompt for asked in server.seen[num_seen:] if asked.purpose == "script")


def test_another_attempt_asks_anew_for_that_segment_alone(path, seen, writer_at, workdir):
    with ChatServer(answer_from(KNOWN, seen.spool)) as server:
        made = writer_at(server)
        film = open_film(path, spool_dir=next(workdir.glob("*/spool")), workdir=workdir / "mine", options=OPTIONS)
        plan = make_plan(film, made)
        first = dict(write_segments(film, plan, range(len(plan.segments)), made))
        num_asked = len(server.seen)
        assert dict(write_segments(film, plan, [0, 1], made)) == {0: first[0], 1: first[1]}
        assert len(server.seen) == num_asked
        again = open_film(path, spool_dir=next(workdir.glob("*/spool")), workdir=workdir / "mine", options={**OPTIONS, "attempt": {"1": 1}})
        assert dict(write_segments(again, plan, [0], made)) == {0: first[0]}
        assert len(server.seen) == num_asked
        made.write(again, plan, 1)
        assert len(server.seen) == num_asked + 1 and "(Take 2" in server.seen[-1].prompt


def test_one_pass_and_a_film_too_long_for_it(path, seen, writer_at, workdir):
    with ChatServer(answer_from(KNOWN, seen.spool)) as server:
        made = writer_at(server)
        script = write_script(path, workdir=workdir, writer=made, options={**OPTIONS, "strategy": "lce"})
        assert [asked.purpose for asked in server.seen] == ["script"] and told(script) == told(KNOWN)
        (one,) = plans_in(workdir)
        assert one.strategy == "lce"
        script = write_script(path, workdir=workdir, writer=made, options={**OPTIONS, "strategy": "lce", "lce_max_s": 12})
    plan = next(plan for plan in plans_in(workdir) if plan != one)
    assert plan.strategy == "tsg" and len(plan.segments) > 1 and told(script) == told(KNOWN)
    assert any("too long for one pass" in remark for remark in plan.remarks)


@pytest.mark.parametrize("options", [{"strategy": "best"}, {"hints": "yes"}, {"lce_max_s": "x"}, {"segment_s": 2}, {"attempt": -1}])
def test_options_that_make_no_sense_are_refused(path, seen, writer_at, workdir, options):
    with ChatServer(answer_from(KNOWN, seen.spool)) as server, pytest.raises(WriterError, match=next(iter(options))) as refused:
        write_script(path, workdir=workdir, writer=writer_at(server), options={**OPTIONS, **options})
    assert refused.value.remedy


def test_a_segment_longer_than_the_engine_takes_is_written_in_pieces(path, seen, writer_at, workdir):
    with ChatServer(answer_from(KNOWN, seen.spool)) as server:
        made = writer_at(server, max_clip_s=6)
        film = open_film(path, spool_dir=next(workdir.glob("*/spool")), workdir=workdir / "mine", options={"hints": False})
        whole = Plan(segments=[PlannedSegment(index=0, start_s=0.0, end_s=DURATION_S)])
        script = made.merge(film, whole, [made.write(film, whole, 0)])
    assert len(server.seen) >= 3 and [line for _, line, _ in told(script)] == [line for _, line, _ in told(KNOWN)]


def test_without_weights_hints_are_left_out_and_the_plan_says_so(path, seen, writer_at, workdir):
    with ChatServer(answer_from(KNOWN, seen.spool)) as server:
        script = write_script(path, workdir=workdir, writer=writer_at(server, audio="none"), options={"segment_s": 7})
    done = [action for _, _, action in told(KNOWN) if action]
    assert [(line, action) for _, line, action in told(script)] == [("", action) for action in done]  # who does not hear has no lines
    assert not any("Hints" in asked.prompt for asked in server.seen)
    assert any(re.search("without hints", remark) for remark in plan_in(workdir).remarks)
    repairs = [repair for draft in drafts_in(workdir) for repair in draft["repairs"]]
    assert all(any(repair["code"] == "hints.none" for repair in draft["repairs"]) for draft in drafts_in(workdir))
    lost = [repair["detail"].strip("“”") for repair in repairs if repair["code"] == "line.unheard"]
    assert lost == [line for _, line, _ in told(KNOWN) if line]
    assert all(mark.against == "it was compared with nothing" for event in script.events() for mark in event.provenance.values())
