"""The Celery application. A message only wakes a worker: the Job row is the truth (see :mod:`omniscript_mam.services.leases`).

Two queues: ``ingest`` (long, one at a time) and ``index`` (short: a correction is searchable while an hour-long ingest runs).

Acknowledgement: late on the embedded queue, whose leases are renewed while a task runs, so that a killed worker's message comes
back. Early on Redis and RabbitMQ, which redeliver (or close the connection) when a task outlasts their time limits; there the
job's own lease brings the work back.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_ready, worker_shutting_down

from omniscript_mam.tasks.transport import SCHEME, register

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omniscript_mam.config.settings")
register()

app = Celery("omniscript")


def queue_name(name: str) -> str:
    """The broker's name of the queue ``ingest`` or ``index``."""
    from django.conf import settings

    return f"{settings.OMNISCRIPT_QUEUE_PREFIX}{name}"


def _transport_options(url: str) -> dict[str, Any]:
    from django.conf import settings

    if url.startswith(SCHEME):
        return {"lease_s": settings.OMNISCRIPT_LEASE_S}
    if url.startswith("redis") and settings.OMNISCRIPT_QUEUE_PREFIX:
        return {"global_keyprefix": settings.OMNISCRIPT_QUEUE_PREFIX}
    return {}


@app.on_configure.connect
def _configure(sender: Celery, **_: Any) -> None:
    from django.conf import settings

    url: str = settings.OMNISCRIPT_BROKER_URL
    embedded = url.startswith(SCHEME)
    sender.conf.update(
        broker_url=url,
        broker_connection_retry_on_startup=True,
        broker_heartbeat=0,  # the solo pool cannot answer heartbeats while a task runs
        broker_transport_options=_transport_options(url),
        task_acks_late=embedded,
        task_reject_on_worker_lost=embedded,
        task_ignore_result=True,
        task_default_queue=queue_name("ingest"),
        task_routes={"omniscript.index": {"queue": queue_name("index")}},
        task_publish_retry=False,
        task_serializer="json",
        accept_content=["json"],
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_send_task_events=False,
        worker_hijack_root_logger=False,
        include=["omniscript_mam.tasks.jobs"],
    )


@setup_logging.connect
def _keep_django_logging(**_: Any) -> None:
    """Connected so that Celery leaves the logging that Django configured alone."""


@worker_ready.connect
def _start_reaper(**_: Any) -> None:
    from omniscript_mam.tasks.reaper import start

    start()


@worker_shutting_down.connect
def _stop_reaper(**_: Any) -> None:
    from omniscript_mam.tasks.reaper import stop

    stop()
