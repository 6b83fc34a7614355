"""``omniscript worker``: a Celery worker with the flags that this work needs."""

from __future__ import annotations

import click

from .common import quiet_libraries, start_django

QUEUES = ("ingest", "index")


@click.command(name="worker")
@click.option("--queues", default=",".join(QUEUES), show_default=True, help="Which queues to serve.")
@click.option("--pool", default="solo", show_default=True, type=click.Choice(["solo", "prefork", "threads"]))
@click.option("--concurrency", default=1, show_default=True, type=click.IntRange(1, 64), help="Jobs at a time, with prefork and threads.")
def command(queues: str, pool: str, concurrency: int) -> int:
    """Run a worker alone: it waits for jobs and does them. Ctrl-C stops it; its job goes on with the next worker."""
    wanted = [queue.strip() for queue in queues.split(",") if queue.strip()]
    unknown = sorted(set(wanted) - set(QUEUES))
    if unknown or not wanted:
        raise click.UsageError(f"--queues takes {' and '.join(QUEUES)}; not {', '.join(unknown) or 'nothing'}.")
    start_django(log_level="INFO")
    quiet_libraries()
    from omniscript_mam import storage
    from omniscript_mam.errors import AppError, ReadOnlyError
    from omniscript_mam.messaging.application import application, own_application
    from omniscript_mam.messaging.celery_settings import queue_name
    from omniscript_mam.services.publishing import check_broker
    from omniscript_mam.tasks import reaper

    from .supervisor import is_orphan

    if storage.is_read_only():
        raise ReadOnlyError("The data folder cannot be written: there is nothing that a worker could do.")
    if application() is not own_application():
        raise AppError("The site's own Celery application takes our tasks.", remedy="Run its workers: celery -A <site> worker.")
    from omniscript_mam.config.celery import app  # not before: it becomes the process's default application

    check_broker()
    reaper.end_when(is_orphan)
    flags = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--hostname", f"{'-'.join(wanted)}@%h"]
    arguments = [
        "worker",
        "--pool",
        pool,
        "--concurrency",
        str(concurrency),
        "--queues",
        ",".join(map(queue_name, wanted)),
        "--loglevel",
        "INFO",
        *flags,
    ]
    app.worker_main(argv=arguments)
    return 0
