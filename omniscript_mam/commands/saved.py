"""``omniscript search --saved``: the searches that are kept, and the moments that are new to each."""

from __future__ import annotations

from omniscript_mam.exporters.clock import elapsed
from omniscript_mam.viewer import cli_viewer

from .common import print_json, say
from .output import echo, styled


def show_saved(name: str, *, forget: bool, as_json: bool, quiet: bool) -> int:
    """List the saved searches, or what is new to one, which then is not new any more; 3 where there is nothing.

    Raises:
        NotFoundError: there is none of that name.
    """
    from omniscript_mam import wire
    from omniscript_mam.selectors import saved
    from omniscript_mam.services.search import saving

    viewer = cli_viewer()
    rows = saved.saved_searches(viewer)
    if not name:
        if as_json:
            print_json(wire.saved_searches_wire(rows))
        for row in [] if as_json else rows:
            echo(styled(f"{row.num_new} new", bold=row.num_new > 0), f"  {row.name}  ", styled(row.text, dim=True))
        return 0 if rows else 3
    kept = saved.get_saved(viewer, name)
    if forget:
        saving.delete_search(viewer, kept.id)
        say(f"“{kept.name}” is kept no longer.", quiet=quiet)
        return 0
    new = saved.new_moments(viewer, kept.id)
    if as_json:
        print_json(wire.saved_search_detail_wire(next(row for row in rows if row.id == str(kept.id)), new))
    for moment in [] if as_json else new:
        place = f"{elapsed(moment.start_s, tenths=True)} – {elapsed(moment.end_s, tenths=True)}"
        echo(styled(place, bold=True), f"  {moment.title}  ", styled(moment.asset_id[:8], dim=True))
    saving.note_looked(viewer, kept.id)
    return 0 if new else 3
