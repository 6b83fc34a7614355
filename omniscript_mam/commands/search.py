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
    from search import MomentName


@click.command(name="search")
@click.argument("query", nargs=-1)
@click.option("--limit", default=10, show_default=True, type=click.IntRange(1, 200))
@click.option("--asset", default="", help="Only in this asset (id or title).")
@click.option(
    "--arrange",
    default="",
    type=click.Choice(["", "film", "scene", "spread"]),
    help="Keep those of a film or scene together, or mix films.",
)
@click.option("--like", default="", metavar="ASSET@SECONDS", help="Moments like this one.")
@click.option("--save", "name", default="", metavar="NAME", help="Keep this search under a name; new moments are told by --saved.")
@click.option(
    "--saved", is_flag=True, help="The searches that are kept, with what is new; with a name instead of a query, its new moments."
)
@click.option("--forget", is_flag=True, help="With --saved NAME: keep it no longer.")
@click.option("--explain", is_flag=True, help="Print every feature of each moment's scene, its weight and what they make together.")
@output_options
def command(
    query: tuple[str, ...],
    limit: int,
    asset: str,
    arrange: str,
    like: str,
    name: str,
    saved: bool,
    forget: bool,
    explain: bool,
    as_json: bool,
    quiet: bool,
) -> int:
    """Find moments. "Quoted words" must occur as they are; field:value, "only" and NOT narrow the search; "A then B" is an order.

    For example: omniscript search scenes where Grug argues with Eep at night
    """
    start_django()
    if saved:
        from .saved import show_saved

        return show_saved(" ".join(query), forget=forget, as_json=as_json, quiet=quiet)
    if not (query or like):
        raise click.UsageError("Say what to look for.")
    from omniscript_mam import wire
    from omniscript_mam.selectors.library import find_asset
    from omniscript_mam.selectors.search import explained, search
    from search import SearchRequest

    viewer = cli_viewer()
    only = frozenset([str(find_asset(viewer, asset).id)]) if asset else None
    text = " ".join(query)
    if name:
        from omniscript_mam.services.search.saving import save_search

        save_search(viewer, name, text)
        say(f"Kept as “{name}”.", quiet=quiet)
    request = SearchRequest(text=text, limit=limit, arrange=arrange, like=_named(like), asset_ids=only)
    page = search(viewer, request)
    if explain:
        _explain(page, explained(viewer, request))
    elif as_json:
        print_json(wire.search_wire(page))
    else:
        _print(page, quiet=quiet)
    return 0 if page.rows else 3


def _named(moment: str) -> MomentName | None:
    from omniscript_mam.selectors.identifiers import named_moment

    named = named_moment(moment)
    if moment and named is None:
        raise click.UsageError("--like takes an asset's id, @ and seconds.")
    return named


def _print(page: SearchPage, *, quiet: bool) -> None:
    for notice in (*page.results.notices, *page.results.relaxed):
        say(styled(notice, dim=True), quiet=quiet)
    if page.read_by:
        say(styled(f"Read by {page.read_by} as: {page.read_as}", dim=True), quiet=quiet)
    for suggestion in page.results.suggestions[:1]:
        say(styled(f"Did you mean: {suggestion}", dim=True), quiet=quiet)
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
