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

from omniscript_mam.conf import conf
from omniscript_mam.sqlite import wait_for_the_lock
from omniscript_mam.viewer import SYSTEM

log = logging.getLogger(__name__)

INDEX_EVERY_S = 60.0
"""Least time between two messages about the index, so that they do not pile up where nobody takes them."""

NEVER_S = float("-inf")

TIDY_EVERY_S = 3600.0

_stop = threading.Event()
_tidied_s = float("-inf")
_index_woken_s = NEVER_S
_verified_s = float("-inf")
"""When this worker last asked for the whole index to be read."""

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
    from omniscript_mam.services.jobs import reaping, workers

    workers.show_life()
    try:
        return reaping.reap()
    finally:
        _wake_index()


def _wake_index() -> None:
    """Ask for the index to be brought up to date where it is behind, and for all of it to be read where that is due."""
    from omniscript_mam.services import publishing
    from omniscript_mam.services.search.mending import is_behind

    global _index_woken_s, _verified_s
    now_s = time.monotonic()
    if now_s - _index_woken_s < INDEX_EVERY_S:
        return
    is_due = now_s - _verified_s >= conf.index_verify_s
    if is_due or is_behind(SYSTEM):
        _index_woken_s = now_s
        _verified_s = now_s if is_due else _verified_s
        publishing.wake_for_index()


def _look_forever() -> None:
    while True:
        for part in (_leave_when_abandoned, _tidy_up, look, connection.close):
            try:
                part()
            except Exception as error:  # whatever it is: a thread that ends here leaves every lapsed job asleep
                is_known = isinstance(error, DatabaseError | OSError)
                log.warning("Looking for lapsed jobs failed, it is tried again: %s", error, exc_info=not is_known)
        if _stop.wait(_pause_s()):
            return


def _leave_when_abandoned() -> None:
    if _is_abandoned is not None and _is_abandoned():
        log.warning("The supervisor is gone; this worker stops.")
        os.kill(os.getpid(), signal.SIGTERM)


def _tidy_up() -> None:
    from omniscript_mam.services.archive.arrivals import remove_stale_uploads

    global _tidied_s
    if time.monotonic() - _tidied_s > TIDY_EVERY_S:
        _tidied_s = time.monotonic()
        remove_stale_uploads()


def _pause_s() -> float:
    try:
        return conf.lease_s / 3
    except Exception as error:  # noqa: BLE001 - settings that cannot be read just now do not end the thread either
        log.warning("The settings cannot be read: %s", error)
        return 10.0
