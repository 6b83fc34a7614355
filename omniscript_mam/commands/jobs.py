"""``omniscript jobs``: what is waiting, running and finished; cancel or retry one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omniscript_mam.viewer import cli_viewer

from .common import output_options, print_json, say, start_django
from .output import echo

if TYPE_CHECKING:
    from omniscript_mam.selectors.jobs import JobDetail


@click.command(name="jobs")
@click.option("--retry", "retry_id", default="", metavar="ID", help="Go on with a failed or cancelled job.")
@click.option("--cancel", "cancel_id", default="", metavar="ID", help="Stop a job; what is finished is kept.")
@click.option("--retry-segments", "film", default="", metavar="FILM", help="Ask a film's writer again for what another one wrote.")
@click.option(
    "--segments", "shown_id", default="", metavar="ID", help="Who wrote each segment of a job, and what was changed of what it said."
)
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1000))
@output_options
def command(retry_id: str, cancel_id: str, film: str, shown_id: str, limit: int, as_json: bool, quiet: bool) -> int:
    """List jobs, newest first; cancel or retry one, or look at its segments."""
    start_django()
    from omniscript_mam import wire
    from omniscript_mam.selectors import jobs, library
    from omniscript_mam.services.jobs import ingest, workers

    viewer = cli_viewer()
    if sum(map(bool, (retry_id, cancel_id, film, shown_id))) > 1:
        raise click.UsageError("Give one of --retry, --cancel, --retry-segments and --segments.")
    if shown_id:
        detail = jobs.job_detail(viewer, jobs.find_job(viewer, shown_id).id)
        if as_json:
            print_json(wire.job_detail_wire(detail))
        else:
            _print_segments(detail)
        return 0
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


def _print_segments(detail: JobDetail) -> None:
    """Each segment: when, who wrote it, why not who was asked, how much was borne out, and everything that was changed."""
    from omniscript_mam.repairs import borne_out, repair_lines

    for row in detail.segments:
        by = " ".join(part for part in (row.writer, row.writer_version) if part) if row.state == "done" else ""
        echo(f"{row.index + 1:4d}  {row.start_s:8.1f} – {row.end_s:.1f} s  {row.state:<10}  {by}".rstrip())
        for text in (row.fault, borne_out(row.claims)):
            if text:
                echo("      ", text)
        for line in repair_lines(row.repairs):
            echo("      -", " ".join(part for part in (f"{line.what}:" if line.detail else line.what, line.place, line.detail) if part))
