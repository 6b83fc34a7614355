"""``omniscript search QUERY``: moments, best first, with why they matched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omniscript_mam.exporters.clock import elapsed
from omniscript_mam.viewer import cli_viewer

from .common import output_options, print_json, say, start_django

if TYPE_CHECKING:
    from omniscript_mam.selectors.search import HitRow, SearchPage


@click.command(name="search")
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 200))
@click.option("--asset", default="", help="Only in this asset (id or title).")
@output_options
def command(query: tuple[str, ...], limit: int, asset: str, as_json: bool, quiet: bool) -> int:
    """Find moments. "Quoted words" must occur as they are; field:value, and "only", narrow the search."""
    start_django()
    from omniscript_mam import wire
    from omniscript_mam.selectors.library import find_asset
    from omniscript_mam.selectors.search import search
    from search import SearchRequest

    viewer = cli_viewer()
    only = frozenset([str(find_asset(viewer, asset).id)]) if asset else None
    page = search(viewer, SearchRequest(text=" ".join(query), limit=limit, asset_ids=only))
    if as_json:
        print_json(wire.search_wire(page))
    else:
        _print(page, quiet=quiet)
    return 0 if page.rows else 3


def _print(page: SearchPage, *, quiet: bool) -> None:
    for notice in (*page.results.notices, *page.results.relaxed):
        say(click.style(notice, dim=True), quiet=quiet)
    for row in page.rows:
        hit = row.hit
        place = click.style(f"{elapsed(hit.start_s, tenths=True)} – {elapsed(hit.end_s, tenths=True)}", bold=True)
        click.echo(f"{place}  {row.card.title}  {click.style(row.card.id[:8], dim=True)}")
        for line in _lines(row):
            click.echo(f"    {line}")
    if not page.rows:
        say("Nothing page.", quiet=quiet)


def _lines(row: HitRow) -> list[str]:
    lines = []
    for highlight in row.hit.highlights[:3]:
        text = "".join(click.style(piece, bold=True) if matched else piece for piece, matched in highlight.pieces)
        lines.append(f"{highlight.field}: {text}")
    reasons = ", ".join(dict.fromkeys(f"{reason.field} ({reason.how})" for reason in row.hit.reasons))
    return [*lines, click.style(reasons, dim=True)] if reasons else lines
