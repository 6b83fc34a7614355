"""Answers that stop early: gone on with after the last complete event, a bounded number of times."""

from __future__ import annotations

import pytest

from inference import write_script
from inference.writers.two_stage.asking import MAX_RESUMES
from tests.inference.engines.remote.server import Asked, ChatServer, Said, answer_from

from .test_films import KNOWN, OPTIONS, changed, drafts_in, told

pytest.importorskip("inference.answers.resuming")
pytestmark = pytest.mark.usefixtures("no_weights")


def test_an_answer_that_stopped_at_its_length_is_gone_on_with(path, seen, writer_at, workdir):
    live = []

    def cut(asked: Asked, right: str) -> str | Said:
        stops = asked.purpose == "script" and not asked.begun and right.count('"start"') > 1  # one line that is cut leaves nothing whole
        return Said(right[: right.rindex('"start"') + 20], "length") if stops else right

    with ChatServer(changed(cut, seen)) as server:
        script = write_script(path, workdir=workdir, writer=writer_at(server), options=OPTIONS, live=lambda i, events: live.extend(events))
    assert server.refused == [] and told(script) == told(KNOWN)
    assert len(live) == len(KNOWN.events())  # none told twice
    assert any(asked.begun for asked in server.seen)
    assert not any(draft["fault"] for draft in drafts_in(workdir))


def test_a_model_that_never_ends_is_stopped_and_what_it_wrote_is_kept(path, seen, writer_at, workdir):
    right = answer_from(KNOWN, seen.spool)

    def cut(asked: Asked) -> str | Said:
        text = right(asked)
        return Said(text[:-3], "length") if asked.purpose == "script" else text

    with ChatServer(cut) as server:
        script = write_script(path, workdir=workdir, writer=writer_at(server), options=OPTIONS)
    assert told(script) == told(KNOWN)
    assert all(any(repair["code"] == "script.cut" for repair in draft["repairs"]) for draft in drafts_in(workdir))
    num_scripts = sum(asked.purpose == "script" for asked in server.seen)
    assert num_scripts <= len(drafts_in(workdir)) * (1 + MAX_RESUMES)
