"""The embedded queue: what any broker must do, and what makes it safe: leases, renewal, tries, nothing lost to kill -9."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from kombu import Connection, Consumer, Exchange, Queue

from omniscript_mam.messaging.transport import MessageFile, register

register()
QUEUE = Queue("work", Exchange("work", type="direct"), routing_key="work")


@pytest.fixture
def url(tmp_path) -> str:
    return f"omniscript-db:///{tmp_path}/broker.sqlite3"


def send(url: str, *bodies: object) -> None:
    with Connection(url) as connection:
        producer = connection.Producer()
        for body in bodies:
            producer.publish(body, exchange=QUEUE.exchange, routing_key="work", declare=[QUEUE])


def take(connection: Connection, count: int = 1, timeout_s: float = 5.0):
    """Receive messages without acknowledging them."""
    found = []
    channel = connection.channel()
    channel.basic_qos(0, 0, False)
    with Consumer(channel, [QUEUE], callbacks=[lambda body, message: found.append((body, message))]):
        deadline = time.monotonic() + timeout_s
        while len(found) < count and time.monotonic() < deadline:
            try:
                connection.drain_events(timeout=0.2)
            except TimeoutError:
                continue
    return found


def size(url: str) -> int:
    with Connection(url) as connection:
        return connection.channel()._size("work")


def test_messages_arrive_in_order_and_are_gone_after_acknowledgement(url):
    send(url, *range(5))
    with Connection(url) as connection:
        found = take(connection, 5)
        assert [body for body, _ in found] == [0, 1, 2, 3, 4]
        for _, message in found:
            message.ack()
    assert size(url) == 0


def test_a_rejected_message_goes_and_a_requeued_one_comes_back_once(url):
    send(url, "drop", "again")
    with Connection(url) as connection:
        for body, message in take(connection, 2):
            message.reject(requeue=body == "again")
        found = take(connection, 2, timeout_s=1.0)
        assert [body for body, _ in found] == ["again"]
        assert found[0][1].headers["tries"] == 2
        found[0][1].ack()
    assert size(url) == 0


def test_closing_gives_unacknowledged_messages_back_at_once(url):
    send(url, "job")
    with Connection(url) as connection:
        assert take(connection)[0][0] == "job"
    with Connection(url) as connection:
        assert take(connection, timeout_s=2.0)[0][0] == "job"


def test_a_held_message_is_renewed_and_delivered_to_nobody_else(url):
    options = {"lease_s": 1.0}
    send(url, "long")
    with Connection(url, transport_options=options) as first, Connection(url, transport_options=options) as second:
        (_, message), *_ = take(first)
        assert take(second, timeout_s=3.0) == []  # three leases long
        message.ack()
    assert size(url) == 0


def test_a_lapsed_message_is_delivered_again_and_the_late_acknowledgement_takes_nothing_away(tmp_path):
    file = MessageFile(tmp_path / "broker.sqlite3", lease_s=0.2)
    file.put("work", "body")
    identifier, _, tries = file.take("work", "slow")
    assert (tries, file.take("work", "quick")) == (1, None)
    time.sleep(0.3)
    assert file.take("work", "quick") == (identifier, "body", 2)
    assert file.renew([identifier], "slow") == 0
    assert file.delete(identifier, "slow") is False
    assert file.release(identifier, "slow") is False
    assert file.size("work") == 1
    assert file.delete(identifier, "quick") is True


def test_a_message_that_cannot_be_read_is_put_aside_and_holds_nobody_up(tmp_path, url, caplog):
    file = MessageFile(tmp_path / "broker.sqlite3", 0.2)
    for body in ("{no json", "[1, 2]", '{"properties": 1}'):
        file.put("work", body)
    send(url, "after")
    with Connection(url, transport_options={"lease_s": 0.2}) as connection:
        assert [body for body, _ in take(connection)] == ["after"]
        deadline = time.monotonic() + 15
        while file.size("work.parked") < 3 and time.monotonic() < deadline:
            take(connection, timeout_s=0.3)
    assert (file.size("work.parked"), file.size("work")) == (3, 1), "the readable one was only given back"
    assert "is put aside" in caplog.text


def test_a_clock_that_is_set_back_hides_no_message(tmp_path, monkeypatch):
    file = MessageFile(tmp_path / "broker.sqlite3", 5.0)
    file.put("work", "{}")
    assert file.take("work", "dead") is not None
    assert file.take("work", "other") is None
    now_s = time.time()
    monkeypatch.setattr("omniscript_mam.messaging.transport.time.time", lambda: now_s - 3600)
    taken = file.take("work", "other")
    assert taken is not None
    assert file.renew([taken[0]], "other") == 1
    assert file.take("work", "third") is None, "a lease by the new clock holds"


def test_higher_priority_first_then_oldest(tmp_path):
    file = MessageFile(tmp_path / "broker.sqlite3")
    for body, priority in (("a", 0), ("b", 5), ("c", 0), ("d", 5)):
        file.put("work", body, priority)
    assert [file.take("work", "me")[1] for _ in range(4)] == ["b", "d", "a", "c"]


def test_the_file_is_private(tmp_path):
    MessageFile(tmp_path / "broker.sqlite3").put("work", "body")
    assert (tmp_path / "broker.sqlite3").stat().st_mode & 0o777 == 0o600


def test_many_takers_get_each_message_once(tmp_path):
    path = tmp_path / "broker.sqlite3"
    file = MessageFile(path)
    for number in range(120):
        file.put("work", str(number))
    taken: list[str] = []

    def work(name: str) -> None:
        mine = MessageFile(path)
        while found := mine.take("work", name):
            taken.append(found[1])
            mine.delete(found[0], name)

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(taken, key=int) == [str(number) for number in range(120)]


def _take_and_hang(path: Path, ready) -> None:
    MessageFile(path, lease_s=0.5).take("work", "doomed")
    ready.set()
    time.sleep(60)


def test_kill_9_loses_nothing(tmp_path):
    path = tmp_path / "broker.sqlite3"
    file = MessageFile(path, lease_s=0.5)
    file.put("work", "precious")
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_take_and_hang, args=(path, ready))
    process.start()
    assert ready.wait(30)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    time.sleep(0.6)
    assert file.take("work", "next")[1:] == ("precious", 2)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_opens_its_own_connection(tmp_path):
    file = MessageFile(tmp_path / "broker.sqlite3")
    file.put("work", "from the parent")
    pid = os.fork()
    if pid == 0:
        try:
            file.put("work", "from the child")
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    assert file.size("work") == 2


APP = """
import os, sys, time
from celery import Celery
from omniscript_mam.messaging.transport import register
register()
app = Celery("probe", broker=sys.argv[1])
app.conf.update(
    broker_transport_options={"lease_s": 1.5}, task_acks_late=True, task_reject_on_worker_lost=True, task_ignore_result=True,
    worker_prefetch_multiplier=1, worker_enable_remote_control=False, worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
)
@app.task(name="step")
def step(name, seconds):
    with open(sys.argv[2], "a") as log: log.write(f"start {name}\\n")
    time.sleep(seconds)
    with open(sys.argv[2], "a") as log: log.write(f"end {name}\\n")
if __name__ == "__main__":
    flags = ["--without-gossip", "--without-mingle", "--without-heartbeat", "-l", "ERROR"]
    app.worker_main(["worker", "--pool", sys.argv[3], "--concurrency", "1", *flags])
"""


@pytest.mark.parametrize("pool", ["solo", "prefork", "threads"])
def test_a_killed_celery_worker_loses_no_task(url, pool, tmp_path):
    """The worker is killed in the middle of the first of two tasks, which is two leases long; both end, the second runs once."""
    program, log = tmp_path / "probe_app.py", tmp_path / "log"
    program.write_text(APP)

    def worker() -> subprocess.Popen:
        with (tmp_path / "worker.log").open("ab") as output:
            command = [sys.executable, str(program), url, str(log), pool]
            environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
            return subprocess.Popen(command, env=environment, stdout=output, stderr=output, start_new_session=True)

    sender = "import sys, runpy; sys.argv[1:] = sys.argv[1:]; app = runpy.run_path(sys.argv[3])['app']; "
    sender += "[app.send_task('step', (name, seconds)) for name, seconds in (('long', 3.0), ('short', 0.0))]"
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    subprocess.run([sys.executable, "-c", sender, url, str(log), str(program)], check=True, env=environment)
    first = worker()
    _wait(lambda: log.exists() and "start long" in log.read_text(), tmp_path)
    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    second = worker()
    try:
        _wait(lambda: {"end long", "end short"} <= set(log.read_text().split("\n")), tmp_path)
        _wait(lambda: _rows(tmp_path) == 0, tmp_path)
    finally:
        os.killpg(second.pid, signal.SIGKILL)
        second.wait()
    lines = log.read_text().split("\n")
    assert lines.count("start long") == 2
    assert (lines.count("end long"), lines.count("start short"), lines.count("end short")) == (1, 1, 1)


def _rows(folder: Path) -> int:
    connection = sqlite3.connect(folder / "broker.sqlite3")
    try:
        return connection.execute("SELECT COUNT(*) FROM message").fetchone()[0]
    finally:
        connection.close()


def _wait(condition, folder: Path, timeout_s: float = 60.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, (folder / "worker.log").read_text()[-3000:]
        time.sleep(0.1)
