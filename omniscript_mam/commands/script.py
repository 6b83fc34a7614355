"""``omniscript script ASSET``: the script as a page to read, as JSON, or in any other format that is exported."""

from __future__ import annotations

import click

from omniscript_mam.exporters import FORMATS
from omniscript_mam.viewer import cli_viewer

from .common import start_django


@click.command(name="script")
@click.argument("asset")
@click.option("--json", "name", flag_value="json", help="Our JSON, without loss.")
@click.option("--official", "name", flag_value="official", help="The JSON that the authors of the paper publish.")
@click.option("--text", "name", flag_value="text", default=True, help="A page to read (default).")
@click.option("--format", "other", type=click.Choice(list(FORMATS)), help="Any format, by its name.")
def command(asset: str, name: str, other: str | None) -> int:
    """Show the script of an asset, named by id, the beginning of its id, or its title."""
    start_django()
    from omniscript_mam.exporters import export
    from omniscript_mam.selectors.library import find_asset
    from omniscript_mam.selectors.scripts import deliverable

    viewer = cli_viewer()
    click.echo(export(other or name, deliverable(viewer, find_asset(viewer, asset).id)))
    return 0
