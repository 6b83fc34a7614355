"""The same program over real servers, switched by settings alone: Redis, RabbitMQ, Postgres. A worker is killed on each."""

from __future__ import annotations

import json
import socket
import uuid

import pytest

from tests.app.conftest import make_film

from .processes import kill_9

pytestmark = pytest.mark.services

PORTS = {"redis": 6379, "amqp": 5672, "postgres": 5432}
BROKERS = {"redis": "redis://127.0.0.1:6379/13", "amqp": "amqp://guest:guest@127.0.0.1:5672//"}
POSTGRES = "postgres://postgres@127.0.0.1:5432/postgres"


def need(name: str) -> None:
    """Skip where the server does not run."""
    try:
        socket.create_connection(("127.0.0.1", PORTS[name]), timeout=1).close()
    except OSError:
        pytest.skip(f"no {name} server answers on 127.0.0.1:{PORTS[name]}")


@pytest.fixture
def prefix():
    """A queue prefix of this test; its queues are taken away afterwards."""

    name = f"test-{uuid.uuid4().hex[:8]}-"
    yield name
    _remove_queues(name)


def _remove_queues(prefix: str) -> None:
    import redis
    from kombu import Connection

    with redis.Redis.from_url(BROKERS["redis"]) as server:
        try:
            keys = list(server.scan_iter(f"{prefix}*"))
            if keys:
                server.delete(*keys)
        except redis.exceptions.ConnectionError:
            pass  # it does not run: there is nothing to remove
    with Connection(BROKERS["amqp"], connect_timeout=1) as connection:
        try:
            for queue in ("ingest", "index"):
                connection.default_channel.queue_delete(f"{prefix}{queue}")
                connection.default_channel.exchange_delete(f"{prefix}{queue}")
        except OSError:
            pass  # likewise


@pytest.fixture
def postgres():
    """An empty database on the server."""
    need("postgres")
    import psycopg

    name = f"omniscript_test_{uuid.uuid4().hex[:8]}"
    try:
        server = psycopg.connect(POSTGRES, autocommit=True)
    except psycopg.OperationalError as error:
        pytest.skip(f"the Postgres server on 127.0.0.1 lets nobody in: {error}")
    with server:
        server.execute(f"CREATE DATABASE {name}")
        yield f"postgres://postgres@127.0.0.1:5432/{name}"
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
    need(broker)
    found = installation(SEGMENT_S="3", TEST_PAUSE_S="0.3", BROKER_URL=BROKERS[broker], QUEUE_PREFIX=prefix)
    ingest_with_a_kill(found, film)
    assert not (found.folder / "broker.sqlite3").exists()


def test_postgres(installation, film, postgres):
    found = installation(SEGMENT_S="3", TEST_PAUSE_S="0.3", DATABASE_URL=postgres)
    ingest_with_a_kill(found, film)
    assert not (found.folder / "omniscript.sqlite3").exists()


def test_two_workers_share_a_job_on_servers(installation, film, postgres, prefix):
    need("redis")
    servers = {"DATABASE_URL": postgres, "BROKER_URL": BROKERS["redis"], "QUEUE_PREFIX": prefix}
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
