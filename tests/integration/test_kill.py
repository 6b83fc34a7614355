"""kill -9 in the middle of an ingest: the job ends, nothing is done or stored twice, the script is that of an undisturbed run."""

from __future__ import annotations

import json

from tests.app.conftest import make_film

from .processes import Installation, kill_9

SLOW = {"SEGMENT_S": "6"}


def script(found: Installation) -> dict:
    return json.loads(found.run("script", "test card", "--json").stdout)


def num_done(found: Installation) -> int:
    return found.value("SELECT COUNT(*) FROM omniscript_mam_segment WHERE state = 'done'")


def test_two_kills_in_the_middle(installation, film):
    undisturbed = installation("undisturbed", **SLOW)
    undisturbed.run("ingest", str(film))
    wanted = script(undisturbed)
    assert len(wanted["scenes"]) == 8

    found = installation("killed", **SLOW, TEST_PAUSE_S="0.4")
    found.run("ingest", str(film), "--detach")
    worker = found.start("worker")
    found.until(lambda: "plan" in found.called() and not found.rows("SELECT 1 FROM omniscript_mam_segment"))
    kill_9(worker)  # in the plan
    worker = found.start("worker")
    found.until(lambda: num_done(found) >= 3)
    found.until(lambda: "write 3" in found.called())
    kill_9(worker)  # in the fourth segment
    done_before = num_done(found)
    assert done_before in (3, 4)
    found.start("worker")
    found.until(lambda: found.value("SELECT state FROM omniscript_mam_job") == "done")

    assert script(found) == wanted
    assert found.rows("SELECT DISTINCT num_writes, state FROM omniscript_mam_segment") == [(1, "done")]
    assert found.value("SELECT COUNT(*) FROM omniscript_mam_scriptrevision") == 1
    calls = found.called()
    assert calls.count("plan") == 2
    assert [calls.count(f"write {index}") for index in range(8)] == [2 if index == done_before else 1 for index in range(8)]
    assert found.data("index", "verify")["agrees"]
    hits = found.data("search", "loudness", "--limit", "50")["hits"]
    moments = [(hit["scene_id"], tuple(hit["event_ids"])) for hit in hits]
    assert len(moments) == len(set(moments)) > 0
    assert found.value("SELECT num_records FROM omniscript_mam_indexentry") == undisturbed.value(
        "SELECT num_records FROM omniscript_mam_indexentry"
    )


def test_kills_in_the_survey_and_in_the_merge(installation, tmp_path):
    found = installation("killed", SEGMENT_S="3", TEST_PAUSE_S="0.2")
    found.run("ingest", str(make_film(tmp_path / "test card.mp4", 12)), "--detach")
    for step in ("survey", "merge"):
        worker = found.start("worker")
        found.until(lambda step=step: found.value(f"SELECT state FROM omniscript_mam_step WHERE name = '{step}'") in ("running", "done"))
        kill_9(worker)
    found.start("worker")
    found.until(lambda: found.value("SELECT state FROM omniscript_mam_job") == "done")
    assert found.rows("SELECT DISTINCT num_writes, state FROM omniscript_mam_segment") == [(1, "done")]
    assert found.value("SELECT COUNT(*) FROM omniscript_mam_scriptrevision") == 1
    assert [found.called().count(f"write {index}") for index in range(4)] == [1] * 4
    assert found.data("index", "verify")["agrees"]
    assert found.rows("SELECT kind, COUNT(*) FROM omniscript_mam_rendition GROUP BY kind HAVING COUNT(*) > 1") == []


def test_a_polite_stop_gives_the_job_back_at_once(installation, tmp_path):
    found = installation("stopped", SEGMENT_S="3", TEST_PAUSE_S="1", LEASE_S="60")
    found.run("ingest", str(make_film(tmp_path / "test card.mp4", 6)), "--detach")
    worker = found.start("worker")
    found.until(lambda: "write 0" in found.called())
    worker.terminate()
    assert worker.wait(timeout=15) == 0
    assert found.rows("SELECT state, attempt FROM omniscript_mam_job") == [("queued", 0)]
    assert not (found.folder / "worker.alive").exists()
    found.start("worker")  # a lease of a minute would be in its way, had it been kept
    found.until(lambda: found.value("SELECT state FROM omniscript_mam_job") == "done", timeout_s=40)
