"""``omniscript index verify|rebuild``: prove that database and search index agree; build the index anew."""

from __future__ import annotations

from dataclasses import asdict

import click

from omniscript_mam.viewer import cli_viewer

from .common import output_options, print_json, progress_bar, say, start_django


@click.group(name="index")
def command() -> None:
    """Verify or rebuild the search index."""


@command.command()
@output_options
def verify(as_json: bool, quiet: bool) -> int:
    """Compare database and index: exit code 1 if they differ."""
    start_django()
    from omniscript_mam.services.search.indexing import verify as compare

    comparison = compare(cli_viewer())
    if as_json:
        print_json({**asdict(comparison), "agrees": comparison.agrees})
    else:
        for name in ("missing", "stale", "orphan"):
            for identifier in getattr(comparison, name):
                click.echo(f"{name:<8} {identifier}")
        end = "Database and index agree" if comparison.agrees else "Database and index differ; `omniscript index rebuild` repairs it"
        say(f"{end} ({comparison.num_assets} assets, {comparison.num_records} records).", quiet=quiet)
    return 0 if comparison.agrees else 1


@command.command()
@output_options
def rebuild(as_json: bool, quiet: bool) -> int:
    """Build the index anew from the database, beside the old one, and swap it in."""
    start_django()
    from omniscript_mam.services.search.indexing import reindex

    with progress_bar("Index", quiet=quiet or as_json) as show:
        num_assets = reindex(cli_viewer(), report=show)
    if as_json:
        print_json({"num_assets": num_assets})
    else:
        say(f"Indexed {num_assets} assets.", quiet=quiet)
    return 0
