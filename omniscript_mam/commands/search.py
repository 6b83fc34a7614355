"""``omniscript search QUERY``: moments, best first, with why they matched."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from omniscript_mam.exporters.clock import elapsed
from omniscript_mam.viewer import cli_viewer

from .common import output_options, print_json, say, start_django
from .output import echo, plain, styled

if TYPE_CHECKING:
    from omniscript_mam.selectors.search import HitRow, SearchPage


@click.command(name="search")
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 200))
@click.option("--asset", default="", help="Only in this asset (id or title).")
@click.option("--explain", is_flag=True, help="Print every feature of each moment's scene, its weight and what they make together.")
@output_options
def command(query: tuple[str, ...], limit: int, asset: str, explain: bool, as_json: bool, quiet: bool) -> int:
    """Find moments. "Quoted words" must occur as they are; field:value, and "only", narrow the search."""
    start_django()
    from omniscript_mam import wire
    from omniscript_mam.selectors.library import find_asset
    from omniscript_mam.selectors.search import explained, search
    from search import SearchRequest

    viewer = cli_viewer()
    only = frozenset([str(find_asset(viewer, asset).id)]) if asset else None
    request = SearchRequest(text=" ".join(query), limit=limit, asset_ids=only)
    page = search(viewer, request)
    if explain:
        _explain(page, explained(viewer, request))
    elif as_json:
        print_json(wire.search_wire(page))
    else:
        _print(page, quiet=quiet)
    return 0 if page.rows else 3


def _print(page: SearchPage, *, quiet: bool) -> None:
    for notice in (*page.results.notices, *page.results.relaxed):
        say(styled(notice, dim=True), quiet=quiet)
    for row in page.rows:
        hit = row.hit
        place = styled(f"{elapsed(hit.start_s, tenths=True)} – {elapsed(hit.end_s, tenths=True)}", bold=True)
        echo(place, f"  {row.card.title}  ", styled(row.card.id[:8], dim=True))
        for pieces in _lines(row):
            echo("    ", *pieces)
    if not page.rows:
        say("Nothing was found.", quiet=quiet)


def _explain(page: SearchPage, evidence: dict[tuple[str, str], dict[str, tuple[float, float]]]) -> None:
    """One line a feature: value × weight = part, the weightiest first."""
    for row in page.rows:
        hit = row.hit
        place = styled(f"{elapsed(hit.start_s, tenths=True)} – {elapsed(hit.end_s, tenths=True)}", bold=True)
        echo(place, f"  {row.card.title}  score {hit.score:.3f}")
        parts = evidence.get((hit.asset_id, hit.scene_id), {})
        if not parts:
            echo("    ranked by its best record: no words to weigh, or the steps of a sequence")
        for name, (value, weight) in sorted(parts.items(), key=lambda item: -abs(item[1][0] * item[1][1])):
            if value:
                echo(f"    {name:20} {value:9.3f} × {weight:8.3f} = {value * weight:8.3f}")


def _lines(row: HitRow) -> list[list[str]]:
    """Lines as pieces, the words that matched in bold."""
    lines: list[list[str]] = []
    for highlight in row.hit.highlights[:3]:
        words = [styled(piece, bold=True) if matched else plain(piece) for piece, matched in highlight.pieces]
        lines.append([f"{highlight.field}: ", *words])
    reasons = ", ".join(dict.fromkeys(f"{reason.field} ({reason.how})" for reason in row.hit.reasons))
    return [*lines, [styled(reasons, dim=True)]] if reasons else lines
