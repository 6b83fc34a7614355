"""``omniscript search QUERY``: moments, best first, with why they matched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .common import clock, output_options, print_json, say, start_django

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
    from omniscript_mam.selectors.library import find_asset
    from omniscript_mam.selectors.search import search
    from search import SearchRequest

    only = frozenset([str(find_asset(asset).id)]) if asset else None
    found = search(SearchRequest(text=" ".join(query), limit=limit, asset_ids=only))
    if as_json:
        from omniscript_mam.api.views import search_data

        print_json(search_data(found))
    else:
        _print(found, quiet=quiet)
    return 0 if found.rows else 3


def _print(found: SearchPage, *, quiet: bool) -> None:
    for notice in (*found.results.notices, *found.results.relaxed):
        say(click.style(notice, dim=True), quiet=quiet)
    for row in found.rows:
        hit = row.hit
        place = click.style(f"{clock(hit.start_s)} – {clock(hit.end_s)}", bold=True)
        click.echo(f"{place}  {row.card.title}  {click.style(row.card.id[:8], dim=True)}")
        for line in _lines(row):
            click.echo(f"    {line}")
    if not found.rows:
        say("Nothing found.", quiet=quiet)


def _lines(row: HitRow) -> list[str]:
    lines = []
    for highlight in row.hit.highlights[:3]:
        text = "".join(click.style(piece, bold=True) if matched else piece for piece, matched in highlight.pieces)
        lines.append(f"{highlight.field}: {text}")
    reasons = ", ".join(dict.fromkeys(f"{reason.field} ({reason.how})" for reason in row.hit.reasons))
    return [*lines, click.style(reasons, dim=True)] if reasons else lines
