"""``omniscript script ASSET``: the script as a page to read, as JSON, or in any other format that is exported."""

from __future__ import annotations

import click

from omniscript_mam.exporters import FORMATS

from .common import start_django
from .output import deliver


@click.command(name="script")
@click.argument("asset")
@click.option("--json", "name", flag_value="json", help="Our JSON, without loss.")
@click.option("--official", "name", flag_value="official", help="The JSON that the authors of the paper publish.")
@click.option("--text", "name", flag_value="text", default=True, help="A page to read (default).")
@click.option("--format", "other", type=click.Choice(list(FORMATS)), help="Any format, by its name.")
def command(asset: str, name: str, other: str | None) -> int:
    """Show the script of an asset, named by id, the beginning of its id, or its title."""
    start_django()
    from omniscript_mam.errors import NotFoundError
    from omniscript_mam.exporters import Deliverable, export
    from omniscript_mam.selectors.assets import current_script
    from omniscript_mam.selectors.library import find_asset

    named = find_asset(asset)
    script = current_script(named.id)
    if script is None:
        raise NotFoundError(f"“{named.title}” has no script yet.", remedy="`omniscript jobs` shows how far its job is.")
    deliver(export(other or name, Deliverable.of(script, title=named.title, source_name=named.essence.original_name)))
    return 0
