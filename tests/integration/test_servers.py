"""The same program over real servers, switched by settings alone: Redis, RabbitMQ, Postgres. A worker is killed on each."""

from __future__ import annotations

import json
import os
import uuid

import pytest

from tests.app.conftest import make_film

from .processes import kill_9

pytestmark = [pytest.mark.services, pytest.mark.bare]


def need(name: str) -> str:
    """The URL of a real server (``redis``, ``amqp``, ``postgres``); skips where there is none, which is a failure under ``CI=true``."""
    url = os.environ.get(f"OMNISCRIPT_TEST_{name.upper()}_URL", "")
    if not url:
        pytest.skip(f"no {name} server: run the tests by `make test`, which starts one (tools/services.py)")
    return url


@pytest.fixture
def prefix() -> str:
    """A queue prefix of this test: the server may be shared by tests that run at once."""
    return f"test-{uuid.uuid4().hex[:8]}-"


@pytest.fixture
def postgres():
    """An empty database on the server."""
    server_url = need("postgres")
    import psycopg

    name = f"omniscript_test_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(server_url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield f"{server_url.rpartition('/')[0]}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return make_film(tmp_path_factory.mktemp("short") / "test card.mp4", 12)


def ingest_with_a_kill(found, film) -> None:
    found.run("ingest", str(film), "--detach")
    worker = found.start("worker")
    found.until(lambda: "write 1" in found.called())
    kill_9(worker)
    found.start("worker")
    found.until(lambda: found.value("SELECT state FROM omniscript_mam_job") == "done")
    assert found.rows("SELECT DISTINCT num_writes, state FROM omniscript_mam_segment") == [(1, "done")]
    assert found.value("SELECT COUNT(*) FROM omniscript_mam_scriptrevision") == 1
    assert [found.called().count(f"write {index}") for index in (0, 2, 3)] == [1, 1, 1]
    assert len(json.loads(found.run("script", film.stem, "--json").stdout)["scenes"]) == 4
    assert found.data("index", "verify")["agrees"]


@pytest.mark.parametrize("broker", ["redis", "amqp"])
def test_another_broker(installation, film, prefix, broker):
    found = installation(SEGMENT_S="3", TEST_PAUSE_S="0.3", BROKER_URL=need(broker), QUEUE_PREFIX=prefix)
    ingest_with_a_kill(found, film)
    assert not (found.folder / "broker.sqlite3").exists()


def test_postgres(installation, film, postgres):
    found = installation(SEGMENT_S="3", TEST_PAUSE_S="0.3", DATABASE_URL=postgres)
    ingest_with_a_kill(found, film)
    assert not (found.folder / "omniscript.sqlite3").exists()


def test_two_workers_share_a_job_on_servers(installation, film, postgres, prefix):
    servers = {"DATABASE_URL": postgres, "BROKER_URL": need("redis"), "QUEUE_PREFIX": prefix}
    found = installation(SEGMENT_S="2", TEST_PAUSE_S="0.8", **servers)
    found.run("ingest", str(film), "--detach")
    holder = found.start("worker")
    found.until(lambda: found.value("SELECT state FROM omniscript_mam_job") == "running")
    found.start("worker")
    in_hand = "SELECT COUNT(DISTINCT token) FROM omniscript_mam_segment WHERE state = 'running'"
    found.until(lambda: found.value(in_hand) == 2)
    kill_9(holder)
    found.until(lambda: found.value("SELECT state FROM omniscript_mam_job") == "done")
    assert found.rows("SELECT DISTINCT num_writes, state FROM omniscript_mam_segment") == [(1, "done")]
    calls = found.called()
    assert sum(call.startswith("write") for call in calls) <= 7, "only the segment in the killed worker's hand is begun again"
    assert calls.count("merge") == found.value("SELECT COUNT(*) FROM omniscript_mam_scriptrevision") == 1


def test_a_broker_that_does_not_answer_loses_no_job(installation, film):
    found = installation(BROKER_URL="redis://127.0.0.1:1/0")
    row = found.data("ingest", str(film), "--detach")[0]
    assert row["state"] == "queued"
    assert "OMNISCRIPT_BROKER_URL" in found.run("worker", code=1).stderr
    del found.environment["OMNISCRIPT_BROKER_URL"]
    found.start("worker")  # finds the job though its message was never sent
    found.until(lambda: found.value("SELECT state FROM omniscript_mam_job") == "done")
