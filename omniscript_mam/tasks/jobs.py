"""The Celery tasks: thin over the services. A task that comes twice, late or in vain does no harm."""

from __future__ import annotations

import logging

from celery import shared_task

from omniscript_mam.viewer import SYSTEM

log = logging.getLogger(__name__)


@shared_task(name="omniscript.ingest")
def run_job(job_id: str) -> None:
    """Do a job, if it is free."""
    from omniscript_mam.services.jobs.running import run

    run(job_id)


@shared_task(name="omniscript.segments")
def help_with_segments(job_id: str) -> None:
    """Write segments of a job that another worker holds, while there are free ones."""
    from omniscript_mam.services.jobs.running import help_with

    help_with(job_id)


@shared_task(name="omniscript.index")
def index() -> None:
    """Bring the search index to what the database says."""
    from omniscript_mam.services.search.indexing import index_pending
    from search import SearchError

    try:
        index_pending(SYSTEM)
    except SearchError as error:  # what waits still waits, and is tried again within a minute
        log.warning("The index could not be brought up to date: %s %s", error, error.remedy)
