"""What people are told of a job whose writer could not do all of it, or waits for its server; and how it is written again."""

from __future__ import annotations

import json
import time

import pytest
from click.testing import CliRunner

from inference.plan import PlanFault
from omniscript_mam import wire
from omniscript_mam.commands.jobs import command as jobs_command
from omniscript_mam.models import Asset, Job, PlanSummary, Segment
from omniscript_mam.selectors import jobs as job_selectors
from omniscript_mam.services.archive import assets
from omniscript_mam.services.jobs import ingest, running
from omniscript_mam.services.writers import open_writer
from omniscript_mam.viewer import EVERYBODY
from omniscript_mam.waiting import Waiting
from tests.inference.engines.remote.server import KEY, ChatServer
from tests.integration.tiny_writer import TinyWriter

pytestmark = pytest.mark.django_db(transaction=True)
FAULT = "tiny could not write this segment: the server refused."
REMEDY = "Give the server a longer context."


@pytest.fixture
def asset(film, no_broker):
    return assets.register_upload(EVERYBODY, film, film.name)[0]


def row_of(job):
    return job_selectors.job_row(EVERYBODY, job)


def stood_in(self, film, plan, index, report):
    """The draft that a stand-in wrote."""
    found = json.loads(WRITE(self, film, plan, index, report))
    return json.dumps({**found, "writer": "lite", "version": "1", "fault": FAULT, "remedy": REMEDY})


WRITE, PLAN = TinyWriter.write, TinyWriter.plan


def test_a_film_that_a_stand_in_wrote_is_done_by_lite_everywhere(asset, monkeypatch, client):
    monkeypatch.setattr(TinyWriter, "write", lambda self, film, plan, index, report: stood_in(self, film, plan, index, report))
    job = ingest.enqueue(EVERYBODY, asset)
    assert running.run(job.id) == "done"
    row = row_of(job)
    assert row.is_degraded and row.error == f"3 of 3 segments written by lite: {FAULT}"
    assert REMEDY in row.remedy and "jobs --retry-segments" in row.remedy
    assert wire.job_wire(row)["degraded"] is True
    said = CliRunner().invoke(jobs_command, [], standalone_mode=False).output
    assert "done by lite" in said and FAULT in said and REMEDY in said
    for address in ("/jobs/", f"/assets/{asset.id}/", "/"):
        page = client.get(address, follow=True).content.decode()
        assert "Done by lite" in page or FAULT in page, address
    monkeypatch.setattr(TinyWriter, "write", WRITE)
    ingest.retry_segments(EVERYBODY, asset)
    assert running.run(job.id) == "done"
    assert not row_of(job).is_degraded and row_of(job).error == ""


def test_a_film_that_was_planned_plainly_is_planned_again_with_one_click(asset, monkeypatch, client):
    def plainly(self, film, report):
        plan = PLAN(self, film, report)
        plan.usage.num_new_tokens = 100
        return plan.model_copy(
            update={"faults": [PlanFault(start_s=0.0, end_s=10.0, fault="tiny could not plan it: away.", remedy=REMEDY)]}
        )

    monkeypatch.setattr(TinyWriter, "plan", plainly)
    job = ingest.enqueue(EVERYBODY, asset)
    running.run(job.id)
    assert row_of(job).is_degraded and "planned plainly: tiny could not plan it" in row_of(job).error
    assert "Plan and write again" in client.get(f"/assets/{asset.id}/").content.decode()
    monkeypatch.setattr(TinyWriter, "plan", PLAN)
    Segment.objects.filter(job=job).update(num_tokens=7)
    ingest.retry_segments(EVERYBODY, asset)
    assert running.run(job.id) == "done"
    assert not row_of(job).is_degraded
    assert PlanSummary.objects.get(job=job).num_tokens == 100 + 3 * 7  # what the first plan and its segments spent is paid all the same


def test_a_wait_for_the_server_is_seen_while_it_lasts(asset, monkeypatch):
    seen = []

    def waiting(self, film, report):
        film.waits(Waiting("server", time.time(), "ConnectError: connection refused"))
        report(0.5, "plot of stretch 1 of 1")
        seen.append(Job.objects.get(asset=asset).message)
        film.waits(None)
        seen.append(Job.objects.get(asset=asset).message)
        return PLAN(self, film, report)

    monkeypatch.setattr(TinyWriter, "plan", waiting)
    running.run(ingest.enqueue(EVERYBODY, asset).id)
    assert seen[0].startswith("Waiting for the server since ") and "connection refused" in seen[0]
    assert "Waiting" not in seen[1]


@pytest.mark.parametrize(
    ("faults", "keys", "error", "remedy"),
    [
        (["401"], {}, "401 Unauthorized", "api_key_env"),
        ([], {"url": "http://127.0.0.1:9/v1", "num_tries": 1}, "refused", "Start the server"),
        (["500 image input is not supported - hint: you may need to provide the mmproj"], {}, "image input", "--mmproj"),
    ],
)
def test_a_job_that_could_not_be_asked_for_fails_with_its_remedy(asset, monkeypatch, tmp_path, faults, keys, error, remedy):
    monkeypatch.setenv("OMNISCRIPT_MODELS_DIR", str(tmp_path / "nothing"))
    monkeypatch.setenv("OMNISCRIPT_TEST_KEY", KEY)
    monkeypatch.setenv("OMNISCRIPT_ENDPOINTS", str(tmp_path / "endpoints.toml"))
    with ChatServer(lambda asked: "{}", faults=faults) as server:
        (tmp_path / "endpoints.toml").write_text(server.toml(video="images", **keys))
        open_writer.cache_clear()
        Asset.objects.filter(id=asset.id).update(options={"segment_s": 10.0})
        job = ingest.enqueue(EVERYBODY, asset)
        Job.objects.filter(id=job.id).update(writer="remote")
        assert running.run(job.id) == "failed"
        assert error in Job.objects.get(id=job.id).error
        assert sum(server.asked.values()) == len(faults)
    job.refresh_from_db()
    assert job.error_code == "writer.remote" and error in job.error and remedy in job.remedy
    open_writer.cache_clear()
