"""``omniscript history ASSET``: the revisions of a script; compare two, bring an old one back, undo and redo."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .common import output_options, print_json, say, start_django

if TYPE_CHECKING:
    from omniscript_mam.wire.revisions import ChangeWire, ComparisonWire


@click.command(name="history")
@click.argument("asset")
@click.option("--compare", "pair", type=(int, int), metavar="BEFORE AFTER", help="Say what differs between two revisions.")
@click.option("--corrections", "wanted", flag_value="corrections", help="List what people corrected, what does not fit first.")
@click.option("--undo", "wanted", flag_value="undo", help="Take the last correction back.")
@click.option("--redo", "wanted", flag_value="redo", help="Do again what was undone last.")
@click.option("--restore", type=int, metavar="NUMBER", help="Make an old revision the current one again.")
@output_options
def command(asset: str, pair: tuple[int, int] | None, wanted: str | None, restore: int | None, as_json: bool, quiet: bool) -> int:
    """Show the history of an asset's script; the asset is named by id, the beginning of its id, or its title."""
    start_django()
    from omniscript_mam import wire
    from omniscript_mam.selectors import assets, revisions
    from omniscript_mam.selectors.library import find_asset
    from omniscript_mam.services.archive import correcting
    from omniscript_mam.viewer import cli_viewer

    viewer = cli_viewer()
    named = find_asset(viewer, asset)
    current = assets.current_revision(viewer, named.id)
    if wanted in ("undo", "redo") or restore is not None:
        if restore is not None:
            made = correcting.restore(viewer, named, restore, revision=current)
        else:
            made = (correcting.undo if wanted == "undo" else correcting.redo)(viewer, named, revision=current)
        if as_json:
            print_json(wire.undo_wire(made.number))
        else:
            say(f"Revision {made.number}: {made.note}", quiet=quiet)
    elif pair is not None:
        _print_comparison(wire.comparison_wire(*pair, revisions.compare_revisions(viewer, named.id, *pair)), as_json)
    elif wanted == "corrections":
        rows = wire.corrections_wire(revisions.correction_rows(viewer, named.id))
        if as_json:
            print_json(rows)
        for row in [] if as_json else rows["results"]:
            click.echo(f"{_line(row)}{'  NOT IN THE SCRIPT: ' + row['problem'] if row['problem'] else ''}")
    else:
        history = wire.history_wire(assets.revision_rows(viewer, named), revisions.steps_of(viewer, named.id))
        if as_json:
            print_json(history)
        for revision in [] if as_json else history["results"]:
            who = revision["author"] or f"{revision['writer']} {revision['writer_version']}".strip()
            click.echo(f"{revision['number']:>4}  {revision['created_at']:%Y-%m-%d %H:%M}  {who}  {revision['note']}".rstrip())
    return 0


def _print_comparison(comparison: ComparisonWire, as_json: bool) -> None:
    if as_json:
        print_json(comparison)
    for row in [] if as_json else comparison["results"]:
        click.echo(_line(row))


def _line(row: ChangeWire) -> str:
    what = f"{row['what']}, {row['field']}" if row["field"] else row["what"]
    return f"{what}: {row['before'] or '–'} → {row['after'] or '–'}" + (f"  ({row['by']})" if row["by"] else "")
