"""What the commands share: Django with a database that is up to date, output in three modes, progress on standard error."""

from __future__ import annotations

import fcntl
import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import click

from .output import echo, plain, print_json

__all__ = [
    "Show",
    "is_own_project",
    "migrate",
    "output_options",
    "print_json",
    "progress_bar",
    "quiet_libraries",
    "say",
    "start_django",
    "use_settings",
]

Show = Callable[[float, str], None]
OWN_SETTINGS = "omniscript_mam.config.settings"


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds ``--json`` and ``--quiet`` (arguments ``as_json``, ``quiet``)."""
    command = click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(command)
    return click.option("--quiet", "-q", is_flag=True, help="Print only the result.")(command)


def use_settings() -> None:
    """Make the settings readable, without applications or a database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", OWN_SETTINGS)


def is_own_project() -> bool:
    """False inside a site that the app was added to (``manage.py omniscript``): its database and its server are not ours to run."""
    return os.environ.get("DJANGO_SETTINGS_MODULE", OWN_SETTINGS) == OWN_SETTINGS


def start_django(*, log_level: str = "WARNING") -> None:
    """Load Django and bring the database up to date; safe when several processes start at once. A site's database is only looked at."""
    use_settings()
    os.environ.setdefault("OMNISCRIPT_LOG_LEVEL", log_level)
    import django
    from django.core.exceptions import ImproperlyConfigured

    from omniscript_mam.errors import SettingError

    try:
        django.setup()
    except ImproperlyConfigured as error:  # such as a database whose driver is not installed
        reason = (str(error).strip().splitlines() or ["no reason given"])[0].rstrip(".")
        raise SettingError(f"The settings cannot be used: {reason}.", remedy="Correct the setting, or install what it needs.") from error
    from omniscript_mam.sqlite import wait_for_the_lock

    wait_for_the_lock()
    migrate()


def migrate() -> None:
    """Apply migrations that are not applied yet, in our own project; a site applies them itself.

    Raises:
        ReadOnlyError: the data folder cannot be written, and the database is of another version.
        DatabaseDownError: the database does not answer, or a site's has not the tables of this version.
    """
    from django.core.management import call_command
    from django.db import DatabaseError, connection
    from django.db.migrations.executor import MigrationExecutor

    from omniscript_mam import storage
    from omniscript_mam.errors import DatabaseDownError, ReadOnlyError

    try:
        if storage.is_read_only():
            if MigrationExecutor(connection).migration_plan(MigrationExecutor(connection).loader.graph.leaf_nodes()):
                raise ReadOnlyError("The data folder cannot be written, and its database has not the tables of this version.")
            return
        with (storage.folder("") / "migrate.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            executor = MigrationExecutor(connection)
            wanted = [leaf for leaf in executor.loader.graph.leaf_nodes() if is_own_project() or leaf[0] == "omniscript_mam"]
            is_behind = bool(executor.migration_plan(wanted))
            if is_behind and not is_own_project():
                raise DatabaseDownError("The database has not the tables of this version.", remedy="Run `python manage.py migrate`.")
            if is_behind:
                call_command("migrate", verbosity=0, interactive=False)
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise DatabaseDownError(f"The database does not answer: {reason}.") from error


def say(message: str, *, quiet: bool = False) -> None:
    """A line for people, on standard error."""
    if not quiet:
        echo(message, err=True)


@contextmanager
def progress_bar(title: str, *, quiet: bool = False) -> Iterator[Show]:
    """A bar on a terminal, a line per new message elsewhere, nothing when quiet. Yields ``show(share 0..1, message)``."""
    if quiet:
        yield lambda share, message: None
    elif sys.stderr.isatty():
        with _bar(title) as show:
            yield show
    else:
        yield _lines(title)


@contextmanager
def _bar(title: str) -> Iterator[Show]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.fields[title]}", style="bold", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", markup=False),
    )
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=False) as bar:
        task = bar.add_task("", title=plain(title)[:40], total=1.0)
        yield lambda share, message: bar.update(task, completed=share, description=plain(message)[:60])


def _lines(title: str) -> Show:
    last = ""

    def show(share: float, message: str) -> None:
        nonlocal last
        if message and message != last:
            last = message
            echo(f"{title}: {100 * share:3.0f}% {message}", err=True)

    return show


def quiet_libraries() -> None:
    """Silence what model libraries print about themselves; warnings stay."""
    logging.getLogger("faster_whisper").setLevel(logging.WARNING)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("GLOG_minloglevel", "2")
