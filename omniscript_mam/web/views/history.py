"""The history of a script: what each revision changed, any two compared, any old one restored, undo and redo; corrections that wait."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from omniscript_mam.selectors.assets import asset_detail, get_asset, script_revision
from omniscript_mam.selectors.revisions import compare_revisions, correction_rows, steps_of
from omniscript_mam.services.archive import correcting
from omniscript_mam.viewer import viewer_of

from ..presentation.clock import clock_of
from ..presentation.history import change_lines, correction_lines, revision_lines
from .asset import panel_context
from .characters import edited
from .pages import number, page, render


@page("GET")
def show(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    """``/assets/<id>/history/``: every revision; ``?before=3&after=5`` compares two, by default the newest with the one before it."""
    viewer = viewer_of(request)
    detail = asset_detail(viewer, asset_id)
    after = number(request.GET.get("after"), detail.revision)
    before = number(request.GET.get("before"), max(1, after - 1))
    clock = clock_of(detail.script, detail.media_info)
    context = {
        "asset": detail.card, "current": detail.revision, "before": before, "after": after, "steps": steps_of(viewer, asset_id),
        "revisions": revision_lines(detail.revisions),
        "changes": change_lines(compare_revisions(viewer, asset_id, before, after), clock) if detail.revision else [],
        "corrections": correction_lines(correction_rows(viewer, asset_id), clock),
    }  # fmt: skip
    return render(request, "omniscript/asset/history.html", context)


@page("GET")
def look(request: HttpRequest, asset_id: uuid.UUID, revision: int) -> HttpResponse:
    """``/assets/<id>/history/<number>/``: an old revision's script, to read."""
    viewer = viewer_of(request)
    detail, script = asset_detail(viewer, asset_id), script_revision(viewer, asset_id, revision)
    clock = clock_of(script, detail.media_info)
    context = panel_context(script, detail.card.duration_s or script.meta.duration_s, clock)
    lines = revision_lines(row for row in detail.revisions if row.number == revision)
    return render(
        request,
        "omniscript/asset/revision.html",
        {**context, "asset": detail.card, "line": lines[0], "current": detail.revision, "is_old": True},
    )


@page("POST")
def undo(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Take the last correction back: the script before it becomes a new revision."""
    viewer = viewer_of(request)
    correcting.undo(viewer, get_asset(viewer, asset_id), revision=number(request.POST.get("revision"), 0))
    return edited(request, asset_id, "")


@page("POST")
def redo(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Do again what was undone last."""
    viewer = viewer_of(request)
    correcting.redo(viewer, get_asset(viewer, asset_id), revision=number(request.POST.get("revision"), 0))
    return edited(request, asset_id, "")


@page("POST")
def restore(request: HttpRequest, asset_id: uuid.UUID, revision: int) -> HttpResponse:
    """Make an old revision the current one again."""
    viewer = viewer_of(request)
    seen = number(request.POST.get("revision"), 0)
    correcting.restore(viewer, get_asset(viewer, asset_id), revision, revision=seen)
    return HttpResponseRedirect(reverse("omniscript:history", args=[asset_id]))


@page("POST")
def decide(request: HttpRequest, asset_id: uuid.UUID, key: str) -> HttpResponse:
    """A correction that does not fit: put into the part that was chosen, or given up."""
    viewer = viewer_of(request)
    asset, seen, part_id = get_asset(viewer, asset_id), number(request.POST.get("revision"), 0), request.POST.get("part", "")
    if request.POST.get("verb") == "give_up":
        correcting.dismiss(viewer, asset, key, revision=seen)
    else:
        correcting.assign(viewer, asset, key, part_id, revision=seen)
    return HttpResponseRedirect(reverse("omniscript:history", args=[asset_id]) + "#corrections")
