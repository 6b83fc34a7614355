"""``omniscript delete ASSET``: take a film out of the archive. What is lost is named first, and asked about."""

from __future__ import annotations

import sys

import click

from .common import output_options, print_json, say, start_django


@click.command(name="delete")
@click.argument("asset")
@click.option("--yes", is_flag=True, help="Do not ask.")
@output_options
def command(asset: str, yes: bool, as_json: bool, quiet: bool) -> int:
    """Delete an asset, named by id, the beginning of its id, or its title: file, script, corrections."""
    start_django()
    from omniscript_mam.errors import ConflictError
    from omniscript_mam.selectors.assets import loss_of
    from omniscript_mam.selectors.library import find_asset
    from omniscript_mam.services.archive.assets import delete_asset
    from omniscript_mam.viewer import cli_viewer

    viewer = cli_viewer()
    named = find_asset(viewer, asset)
    loss, identifier = loss_of(viewer, named.id), str(named.id)
    say(f"“{loss.title}” and with it {'; '.join(loss.lines)} will be lost.", quiet=quiet)
    if not yes:
        if not is_person_there():
            raise ConflictError("Nothing was deleted: there is nobody to ask.", remedy="Add --yes if you mean it.")
        click.confirm("Delete it?", abort=True, err=True)
    delete_asset(viewer, named)
    if as_json:
        print_json({"asset": identifier, "title": loss.title, "deleted": True})
    else:
        say(f"“{loss.title}” is deleted.", quiet=quiet)
    return 0


def is_person_there() -> bool:
    """Somebody who can be asked."""
    return sys.stdin.isatty()
