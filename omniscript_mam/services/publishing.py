"""Sends the messages that wake a worker. A message that is lost or comes twice does no harm: rows are the truth."""

from __future__ import annotations

import logging
import uuid

from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from omniscript_mam.errors import BrokerError
from omniscript_mam.messaging.application import application
from omniscript_mam.models import Job

log = logging.getLogger(__name__)


def wake_for_job(job_id: uuid.UUID) -> None:
    """Send a message for a job once the present transaction is committed."""
    transaction.on_commit(lambda: _send_job(job_id))


def wake_for_index() -> None:
    """Send a message that something waits to be indexed, once the present transaction is committed."""
    transaction.on_commit(_send_index)


def wake_for_segments(job_id: uuid.UUID, num_workers: int) -> None:
    """Ask up to ``num_workers`` idle workers to help with the segments of a job."""
    for _ in range(num_workers):
        transaction.on_commit(lambda: _send_segments(job_id))


def check_broker() -> None:
    """Open the broker.

    Raises:
        BrokerError: it does not answer.
    """
    try:
        with application().connection_for_write(connect_timeout=3) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
    except (OperationalError, OSError) as error:
        raise BrokerError(f"The message broker does not answer: {error}.") from error


def _send_job(job_id: uuid.UUID) -> None:
    if _send("omniscript.ingest", str(job_id)):
        Job.objects.filter(id=job_id).update(published_at=timezone.now())


def _send_segments(job_id: uuid.UUID) -> None:
    _send("omniscript.segments", str(job_id))


def _send_index() -> None:
    _send("omniscript.index")


def _send(task: str, *arguments: str) -> bool:
    try:
        application().signature(task, args=arguments).apply_async()  # by name: whoever takes it knows what the task does
    except Exception as error:  # noqa: BLE001 - whatever the broker has: the row is the truth, and the reaper sends again
        log.warning("The broker does not answer (%s); the worker finds the work when it looks for lapsed jobs.", error)
        return False
    return True
