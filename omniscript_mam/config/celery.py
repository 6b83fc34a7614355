"""The Celery application. A message only wakes a worker: the Job row is the truth (see :mod:`omniscript_mam.services.jobs.leases`).

Two queues: ``ingest`` (long, one at a time) and ``index`` (short: a correction is searchable while an hour-long ingest runs). How it is
configured is in :mod:`.celery_settings`, read when the application is first used.
"""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging, worker_ready, worker_shutting_down

from omniscript_mam.messaging.transport import register

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omniscript_mam.config.settings")
register()

app = Celery("omniscript")
app.config_from_object("omniscript_mam.messaging.celery_settings")


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
