"""Jobs: each step once, checkpoints, fencing, cancel, retry, poison, errors in words."""

from __future__ import annotations

import random
import threading
import time
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from inference.errors import Cancelled
from omniscript_mam import storage
from omniscript_mam.errors import ConflictError, LeaseLostError
from omniscript_mam.models import IndexEntry, Job, Rendition, ScriptRevision, Segment, State, Step
from omniscript_mam.selectors import jobs as job_selectors
from omniscript_mam.services.archive import assets
from omniscript_mam.services.jobs import ingest, running
from omniscript_mam.services.jobs.leases import claim_job
from omniscript_mam.services.jobs.reaping import reap
from omniscript_mam.services.jobs.segments import claim_segments
from omniscript_mam.services.jobs.steps import probe
from omniscript_mam.services.jobs.work import Work
from omniscript_mam.services.search import mending
from omniscript_mam.steps import STEPS
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence
from tests.integration.tiny_writer import TinyWriter

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def asset(film, no_broker):
    return assets.register_upload(EVERYBODY, film, film.name)[0]


@pytest.fixture
def calls(monkeypatch, tmp_path):
    log = tmp_path / "calls"
    log.touch()
    monkeypatch.setenv("OMNISCRIPT_TEST_CALLS", str(log))
    return lambda: log.read_text().split("\n")[:-1]


def in_background(job: Job) -> threading.Thread:
    def work():
        from django.db import connection

        try:
            running.run(job.id)
        finally:
            connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def until(condition, timeout_s=60.0):
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def lapse(job: Job) -> None:
    Job.objects.filter(id=job.id).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_from_beginning_to_end(asset, calls):
    job = ingest.enqueue(EVERYBODY, asset)
    assert running.run(job.id) == "done"
    job.refresh_from_db()
    assert (job.progress, job.error, job.token) == (1.0, "", None)
    assert [(step.name, step.state) for step in job.steps.all()] == [(step.name, "done") for step in STEPS]
    assert [(segment.state, segment.num_writes) for segment in job.segments.all()] == [("done", 1)] * 3
    assert calls() == ["plan", "write 0", "write 1", "write 2", "merge"]
    assert {rendition.kind for rendition in Rendition.objects.filter(asset=asset)} == set(Rendition.Kind.values)
    revision = ScriptRevision.objects.get(asset=asset)
    assert (revision.number, len(revision.document["scenes"])) == (1, 3)
    assert sum(len(scene["events"]) for scene in revision.document["scenes"]) == 3
    entry = IndexEntry.objects.get(asset=asset)
    assert (entry.wanted, entry.indexed) == (1, 1)
    assert entry.num_records >= 3
    assert mending.verify(EVERYBODY).agrees
    assert not list((storage.data_dir() / "spool").iterdir())
    assert not list((storage.data_dir() / "work").iterdir())


def test_asking_again_and_a_message_delivered_twice_change_nothing(asset, calls):
    job = ingest.enqueue(EVERYBODY, asset)
    assert ingest.enqueue(EVERYBODY, asset).id == job.id
    assert ingest.rerun(EVERYBODY, asset).id == job.id  # an active job is returned
    running.run(job.id)
    before = (calls(), Job.objects.get(id=job.id).finished_at)
    assert running.run(job.id) == "done"
    assert running.run(uuid.uuid4()) == ""
    assert ingest.enqueue(EVERYBODY, asset).id == job.id
    assert (calls(), Job.objects.get(id=job.id).finished_at) == before
    assert ScriptRevision.objects.count() == 1


def test_two_deliveries_at_the_same_time_are_one_run(asset, calls):
    asset.options = {"pause_s": 0.3}
    asset.save()
    job = ingest.enqueue(EVERYBODY, asset)
    threads = [in_background(job) for _ in range(3)]
    [thread.join() for thread in threads]
    assert Job.objects.get(id=job.id).state == "done"
    assert calls() == ["plan", "write 0", "write 1", "write 2", "merge"]


def test_running_again_gives_a_second_revision_and_keeps_the_files(asset):
    running.run(ingest.enqueue(EVERYBODY, asset).id)
    files = {rendition.pk for rendition in Rendition.objects.all()}
    second = ingest.rerun(EVERYBODY, asset)
    assert running.run(second.id) == "done"
    assert second.kind == "rerun"
    assert sorted(ScriptRevision.objects.values_list("number", flat=True)) == [1, 2]
    assert {rendition.pk for rendition in Rendition.objects.all()} == files
    assert mending.verify(EVERYBODY).agrees


def test_cancel_and_retry_go_on_from_the_checkpoint(asset, calls, settings):
    asset.options = {"pause_s": 1.0}
    asset.save()
    job = ingest.enqueue(EVERYBODY, asset)
    thread = in_background(job)
    until(lambda: job.segments.filter(state=State.DONE).count() == 1)
    assert ingest.cancel(EVERYBODY, job).cancel_requested
    thread.join(timeout=30)
    job.refresh_from_db()
    assert (job.state, job.segments.filter(state=State.DONE).count()) == ("cancelled", 1)
    assert not ScriptRevision.objects.exists()
    assert running.run(job.id) == "cancelled"  # a late message
    assert ingest.retry(EVERYBODY, job).state == "queued"
    assert running.run(job.id) == "done"
    assert [segment.num_writes for segment in job.segments.all()] == [1, 1, 1]
    assert calls().count("write 0") == 1
    assert calls().count("plan") == 1


def test_a_waiting_job_is_cancelled_at_once(asset):
    job = ingest.enqueue(EVERYBODY, asset)
    assert ingest.cancel(EVERYBODY, job).state == "cancelled"
    assert running.run(job.id) == "cancelled"
    assert ingest.enqueue(EVERYBODY, asset).state == "queued"  # asking for the film again goes on with it


def test_an_error_is_stored_in_words_and_retry_goes_on(asset, monkeypatch, tmp_path):
    monkeypatch.setenv("OMNISCRIPT_TEST_REPAIRED", str(tmp_path / "repaired"))
    asset.options = {"writer": "broken"}
    asset.save()
    job = ingest.enqueue(EVERYBODY, asset)
    assert running.run(job.id) == "failed"
    job.refresh_from_db()
    assert (job.error_code, job.error) == ("unexpected", "RuntimeError: the model fell over")
    assert job.remedy
    assert job.steps.get(name="write").state == "failed"
    row = job_selectors.job_detail(EVERYBODY, job.id).job
    assert row.can_retry
    assert (row.num_segments, row.num_segments_done) == (3, 1)
    (tmp_path / "repaired").touch()
    ingest.retry(EVERYBODY, job)
    assert running.run(job.id) == "done"
    assert [segment.num_writes for segment in job.segments.all()] == [1, 1, 1]
    with pytest.raises(ConflictError):
        ingest.retry(EVERYBODY, job)


def test_a_worker_that_lost_its_lease_can_write_nothing(asset):
    job = ingest.enqueue(EVERYBODY, asset)
    slow = claim_job(job.id)
    assert claim_job(job.id) is None  # a live lease
    lapse(job)
    quick = claim_job(job.id)
    assert quick is not None
    assert slow.renew() is False
    for write in (slow.check, slow.guard().__enter__):
        with pytest.raises(LeaseLostError):
            write()


def test_a_segment_is_stored_once_by_the_worker_that_holds_it(asset):
    job = ingest.enqueue(EVERYBODY, asset)
    assert claim_job(job.id) is not None
    segment = Segment.objects.create(job=job, index=0, start_s=0.0, end_s=1.0)
    writer = TinyWriter()
    slow = claim_segments(job.id, writer, 5)
    assert slow.indexes == [0]
    assert claim_segments(job.id, writer, 5) is None
    Segment.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    quick = claim_segments(job.id, writer, 5)
    with pytest.raises(LeaseLostError):
        slow.store(0, "{}", writer)
    quick.store(0, '{"light": 1}', writer)
    with pytest.raises(LeaseLostError):
        quick.store(0, '{"light": 2}', writer)
    segment.refresh_from_db()
    assert (segment.draft, segment.num_writes, segment.state, segment.writer) == ('{"light": 1}', 1, "done", "tiny")


def test_the_loser_of_a_lease_stops_in_the_middle_and_the_other_finishes(asset, calls, settings):
    asset.options = {"pause_s": 1.0}
    asset.save()
    job = ingest.enqueue(EVERYBODY, asset)
    first = in_background(job)
    until(lambda: "write 1" in calls())
    Job.objects.filter(id=job.id).update(token=uuid.uuid4(), lease_until=timezone.now() - timedelta(seconds=1))
    assert running.run(job.id) == "done"
    first.join(timeout=30)
    assert not first.is_alive()
    assert Job.objects.get(id=job.id).state == "done"
    assert [segment.num_writes for segment in job.segments.all()] == [1, 1, 1]
    assert ScriptRevision.objects.count() == 1


def test_cancelled_work_writes_nothing(asset):
    job = ingest.enqueue(EVERYBODY, asset)
    claim = claim_job(job.id)
    ingest.cancel(EVERYBODY, job)
    with pytest.raises(Cancelled), claim.guard():
        pass
    claim.renew()
    with pytest.raises(Cancelled):
        claim.check()


def test_a_job_that_kills_its_worker_again_and_again_is_given_up(asset, settings):
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "MAX_ATTEMPTS": 3}
    job = ingest.enqueue(EVERYBODY, asset)
    for _ in range(3):
        assert claim_job(job.id) is not None  # and the worker dies
        lapse(job)
    assert running.run(job.id) == "failed"
    job.refresh_from_db()
    assert (job.error_code, "3 times" in job.error, "retry" in job.remedy) == ("job.poison", True, True)
    assert running.run(ingest.retry(EVERYBODY, job).id) == "done"


def test_stopping_the_worker_gives_the_job_back(asset, no_broker):
    asset.options = {"pause_s": 2.0}
    asset.save()
    job = ingest.enqueue(EVERYBODY, asset)
    thread = in_background(job)
    until(lambda: job.segments.exists())
    running.stopping.set()
    thread.join(timeout=20)
    job.refresh_from_db()
    assert (job.state, job.token, no_broker.count(str(job.id))) == ("queued", None, 2)
    type(asset).objects.update(options={})
    running.stopping.clear()
    assert running.run(job.id) == "done"


def test_reaping_wakes_waiting_and_lapsed_jobs_only(asset, no_broker):
    job = ingest.enqueue(EVERYBODY, asset)
    assert no_broker == [str(job.id)]
    assert reap() == 0  # its message is fresh
    Job.objects.filter(id=job.id).update(published_at=None)  # the broker did not answer
    assert reap() == 1
    claim_job(job.id)
    assert reap() == 0  # it runs
    lapse(job)
    Job.objects.filter(id=job.id).update(published_at=timezone.now() - timedelta(seconds=60))
    assert reap() == 1
    assert reap() == 0  # once is enough
    Job.objects.filter(id=job.id).update(cancel_requested=True)
    reap()
    assert Job.objects.get(id=job.id).state == "cancelled"


def test_a_spool_that_was_removed_is_made_again(asset):
    job = ingest.enqueue(EVERYBODY, asset)
    claim = claim_job(job.id)
    Step.objects.filter(job=job, name__in=["probe", "proxy", "survey", "pictures"]).update(state=State.DONE)
    row = Step.objects.get(job=job, name="probe")
    probe.run(Work(job, asset, claim, row, lambda share, message: None))
    lapse(job)
    assert running.run(job.id) == "done"


def test_an_upgraded_writer_plans_again(asset, monkeypatch):
    from tests.integration.tiny_writer import TinyWriter

    asset.options = {"pause_s": 0.5}
    asset.save()
    job = ingest.enqueue(EVERYBODY, asset)
    thread = in_background(job)
    until(lambda: job.segments.filter(state=State.DONE).exists())
    ingest.cancel(EVERYBODY, job)
    thread.join(timeout=20)
    monkeypatch.setattr(TinyWriter, "version", "2")
    assert running.run(ingest.retry(EVERYBODY, job).id) == "done"
    assert job.steps.get(name="plan").result["version"] == "2"
    assert ScriptRevision.objects.get().writer_version == "2"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bytes(range(256)) * 64, "media.refused"),
        (essence(random.Random(7).randbytes(5_000)), "media.broken"),
    ],
)
def test_a_hostile_file_is_a_clear_error(content, code, no_broker, tmp_path):
    path = tmp_path / "film.mp4"
    path.write_bytes(content)
    job = ingest.enqueue(EVERYBODY, assets.register_upload(EVERYBODY, path, path.name)[0])
    assert running.run(job.id) == "failed"
    job.refresh_from_db()
    assert job.error_code == code
    assert job.error.startswith("film.mp4 "), "the error names the file as the user knows it"
    assert job.remedy
    assert not Rendition.objects.exists()
    assert not ScriptRevision.objects.exists()


def test_a_truncated_film_is_a_clear_error_or_a_right_script(film, no_broker, tmp_path):
    path = tmp_path / "cut.mp4"
    path.write_bytes(film.read_bytes()[: film.stat().st_size // 2])
    job = ingest.enqueue(EVERYBODY, assets.register_upload(EVERYBODY, path, path.name)[0])
    state = running.run(job.id)
    job.refresh_from_db()
    assert state in ("failed", "done")
    assert state == "done" or (job.error_code.startswith("media") and job.remedy)


def test_another_decoder_is_noted_with_the_film(asset, no_broker, monkeypatch):
    from inference.media import Spool

    monkeypatch.setattr(Spool, "notes", lambda spool: ("The ffmpeg program decoded it.",))
    job = ingest.enqueue(EVERYBODY, asset)
    assert running.run(job.id) == "done"
    asset.essence.refresh_from_db()
    assert asset.essence.media_info["notes"][-1] == "The ffmpeg program decoded it."
