"""The Celery tasks: thin over the services. A task that comes twice, late or in vain does no harm."""

from __future__ import annotations

from celery import shared_task


@shared_task(name="omniscript.ingest")
def run_job(job_id: str) -> None:
    """Do a job, if it is free."""
    from omniscript_mam.services.running import run

    run(job_id)


@shared_task(name="omniscript.index")
def index() -> None:
    """Bring the search index to what the database says."""
    from omniscript_mam.services.indexing import index_pending

    index_pending()
