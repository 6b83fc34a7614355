"""``omniscript collections list|create|set-writer``: films that belong together, and who writes their scripts."""

from __future__ import annotations

import click

from omniscript_mam.viewer import cli_viewer

from .common import output_options, print_json, say, start_django


@click.group(name="collections")
def command() -> None:
    """List or make collections, and choose their writers."""


@command.command(name="list")
@output_options
def list_collections(as_json: bool, quiet: bool) -> int:
    """All collections with their writers."""
    start_django()
    from omniscript_mam import wire
    from omniscript_mam.selectors.collections import collections

    rows = collections(cli_viewer())
    if as_json:
        print_json([wire.collection_wire(row) for row in rows])
        return 0
    for row in rows:
        click.echo(f"{row.id[:8]}  {row.num_assets:>5} films  {row.writer or 'the default writer':<20}  {row.name}")
    if not rows:
        say("There are no collections.", quiet=quiet)
    return 0


@command.command()
@click.argument("name")
@click.option("--writer", default="", help="Who writes its scripts; default: OMNISCRIPT_WRITER.")
@click.option("--description", default="")
@output_options
def create(name: str, writer: str, description: str, as_json: bool, quiet: bool) -> int:
    """Make a collection."""
    start_django()
    from omniscript_mam.services.archive.collections import create_collection

    made = create_collection(cli_viewer(), name, description=description, writer=writer)
    if as_json:
        print_json({"id": str(made.id), "name": made.name, "writer": made.writer})
    else:
        say(f"Made “{made.name}”.", quiet=quiet)
        _say_of_writer(made.writer, quiet=quiet)
    return 0


@command.command(name="set-writer")
@click.argument("collection")
@click.argument("writer")
@output_options
def set_writer(collection: str, writer: str, as_json: bool, quiet: bool) -> int:
    """Choose the WRITER of a COLLECTION's next scripts ("default": the installation's). Scripts that are there stay."""
    start_django()
    from omniscript_mam.selectors.collections import find_collection
    from omniscript_mam.services.archive.collections import update_collection

    viewer = cli_viewer()
    changed = update_collection(viewer, find_collection(viewer, collection).id, writer="" if writer == "default" else writer)
    if as_json:
        print_json({"id": str(changed.id), "name": changed.name, "writer": changed.writer})
    else:
        say(f"“{changed.name}” is written by {changed.writer or 'the default writer'} from now on.", quiet=quiet)
        _say_of_writer(changed.writer, quiet=quiet)
    return 0


def _say_of_writer(name: str, *, quiet: bool) -> None:
    """What one should know before a night of ingest: the writer cannot work here yet, or footage leaves the house."""
    from omniscript_mam.selectors.writers import writer_card

    card = writer_card(cli_viewer(), name)
    if card is not None and card.sent_to:
        say(f"Note: footage is sent to {card.sent_to}.", quiet=quiet)
    if card is not None and not card.ready:
        say(f"Note: {card.problem}\n  {card.remedy}", quiet=quiet)
