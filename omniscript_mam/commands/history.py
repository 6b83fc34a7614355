"""``omniscript history ASSET``: the revisions of a script; compare two, bring an old one back, undo and redo, decide corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .common import output_options, print_json, say, start_django
from .output import echo

if TYPE_CHECKING:
    from collections.abc import Callable

    from omniscript_mam.models import Asset, ScriptRevision
    from omniscript_mam.viewer import Viewer
    from omniscript_mam.wire.revisions import ChangeWire, ComparisonWire, CorrectionsWire, HistoryWire


@click.command(name="history")
@click.argument("asset")
@click.option("--compare", "pair", type=(int, int), metavar="BEFORE AFTER", help="Say what differs between two revisions.")
@click.option("--corrections", "wanted", flag_value="corrections", help="List what people corrected, what does not fit first.")
@click.option("--put", "place", type=(str, str), metavar="KEY PART", help="Put a correction that does not fit into a part of the script.")
@click.option("--give-up", "given_up", metavar="KEY", help="Give a correction up that does not fit.")
@click.option("--undo", "wanted", flag_value="undo", help="Take the last correction back.")
@click.option("--redo", "wanted", flag_value="redo", help="Do again what was undone last.")
@click.option("--restore", type=int, metavar="NUMBER", help="Make an old revision the current one again.")
@output_options
def command(
    asset: str,
    pair: tuple[int, int] | None,
    wanted: str | None,
    place: tuple[str, str] | None,
    given_up: str | None,
    restore: int | None,
    as_json: bool,
    quiet: bool,
) -> int:
    """Show the history of an asset's script; the asset is named by id, the beginning of its id, or its title."""
    if sum(each is not None for each in (pair, wanted, place, given_up, restore)) > 1:
        raise click.UsageError("Ask for one thing at a time.")
    start_django()
    from omniscript_mam import wire
    from omniscript_mam.selectors import assets, revisions
    from omniscript_mam.selectors.library import find_asset
    from omniscript_mam.viewer import cli_viewer

    viewer = cli_viewer()
    named = find_asset(viewer, asset)
    changes = _changes(viewer, named, place, given_up, restore)
    change = changes.get("place" if place else "give up" if given_up is not None else "restore" if restore is not None else wanted or "")
    if change is not None:
        made = change(assets.current_revision(viewer, named.id))
        if as_json:
            print_json(wire.undo_wire(made.number))
        else:
            say(f"Revision {made.number}: {made.note}", quiet=quiet)
    elif pair is not None:
        _print_comparison(wire.comparison_wire(*pair, revisions.compare_revisions(viewer, named.id, *pair)), as_json)
    elif wanted == "corrections":
        _print_corrections(wire.corrections_wire(revisions.correction_rows(viewer, named.id)), as_json)
    else:
        _print_history(wire.history_wire(assets.revision_rows(viewer, named), revisions.steps_of(viewer, named.id)), as_json)
    return 0


def _changes(
    viewer: Viewer, asset: Asset, place: tuple[str, str] | None, given_up: str | None, restore: int | None
) -> dict[str, Callable[[int], ScriptRevision]]:
    """What each option does to the revision that is current."""
    from omniscript_mam.services.archive import correcting

    return {
        "undo": lambda seen: correcting.undo(viewer, asset, revision=seen),
        "redo": lambda seen: correcting.redo(viewer, asset, revision=seen),
        "restore": lambda seen: correcting.restore(viewer, asset, restore or 0, revision=seen),
        "place": lambda seen: correcting.assign(viewer, asset, *(place or ("", "")), revision=seen),
        "give up": lambda seen: correcting.dismiss(viewer, asset, given_up or "", revision=seen),
    }


def _print_history(history: HistoryWire, as_json: bool) -> None:
    if as_json:
        print_json(history)
    for revision in [] if as_json else history["results"]:
        who = revision["author"] or f"{revision['writer']} {revision['writer_version']}".strip()
        echo(f"{revision['number']:>4}  {revision['created_at']:%Y-%m-%d %H:%M}  {who}  {revision['note']}".rstrip())


def _print_corrections(rows: CorrectionsWire, as_json: bool) -> None:
    """Those that wait with their keys and with the parts that they may mean, as ``--put`` takes them."""
    if as_json:
        print_json(rows)
    for row in [] if as_json else rows["results"]:
        echo(f"{_line(row)}{'  NOT IN THE SCRIPT: ' + row['problem'] if row['problem'] else ''}")
        for choice in row["choices"]:
            echo(f"    --put {row['key']} {choice['id']}  {choice['words']}")
        if row["problem"]:
            echo(f"    --give-up {row['key']}")


def _print_comparison(comparison: ComparisonWire, as_json: bool) -> None:
    if as_json:
        print_json(comparison)
    for row in [] if as_json else comparison["results"]:
        echo(_line(row))


def _line(row: ChangeWire) -> str:
    what = f"{row['what']}, {row['field']}" if row["field"] else row["what"]
    return f"{what}: {row['before'] or '–'} → {row['after'] or '–'}" + (f"  ({row['by']})" if row["by"] else "")
