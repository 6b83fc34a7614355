"""Several workers on the segments of one job: real processes, kill -9 of either, and messages that come twice."""

from __future__ import annotations

import json

import pytest

from tests.app.conftest import make_film

from .processes import Installation, kill_9

SLOW = {"SEGMENT_S": "3", "TEST_PAUSE_S": "0.8"}
"""A film of 24 s in 8 segments of most of a second's work each."""


def num(found: Installation, where: str) -> int:
    return found.value(f"SELECT COUNT(*) FROM omniscript_mam_segment WHERE {where}")


def num_in_hand(found: Installation) -> int:
    """How many workers have a segment in hand."""
    return found.value("SELECT COUNT(DISTINCT token) FROM omniscript_mam_segment WHERE state = 'running'")


def done(found: Installation) -> bool:
    return found.value("SELECT state FROM omniscript_mam_job") == "done"


def check_once(found: Installation, *, lost: int = 0) -> None:
    """Every segment stored once; at most ``lost`` of them begun twice; one revision; the index agrees."""
    assert found.rows("SELECT DISTINCT num_writes, state FROM omniscript_mam_segment") == [(1, "done")]
    calls = found.called()
    written = [calls.count(f"write {index}") for index in range(8)]
    assert min(written) == 1 and sum(written) <= 8 + lost, written
    assert calls.count("merge") == 1
    assert found.value("SELECT COUNT(*) FROM omniscript_mam_scriptrevision") == 1
    assert found.data("index", "verify")["agrees"]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return make_film(tmp_path_factory.mktemp("film") / "test card.mp4", 24)


@pytest.fixture
def shared(installation, film):
    """A film that two workers are writing at this moment; the first of them holds the job."""
    found = installation("shared", **SLOW)
    found.run("ingest", str(film), "--detach")
    holder = found.start("worker")
    found.until(lambda: found.value("SELECT state FROM omniscript_mam_job") == "running")
    helper = found.start("worker")
    found.until(lambda: num_in_hand(found) == 2)
    return found, holder, helper


def test_two_workers_share_a_job(shared, installation, film):
    found, _, _ = shared
    found.until(lambda: done(found))
    check_once(found)
    alone = installation("alone", SEGMENT_S="3")
    alone.run("ingest", str(film))
    scripts = [json.loads(each.run("script", "test card", "--json").stdout) for each in (found, alone)]
    assert scripts[0] == scripts[1]


def test_kill_9_of_the_helper(shared):
    found, _, helper = shared
    kill_9(helper)
    found.until(lambda: done(found))
    check_once(found, lost=1)


def test_kill_9_of_the_holder(shared):
    found, holder, _ = shared
    kill_9(holder)
    found.until(lambda: done(found))
    check_once(found, lost=1)


def test_a_cancel_reaches_the_helper(shared):
    found, _, _ = shared
    job = found.value("SELECT id FROM omniscript_mam_job")
    found.run("jobs", "--cancel", str(job))
    found.until(lambda: found.value("SELECT state FROM omniscript_mam_job") == "cancelled", timeout_s=15)
    found.until(lambda: num_in_hand(found) == 0, timeout_s=15)
    num_done = num(found, "state = 'done'")
    assert 0 <= num_done < 8
    found.run("jobs", "--retry", str(job))
    found.until(lambda: done(found))
    check_once(found, lost=2)


def test_messages_that_come_twice_change_nothing(shared):
    found, _, _ = shared
    send = "for _ in range(3):\n    for task in ('segments', 'ingest'):\n        app.send_task('omniscript.' + task, args=[sys.argv[1]])"
    code = f"import sys\nfrom omniscript_mam.config.celery import app\n{send}"
    job = str(found.value("SELECT id FROM omniscript_mam_job"))
    found.python(code, job)
    third = found.start("worker")
    found.until(lambda: done(found))
    check_once(found)
    assert third.poll() is None
