"""Cancelling lasts until the work has stopped; a clock set back, a failing look and a silent worker leave no job asleep."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.utils import timezone

from omniscript_mam import wire
from omniscript_mam.commands.supervisor import Supervisor
from omniscript_mam.models import Job, State
from omniscript_mam.selectors import jobs
from omniscript_mam.services.archive import assets
from omniscript_mam.services.jobs import ingest, reaping, running, workers
from omniscript_mam.services.jobs.holds import held, is_held
from omniscript_mam.services.jobs.leases import claim_job
from omniscript_mam.tasks import reaper
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

from .test_running import in_background, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def job(no_broker, tmp_path) -> Job:
    path = tmp_path / "film.mkv"
    path.write_bytes(essence(b"film"))
    return ingest.enqueue(EVERYBODY, assets.register_upload(EVERYBODY, path, path.name)[0])


def row_of(job: Job) -> jobs.JobRow:
    return jobs.job_row(EVERYBODY, Job.objects.get(id=job.id))


def silence(job: Job) -> None:
    """The worker's lease lapses: it hangs, or is gone."""
    Job.objects.filter(id=job.id).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_silent_worker_that_still_works_is_cancelling(job, client):
    assert claim_job(job.id) is not None
    with held(job.id):
        silence(job)
        ingest.cancel(EVERYBODY, job)
        assert row_of(job).state == "cancelling"
        assert wire.job_wire(row_of(job))["state"] == "cancelling"
        assert row_of(job).is_active
        reaping.reap()
        assert row_of(job).state == "cancelling"
        assert "Cancelling" in client.get("/jobs/").content.decode()
        assert [row.id for row in jobs.jobs(EVERYBODY, state="cancelling").rows] == [str(job.id)]
        assert jobs.jobs(EVERYBODY, state="running").total == 0
    reaping.reap()
    assert row_of(job).state == "cancelled"


def test_a_silent_worker_that_is_gone_is_cancelled_at_once(job):
    assert claim_job(job.id) is not None
    silence(job)
    ingest.cancel(EVERYBODY, job)
    assert row_of(job).state == "cancelled"


def test_a_killed_process_holds_nothing(job):
    code = (
        "import sys, time, uuid, django; django.setup(); from omniscript_mam.services.jobs.holds import held\n"
        "with held(uuid.UUID(sys.argv[1])):\n    print('held', flush=True); time.sleep(60)"
    )
    from omniscript_mam import storage

    environment = {**os.environ, "OMNISCRIPT_DATA_DIR": str(storage.data_dir()), "DJANGO_SETTINGS_MODULE": "omniscript_mam.config.settings"}
    process = subprocess.Popen([sys.executable, "-c", code, str(job.id)], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    assert is_held(job.id)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert not is_held(job.id)


def test_a_running_job_is_cancelling_and_then_cancelled(film, no_broker):
    asset = assets.register_upload(EVERYBODY, film, film.name, options={"pause_s": 1.0})[0]
    running_job = ingest.enqueue(EVERYBODY, asset)
    thread = in_background(running_job)
    until(lambda: Job.objects.get(id=running_job.id).steps.get(name="write").state == State.RUNNING)
    ingest.cancel(EVERYBODY, running_job)
    assert row_of(running_job).state == "cancelling"
    thread.join(timeout=60)
    assert row_of(running_job).state == "cancelled"


def test_a_clock_set_back_hides_no_job(job, no_broker, monkeypatch):
    assert claim_job(job.id) is not None
    earlier = timezone.now() - timedelta(hours=3)
    monkeypatch.setattr(timezone, "now", lambda: earlier)
    no_broker.clear()
    assert reaping.reap() == 1
    assert no_broker == [str(job.id)]
    lease = claim_job(job.id)
    assert lease is not None, "the lease of before reaches further than any may"
    assert claim_job(job.id) is None
    assert lease.renew()


def test_a_sign_of_life_from_before_the_clock_was_set_back_is_none(monkeypatch):
    workers.show_life()
    assert workers.has_live_worker()
    now_s = time.time()
    monkeypatch.setattr(time, "time", lambda: now_s - 3600)
    assert not workers.has_live_worker()


@pytest.mark.parametrize("error", [DatabaseError("locked"), OSError(28, "full"), RuntimeError("a bug"), ValueError("odd")])
@pytest.mark.parametrize("broken", ["workers.show_life", "reaping.reap", "publishing.wake_for_index"])
def test_the_reaper_survives_every_failure(broken, error, monkeypatch):
    import omniscript_mam.services.jobs.workers
    import omniscript_mam.services.publishing

    looked = threading.Event()
    monkeypatch.setattr(reaper.connection, "close", lambda: None)
    monkeypatch.setattr(reaper, "_pause_s", lambda: 0.01)
    counts = {"failed": 0, "looked": 0}

    def fail(*_: object) -> None:
        counts["failed"] += 1
        raise error

    module, name = broken.split(".")
    place = {"workers": workers, "reaping": reaping, "publishing": omniscript_mam.services.publishing}[module]
    monkeypatch.setattr(place, name, fail)
    whole = reaper.look

    def look() -> int:
        counts["looked"] += 1
        if counts["looked"] == 3:
            looked.set()
        return whole()

    monkeypatch.setattr(reaper, "look", look)
    reaper._stop.clear()
    thread = threading.Thread(target=reaper._look_forever)
    thread.start()
    try:
        assert looked.wait(20)
    finally:
        reaper._stop.set()
        thread.join(timeout=10)
    assert broken == "publishing.wake_for_index" or counts["failed"] >= 2


def test_one_job_that_cannot_be_woken_keeps_no_other_asleep(job, no_broker, monkeypatch, tmp_path):
    other_path = tmp_path / "other.mkv"
    other_path.write_bytes(essence(b"other"))
    other = ingest.enqueue(EVERYBODY, assets.register_upload(EVERYBODY, other_path, other_path.name)[0])
    Job.objects.update(published_at=None)
    woken = []

    def wake(job_id):
        if job_id == job.id:
            raise RuntimeError("not this one")
        woken.append(job_id)

    monkeypatch.setattr(reaping.publishing, "wake_for_job", wake)
    assert reaping.reap() == 1
    assert woken == [other.id]


def test_a_full_disk_ends_a_job_in_words_and_leaves_no_scratch(film, no_broker, settings):
    from omniscript_mam import storage

    asset = assets.register_upload(EVERYBODY, film, film.name)[0]
    full = ingest.enqueue(EVERYBODY, asset)
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "MIN_FREE_BYTES": 1 << 60}
    assert running.run(full.id) == "failed"
    row = row_of(full)
    assert row.error_code == "upload.storage_full"
    assert "room" in row.error and "Free some space" in row.remedy
    assert not (storage.data_dir() / "spool" / str(asset.id)).exists()
    assert not (storage.data_dir() / "work" / str(full.id)).exists()
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "MIN_FREE_BYTES": 0}
    assert running.run(ingest.retry(EVERYBODY, full).id) == "done"


def test_a_worker_that_hangs_is_killed_and_started_again(tmp_path, monkeypatch):
    started = []

    def spawn(self, queue):
        self._stamp(queue).touch()
        started.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True))
        self.processes[queue], self._started_s[queue] = started[-1], time.monotonic()

    monkeypatch.setattr(Supervisor, "_spawn", spawn)
    supervisor = Supervisor(["ingest"], tmp_path / "worker.log", hung_s=1.0)
    supervisor.start()
    try:
        until(lambda: len(started) == 2, timeout_s=20)
    finally:
        supervisor.stop()
        for process in started:
            process.kill()
            process.wait()
    assert "no sign of life" in (tmp_path / "worker.log").read_text()
