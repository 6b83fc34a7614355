"""A thread of every worker: shows that a worker lives, wakes jobs whose worker died or whose message was lost, and the index likewise.

Celery's own signals start and stop it, in a worker of ours or of the site that we are added to.
"""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

from celery.signals import worker_ready, worker_shutting_down
from django.db import DatabaseError, connection
from django.db.models import F

from omniscript_mam.conf import conf
from omniscript_mam.sqlite import wait_for_the_lock
from omniscript_mam.viewer import SYSTEM

log = logging.getLogger(__name__)

INDEX_EVERY_S = 60.0
"""Least time between two messages about the index, so that they do not pile up where nobody takes them."""

NEVER_S = float("-inf")

_stop = threading.Event()
_index_woken_s = NEVER_S
_is_abandoned: Callable[[], bool] | None = None


def end_when(is_abandoned: Callable[[], bool]) -> None:
    """End this worker as soon as ``is_abandoned`` says so; asked at every look."""
    global _is_abandoned
    _is_abandoned = is_abandoned


@worker_ready.connect
def start(**_: Any) -> None:
    """Start the thread; it looks at once and then every third of a lease."""
    wait_for_the_lock()
    _stop.clear()
    threading.Thread(target=_look_forever, name="omniscript-reaper", daemon=True).start()


@worker_shutting_down.connect
def stop(**_: Any) -> None:
    """End the thread, and let running jobs go back to the queue at their next report."""
    from omniscript_mam.services.jobs import running, workers

    _stop.set()
    running.stopping.set()
    workers.worker_stamp().unlink(missing_ok=True)


def look() -> int:
    """Look once; returns how many jobs got a message."""
    from omniscript_mam.models import IndexEntry
    from omniscript_mam.services import publishing
    from omniscript_mam.services.jobs import reaping, workers

    workers.worker_stamp().touch()
    num_jobs = reaping.reap()
    global _index_woken_s
    if time.monotonic() - _index_woken_s < INDEX_EVERY_S:
        return num_jobs
    waiting = IndexEntry.objects.filter(wanted__gt=0)
    if _index_woken_s > NEVER_S:  # the first time all are looked at: this worker may be of a release that indexes in another way
        waiting = waiting.exclude(indexed=F("wanted"), generation__gt="")
    if waiting.exclude(asset__jobs__state="running").exists():
        _index_woken_s = time.monotonic()
        publishing.wake_for_index()
    return num_jobs


def _look_forever() -> None:
    from omniscript_mam.services.archive.assets import remove_stale_uploads

    remove_stale_uploads(SYSTEM)
    while True:
        if _is_abandoned is not None and _is_abandoned():
            log.warning("The supervisor is gone; this worker stops.")
            os.kill(os.getpid(), signal.SIGTERM)
        try:
            look()
        except (DatabaseError, OSError) as error:
            log.warning("Looking for lapsed jobs failed, it is tried again: %s", error)
        finally:
            connection.close()
        if _stop.wait(conf.lease_s / 3):
            return
