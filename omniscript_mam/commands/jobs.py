"""``omniscript jobs``: what is waiting, running and finished; cancel or retry one."""

from __future__ import annotations

import click

from omniscript_mam.viewer import cli_viewer

from .common import output_options, print_json, say, start_django
from .output import echo


@click.command(name="jobs")
@click.option("--retry", "retry_id", default="", metavar="ID", help="Go on with a failed or cancelled job.")
@click.option("--cancel", "cancel_id", default="", metavar="ID", help="Stop a job; what is finished is kept.")
@click.option("--retry-segments", "film", default="", metavar="FILM", help="Ask a film's writer again for what another one wrote.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@output_options
def command(retry_id: str, cancel_id: str, film: str, limit: int, as_json: bool, quiet: bool) -> int:
    """List jobs, newest first; cancel or retry one."""
    start_django()
    from omniscript_mam import wire
    from omniscript_mam.selectors import jobs, library
    from omniscript_mam.services.jobs import ingest, workers

    viewer = cli_viewer()
    if sum(map(bool, (retry_id, cancel_id, film))) > 1:
        raise click.UsageError("Give one of --retry, --cancel and --retry-segments.")
    if film:
        retry_id = str(ingest.retry_segments(viewer, library.find_asset(viewer, film)).id)
    if retry_id:
        job = ingest.retry(viewer, jobs.find_job(viewer, retry_id))
        say(f"Job {str(job.id)[:8]} is {job.state}.", quiet=quiet)
        if not workers.has_live_worker():
            say("No worker is running: start `omniscript serve` or `omniscript worker`.", quiet=quiet)
    if cancel_id:
        job = ingest.cancel(viewer, jobs.find_job(viewer, cancel_id))
        say(f"Job {str(job.id)[:8]} is {job.shown_state}.", quiet=quiet)
    if retry_id or cancel_id:
        if as_json:
            print_json(wire.job_wire(jobs.job_row(viewer, job)))
        return 0
    rows = jobs.jobs(viewer, limit=limit).rows
    if as_json:
        print_json([wire.job_wire(row) for row in rows])
        return 0
    for row in rows:
        state = "done by lite" if row.is_degraded else row.state
        echo(f"{row.id[:8]}  {state:<12}  {row.percent:3d}%  {row.title}{'  ' + row.message if row.is_active and row.message else ''}")
        if row.error:
            echo("          ", row.error)
            echo("          ", row.remedy)
    if not rows:
        say("There are no jobs.", quiet=quiet)
    return 0
