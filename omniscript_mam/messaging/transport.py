"""A message queue in one SQLite file, for Celery without a broker server: ``omniscript-db:////path/to/broker.sqlite3``.

The stock filesystem, SQLAlchemy and memory transports lose a task when its worker is killed: a message is gone or hidden for ever
once it has been delivered. Here a delivered message is only *leased*: its row stays until the task is acknowledged, the lease is
renewed by a thread while the worker lives, and a row whose lease lapsed is delivered again. ``tries`` counts deliveries. A message that
cannot be read is put aside after :data:`MAX_TRIES`.

Times are seconds since the epoch; a clock that is set back makes no lease longer than two. Works with the solo, prefork and threads
pools: acknowledgements may come from any thread, and a forked child opens its own connection.

Contents: :func:`register` (makes the scheme known to kombu), :class:`Transport`, :class:`Channel`, :class:`MessageFile`.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import threading
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, base, virtual
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)

SCHEME = "omniscript-db"
DEFAULT_LEASE_S = 30.0
MAX_TRIES = 3
"""How often a message that cannot be read is delivered before it is put aside; its lease lapses in between."""
POLLING_INTERVAL_S = 0.5
BUSY_TIMEOUT_S = 30.0

_SCHEMA = """
CREATE TABLE IF NOT EXISTS message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    queue TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 0,
    body TEXT NOT NULL,
    sent_at REAL NOT NULL,
    lease_until REAL NOT NULL DEFAULT 0,
    owner TEXT NOT NULL DEFAULT '',
    tries INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS message_next ON message (queue, priority DESC, id);
"""


def register() -> None:
    """Make ``omniscript-db://`` known to kombu. Call it before a broker URL is opened."""
    TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"


class MessageFile:
    """The queue file. Every method is one transaction, safe from any thread and from a forked child.

    Args:
        path: the SQLite file; made at first use with mode 0600.
        lease_s: how long a delivered message stays reserved without renewal.
    """

    def __init__(self, path: Path, lease_s: float = DEFAULT_LEASE_S) -> None:
        self.path = path
        self.lease_s = lease_s
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0

    def put(self, queue: str, body: str, priority: int = 0) -> None:
        """Append one message; it is on disk when this returns."""
        self._run("INSERT INTO message (queue, priority, body, sent_at) VALUES (?, ?, ?, ?)", (queue, priority, body, time.time()))

    def take(self, queue: str, owner: str) -> tuple[int, str, int] | None:
        """Lease the next free message: (id, body, tries including this one), or ``None``. Highest priority first, then oldest."""
        now = time.time()
        rows = self._run(
            "UPDATE message SET lease_until = ?, owner = ?, tries = tries + 1 WHERE id = (SELECT id FROM message WHERE queue = ? "
            "AND (lease_until < ? OR lease_until > ?) ORDER BY priority DESC, id LIMIT 1) RETURNING id, body, tries",
            # A lease further ahead than any reaches was made before the clock was set back; its holder renews it if it lives.
            (now + self.lease_s, owner, queue, now, now + 2 * self.lease_s),
        )
        return rows[0] if rows else None

    def renew(self, ids: list[int], owner: str) -> int:
        """Extend the leases that ``owner`` still holds; returns how many those are."""
        marks = ",".join("?" * len(ids))
        held = f"UPDATE message SET lease_until = ? WHERE owner = ? AND id IN ({marks}) RETURNING id"  # noqa: S608 - only marks are put in
        return len(self._run(held, (time.time() + self.lease_s, owner, *ids)))

    def delete(self, identifier: int, owner: str) -> bool:
        """Take an acknowledged message out, if ``owner`` still holds it."""
        return bool(self._run("DELETE FROM message WHERE id = ? AND owner = ? RETURNING id", (identifier, owner)))

    def release(self, identifier: int, owner: str) -> bool:
        """Give a message back for others, if ``owner`` still holds it."""
        return bool(
            self._run("UPDATE message SET lease_until = 0, owner = '' WHERE id = ? AND owner = ? RETURNING id", (identifier, owner))
        )

    def park(self, identifier: int, owner: str) -> bool:
        """Put a message aside, if ``owner`` still holds it: into the queue of the same name with ``.parked``, which nobody takes from."""
        parked = "UPDATE message SET queue = queue || '.parked', lease_until = 0, owner = '' WHERE id = ? AND owner = ? RETURNING id"
        return bool(self._run(parked, (identifier, owner)))

    def size(self, queue: str) -> int:
        """Messages of a queue, leased ones too."""
        return int(self._run("SELECT COUNT(*) FROM message WHERE queue = ?", (queue,))[0][0])

    def purge(self, queue: str) -> int:
        """Drop every message of a queue; returns how many there were."""
        return len(self._run("DELETE FROM message WHERE queue = ? RETURNING id", (queue,)))

    def close(self) -> None:
        """Close the connection; the next call opens it again."""
        with self._lock:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    def _run(self, statement: str, values: tuple[Any, ...]) -> list[Any]:
        with self._lock:
            connection = self._open()
            connection.execute("BEGIN IMMEDIATE")
            try:
                rows = connection.execute(statement, values).fetchall()
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            return rows

    def _open(self) -> sqlite3.Connection:
        if self._connection is None or self._pid != os.getpid():  # SQLite connections must not cross a fork
            if not self.path.exists():
                self.path.parent.mkdir(parents=True, exist_ok=True)
                self.path.touch(mode=0o600)
            self._connection = sqlite3.connect(self.path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=FULL")
            self._connection.executescript(_SCHEMA)
            self._pid = os.getpid()
        return self._connection


class Channel(virtual.Channel):
    """A kombu channel over :class:`MessageFile`. A delivery tag is the message's row id and the lease's owner."""

    do_restore = False  # unacknowledged messages stay in the file; nothing has to be put back at exit
    supports_fanout = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        options = self.connection.client.transport_options
        self.messages = MessageFile(_path(self.connection.client), float(options.get("lease_s", DEFAULT_LEASE_S)))
        self.owner = uuid.uuid4().hex
        self._held: dict[str, int] = {}
        self._held_lock = threading.Lock()
        self._stopped = threading.Event()
        self._renewer: threading.Thread | None = None

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        self.messages.put(queue, dumps(message), self._get_message_priority(message))

    def _get(self, queue: str, timeout: float | None = None) -> dict[str, Any]:
        taken = self.messages.take(queue, self.owner)
        if taken is None:
            raise Empty
        identifier, body, tries = taken
        # kombu keys unacknowledged messages by this tag; a fresh one per delivery keeps a late acknowledgement of an older delivery apart.
        tag = f"{identifier}.{tries}.{self.owner}"
        try:
            message: dict[str, Any] = loads(body)
            message["properties"]["delivery_tag"] = tag
            message["headers"]["tries"] = tries
        except (ValueError, TypeError, KeyError, RecursionError) as error:  # damage, or a release to come: others go on meanwhile
            is_parked = tries >= MAX_TRIES and self.messages.park(identifier, self.owner)
            log.error("Message %s cannot be read%s: %s", identifier, " and is put aside" if is_parked else "", error)
            raise Empty from error
        with self._held_lock:
            self._held[tag] = identifier
        self._start_renewing()
        return message

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        self._let_go(delivery_tag, delete=True)
        super().basic_ack(delivery_tag, multiple)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        self._let_go(delivery_tag, delete=not requeue)
        self.qos.ack(delivery_tag)  # kombu's own reject would put a second copy into the queue

    def basic_consume(self, queue: str, no_ack: bool, *args: Any, **kwargs: Any) -> Any:
        return super().basic_consume(queue, False if no_ack is None else no_ack, *args, **kwargs)

    def close(self) -> None:
        self._stopped.set()
        with self._held_lock:
            tags = list(self._held)
        for tag in tags:
            self._let_go(tag, delete=False)
        super().close()
        self.messages.close()

    def _let_go(self, tag: str, *, delete: bool) -> None:
        with self._held_lock:
            identifier = self._held.pop(tag, None)
        if identifier is None:
            return
        held = self.messages.delete(identifier, self.owner) if delete else self.messages.release(identifier, self.owner)
        if not held:
            log.warning("Message %s was taken over by another worker while its task ran.", identifier)

    def _start_renewing(self) -> None:
        if self._renewer is None or not self._renewer.is_alive():
            self._renewer = threading.Thread(target=self._renew, name="omniscript-broker-lease", daemon=True)
            self._renewer.start()

    def _renew(self) -> None:
        while not self._stopped.wait(self.messages.lease_s / 3):
            with self._held_lock:
                identifiers = list(self._held.values())
            if not identifiers:
                continue
            try:
                self.messages.renew(identifiers, self.owner)
            except sqlite3.Error as error:  # tried again in a third of a lease
                log.warning("Message leases could not be renewed: %s", error)

    def _size(self, queue: str) -> int:
        return self.messages.size(queue)

    def _purge(self, queue: str) -> int:
        return self.messages.purge(queue)

    def _delete(self, queue: str, *args: Any, **kwargs: Any) -> None:
        self.messages.purge(queue)

    def _has_queue(self, queue: str, **kwargs: Any) -> bool:
        return True


class Transport(virtual.Transport):
    """kombu's entry point. Errors of SQLite count as connection errors, so that Celery reconnects."""

    Channel = Channel
    driver_type = "sqlite"
    driver_name = "omniscript-db"
    polling_interval = POLLING_INTERVAL_S
    default_port = None
    connection_errors = (*base.Transport.connection_errors, sqlite3.OperationalError, OSError)
    channel_errors = (*base.Transport.channel_errors, sqlite3.DatabaseError)
    implements = virtual.Transport.implements.extend(asynchronous=False, exchange_type=frozenset(["direct"]), heartbeats=False)

    @property
    def default_connection_params(self) -> dict[str, Any]:
        return {"hostname": None, "port": None}

    def driver_version(self) -> str:
        return sqlite3.sqlite_version


def _path(client: Any) -> Path:
    """The file of ``omniscript-db:////absolute/path`` (three slashes: relative to the working directory)."""
    return Path(client.virtual_host)
