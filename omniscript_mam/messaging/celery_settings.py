"""The settings of our own Celery application, made from Django's.

Two queues: ``ingest`` (long, one at a time) and ``index`` (short: a correction is searchable while an hour-long ingest runs).

Acknowledgement: late on the embedded queue, whose leases are renewed while a task runs, so that a killed worker's message comes
back. Early on Redis and RabbitMQ, which redeliver (or close the connection) when a task outlasts their time limits; there the
job's own lease brings the work back.
"""

from __future__ import annotations

from urllib.parse import quote

from omniscript_mam.conf import conf

from .transport import SCHEME


def queue_name(name: str) -> str:
    """The broker's name of the queue ``ingest`` or ``index``."""
    return f"{conf.queue_prefix}{name}"


def _transport_options() -> dict[str, object]:
    if broker_url.startswith(SCHEME):
        return {"lease_s": conf.lease_s}
    if broker_url.startswith("redis") and conf.queue_prefix:
        return {"global_keyprefix": conf.queue_prefix}
    return {}


broker_url: str = conf.broker_url or f"{SCHEME}:///{quote(str(conf.data_dir / 'broker.sqlite3'))}"
broker_transport_options = _transport_options()
broker_connection_retry_on_startup = True
broker_heartbeat = 0
"""The solo pool cannot answer heartbeats while a task runs."""

task_acks_late = task_reject_on_worker_lost = broker_url.startswith(SCHEME)
task_ignore_result = True
task_publish_retry = False
task_default_queue = queue_name("ingest")
task_routes = {"omniscript.index": {"queue": queue_name("index")}}
task_serializer = "json"
accept_content = ["json"]
include = ["omniscript_mam.tasks"]

worker_prefetch_multiplier = 1
worker_enable_remote_control = False
worker_send_task_events = False
worker_hijack_root_logger = False
