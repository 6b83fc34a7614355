"""``omniscript ingest PATH…``: files and folders into the archive, each to a script.

A running worker does the work and this command shows its progress; without one the work is done here. A film that is in the archive
already is not done again; one that failed or was cancelled goes on where it stopped.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from omniscript_mam.viewer import cli_viewer

from .common import output_options, print_json, progress_bar, quiet_libraries, say, start_django
from .output import echo, styled

if TYPE_CHECKING:
    from omniscript_mam.models import Asset, Job
    from omniscript_mam.viewer import Viewer

SUFFIXES = frozenset(
    ".3gp .aac .aif .aiff .avi .dv .flac .flv .m2ts .m4a .m4v .mka .mkv .mov .mp3 .mp4 .mpeg .mpg .mts .mxf .oga .ogg .ogv .opus .ts .vob "
    ".wav .webm .wma .wmv".split()
)
"""Which files of a folder are taken. A file that is named itself is always tried."""

POLL_S = 0.5


@click.command(name="ingest")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--title", default="", help="Title in the catalogue; for one file.")
@click.option("--language", "languages", multiple=True, help="A language that is spoken (en, zh …); may be given several times.")
@click.option("--writer", default="", help="Which writer; default: OMNISCRIPT_WRITER.")
@click.option("--collection", default="", help="Name or id of the collection that new films go into.")
@click.option("--again", is_flag=True, help="Write the script again, even if there is one.")
@click.option("--detach", is_flag=True, help="Leave the work to a worker and return at once.")
@output_options
def command(
    paths: tuple[Path, ...],
    title: str,
    languages: tuple[str, ...],
    writer: str,
    collection: str,
    again: bool,
    detach: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Take films into the archive and write their scripts."""
    files = _files(paths)
    if title and len(files) != 1:
        raise click.UsageError("--title is for one file.")
    start_django()
    quiet_libraries()
    options: dict[str, Any] = {"languages": list(languages)} if languages else {}
    if writer:
        options["writer"] = writer
    quiet = quiet or as_json
    into = _collection_id(collection)
    rows = [_ingest(path, title, options, into, again=again, detach=detach, quiet=quiet) for path in files]
    if as_json:
        print_json(rows)
    elif not quiet:
        _print_end(rows)
    return _code(rows)


def _collection_id(wanted: str) -> str | None:
    from omniscript_mam.selectors.collections import find_collection

    return str(find_collection(cli_viewer(), wanted).id) if wanted else None


def _files(paths: tuple[Path, ...]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(file for file in path.rglob("*") if file.suffix.lower() in SUFFIXES and file.is_file())
            files += [file for file in inside if not any(part.startswith(".") for part in file.relative_to(path).parts)]
        else:
            files.append(path)
    if not files:
        raise click.UsageError("There are no media files in these folders.")
    return list(dict.fromkeys(files))


def _ingest(path: Path, title: str, options: dict[str, Any], into: str | None, *, again: bool, detach: bool, quiet: bool) -> dict[str, Any]:
    """Do one file; its row says how it ended. An error of one file does not stop the others."""
    from omniscript_mam.errors import AppError, describe
    from omniscript_mam.services.archive import assets, sidecars
    from omniscript_mam.services.archive.names import already_here

    viewer = cli_viewer()
    row: dict[str, Any] = {"path": str(path), "asset": "", "title": "", "created": False, "state": "failed"}
    try:
        asset, created = assets.register_upload(viewer, path, path.name, title=title, options=options, collection=into)
        for name in sidecars.attach_beside(viewer, asset, path):
            say(f"With its subtitles {name}.", quiet=quiet)
        job = _queued(viewer, asset, options, created=created, again=again)
    except AppError as error:
        described = describe(error)
        return {**row, "error_code": described.code, "error": described.message, "remedy": described.remedy}
    row |= {"asset": str(asset.id), "title": asset.title, "created": created}
    if not created and not again and job.state == "done":
        say(already_here(asset, path.name), quiet=quiet)
    elif not detach:
        _finish(asset, job, quiet=quiet)
    job.refresh_from_db()
    asset.essence.refresh_from_db()
    row["notes"] = list(asset.essence.media_info.get("notes", []))
    return row | {"job": str(job.id), "state": job.state, "error_code": job.error_code, "error": job.error, "remedy": job.remedy}


def _queued(viewer: Viewer, asset: Asset, options: dict[str, Any], *, created: bool, again: bool) -> Job:
    from omniscript_mam.services.archive import assets
    from omniscript_mam.services.jobs import ingest

    if options and not created and (again or asset.jobs.order_by("-created_at").values_list("state", flat=True).first() != "done"):
        assets.change_options(viewer, asset, options)
    return ingest.rerun(viewer, asset) if again and not created else ingest.enqueue(viewer, asset)


def _finish(asset: Asset, job: Job, *, quiet: bool) -> None:
    """See the job through: here when no worker lives, else by watching the worker."""
    from omniscript_mam.services.jobs import ingest, running, workers

    with progress_bar(asset.title, quiet=quiet) as show:
        try:
            while job.is_active:
                if not workers.has_live_worker():
                    running.run(job.id, show)
                else:
                    time.sleep(POLL_S)
                job.refresh_from_db()
                show(job.progress, job.message)
                if job.is_active and job.state == "running" and not workers.has_live_worker():
                    time.sleep(POLL_S)  # a lease of a dead worker has to lapse first
        except KeyboardInterrupt:
            if sys.stderr.isatty():
                say("Stopped. `omniscript ingest` of the same file goes on from here.")
            if not workers.has_live_worker():
                ingest.cancel(cli_viewer(), job)
            raise


def _print_end(rows: list[dict[str, Any]]) -> None:
    for row in rows:
        name = row["title"] or row["path"]
        for note in row.get("notes", []):
            say(f"Note on “{name}”: {note}")
        if row["state"] == "failed":
            echo(styled("failed", fg="red"), f"  {name}: {row['error']}", err=True)
            echo("        ", row["remedy"], err=True)
        else:
            degraded = bool(row["state"] == "done" and row.get("error"))
            echo(f"{'done by lite' if degraded else row['state']:<7} {row['asset'][:8]}  {name}")
            if degraded:
                echo("        ", row["error"], err=True)
                echo("        ", row["remedy"], err=True)


def _code(rows: list[dict[str, Any]]) -> int:
    failed = [row for row in rows if row["state"] in ("failed", "cancelled")]
    if not failed:
        return 0
    missing = [row for row in failed if str(row.get("error_code", "")).startswith(("weights", "program"))]
    return 4 if len(missing) == len(failed) else 1
