"""Jobs: the list, and what a person does to one: retry, cancel, run again, try segments again."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from omniscript_mam.selectors.assets import get_asset
from omniscript_mam.selectors.jobs import find_job, job_detail, jobs
from omniscript_mam.services.jobs import ingest
from omniscript_mam.viewer import viewer_of

from ..presentation.jobs import digest, job_line
from .pages import back, number, page, render

PAGE_SIZE = 30
STATES = ("queued", "running", "cancelling", "done", "failed", "cancelled")


@page("GET")
def index(request: HttpRequest) -> HttpResponse:
    """``/jobs/``: newest first; for htmx's question "anything new?" (``?known=``) 204 while nothing changed."""
    viewer, state = viewer_of(request), request.GET.get("state", "")
    shown = jobs(viewer, state=state if state in STATES else "", offset=number(request.GET.get("offset"), 0), limit=PAGE_SIZE)
    lines = [job_line(row, job_detail(viewer, row.id)) for row in shown.rows]
    known = digest("".join(line.digest for line in lines))
    if request.GET.get("known") == known:
        return HttpResponse(status=204)
    is_part = request.headers.get("HX-Target") == "jobs"
    context = {
        "page": shown,
        "jobs": lines,
        "known": known,
        "state": state,
        "states": STATES,
        "is_live": any(line.row.is_active for line in lines),
    }
    return render(request, "omniscript/jobs/list.html" if is_part else "omniscript/jobs/index.html", context)


@page("POST")
def act(request: HttpRequest, job_id: uuid.UUID, verb: str) -> HttpResponse:
    """``retry`` or ``cancel`` a job, then back to where the button was."""
    viewer = viewer_of(request)
    job = find_job(viewer, str(job_id))
    ingest.retry(viewer, job) if verb == "retry" else ingest.cancel(viewer, job)
    return back(request, "omniscript:jobs")


@page("POST")
def rerun(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Write an asset's script anew."""
    viewer = viewer_of(request)
    ingest.rerun(viewer, get_asset(viewer, asset_id))
    return back(request, "omniscript:jobs")


@page("POST")
def retry_segments(request: HttpRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Let the asked-for writer try again what a stand-in wrote."""
    viewer = viewer_of(request)
    ingest.retry_segments(viewer, get_asset(viewer, asset_id))
    return HttpResponseRedirect(reverse("omniscript:asset", args=[asset_id]))
