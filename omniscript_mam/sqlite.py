"""SQLite as a site opens it, in the processes of ours that work beside others.

The problem: Django's defaults begin a transaction without the write lock. One that reads and then writes fails at once with "database
is locked" if another process wrote in between, and a worker shares the file with the web process and with other workers. Our own project
says ``IMMEDIATE`` in its options, and the check ``omniscript.W003`` asks a site to; a site that did not still has to get its scripts. So a
worker and the command line take the lock at the start and wait for it. The site's web process is left as the site set it up, and so is
what the site set itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

BUSY_TIMEOUT_MS = 30_000
"""As in our own project's options."""


def tell_read_only() -> None:
    """From now on a write to a database in a folder that cannot be written says so (:class:`omniscript_mam.errors.ReadOnlyError`)."""
    connection_created.connect(_be_frank, dispatch_uid="omniscript.read_only")


def _be_frank(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.vendor == "sqlite" and "mode=ro" in str(connection.settings_dict["NAME"]) and _told not in connection.execute_wrappers:
        connection.execute_wrappers.append(_told)


def _told(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
    from omniscript_mam.errors import ReadOnlyError

    try:
        return execute(sql, params, many, context)
    except OperationalError as error:
        if "readonly database" in str(error):
            raise ReadOnlyError from error
        raise


def wait_for_the_lock() -> None:
    """From now on connections of this process wait for SQLite's write lock at the start of a transaction."""
    connection_created.connect(_be_patient, dispatch_uid="omniscript.sqlite")
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()


def _be_patient(connection: BaseDatabaseWrapper, **_: Any) -> None:
    options = connection.settings_dict.get("OPTIONS", {})
    if connection.vendor != "sqlite" or "transaction_mode" in options:
        return
    connection.transaction_mode = "IMMEDIATE"  # type: ignore[attr-defined]
    if "timeout" not in options:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
