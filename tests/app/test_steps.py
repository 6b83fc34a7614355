"""Steps are named once: one line and one module make a new one, in the job, on the page, and for jobs that were queued before it came."""

from __future__ import annotations

import pytest
from django.test import Client

from omniscript_mam import steps
from omniscript_mam.models import Step
from omniscript_mam.selectors.jobs import job_detail
from omniscript_mam.services.archive import assets
from omniscript_mam.services.jobs import ingest, running
from omniscript_mam.viewer import EVERYBODY

pytestmark = pytest.mark.django_db(transaction=True)

MODULE = '''
"""Count the segments."""


def run(work):
    work.report(0.5, "Counting")
    with work.lease.guard():
        work.store_result({"num_segments": work.job.segments.count()})
'''

LINE = steps.StepDefinition("count", "Count the segments", "Count", 10, "counting_step:run")


@pytest.fixture
def asset(film, no_broker):
    return assets.register_upload(EVERYBODY, film, film.name)[0]


@pytest.fixture
def add_step(monkeypatch, tmp_path):
    """Adds the step before the last one."""

    def add() -> None:
        (tmp_path / "counting_step.py").write_text(MODULE)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setattr(steps, "STEPS", (*steps.STEPS[:-1], LINE, steps.STEPS[-1]))

    return add


def names(job) -> list[str]:
    return [step.name for step in job.steps.all()]


def test_a_step_is_one_line_and_one_module(asset, add_step, client: Client):
    add_step()
    job = ingest.enqueue(EVERYBODY, asset)
    shares = []
    assert running.run(job.id, lambda share, message: shares.append(share)) == "done"
    assert names(job) == [*(step.name for step in steps.STEPS[:-2]), "count", "index"]
    assert job.steps.get(name="count").result == {"num_segments": 3}
    assert shares == sorted(shares) and shares[-1] <= 1.0
    shown = next(step for step in job_detail(EVERYBODY, job.id).steps if step.name == "count")
    assert (shown.title, shown.label, shown.state) == ("Count the segments", "Count", "done")
    ingest.retry_segments(EVERYBODY, asset, [0])
    assert set(Step.objects.filter(job=job, state="queued").values_list("name", flat=True)) == {"write", "merge", "count", "index"}
    assert "Count" in client.get("/jobs/").content.decode()


def test_a_job_that_was_queued_before_the_step_came_is_given_it(asset, add_step):
    job = ingest.enqueue(EVERYBODY, asset)
    assert "count" not in names(job)
    add_step()
    assert running.run(job.id) == "done"
    assert names(job)[-2:] == ["count", "index"]
    assert job.steps.get(name="count").result == {"num_segments": 3}


def test_a_step_of_a_later_release_is_shown_by_its_name(asset):
    job = ingest.enqueue(EVERYBODY, asset)
    Step.objects.create(job=job, name="translate", position=9)
    assert (job_detail(EVERYBODY, job.id).steps[-1].title, job_detail(EVERYBODY, job.id).steps[-1].label) == ("Translate", "Translate")


def test_every_line_leads_to_a_function():
    from pkgutil import resolve_name

    for step in steps.STEPS:
        assert callable(resolve_name(step.run)), step
        assert not step.is_lost or callable(resolve_name(step.is_lost))
    assert len({step.name for step in steps.STEPS}) == len(steps.STEPS)
    assert [step.name for step in steps.steps_from("write")] == ["write", "merge", "index"]
