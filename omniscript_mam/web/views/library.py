"""The library: a grid of assets, uploads, and live progress.

One request every two seconds asks for all cards at once. It carries a digest of each card that may change; the answer is empty (204)
while nothing has, else it holds only the cards that changed, swapped in by their ids, and the next request.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from omniscript_mam.errors import AppError, NoUploadError, OriginError, describe, error_body
from omniscript_mam.http_status import status_of
from omniscript_mam.security import is_same_origin
from omniscript_mam.selectors.collections import collections
from omniscript_mam.selectors.jobs import job_detail
from omniscript_mam.selectors.library import AssetCard, library
from omniscript_mam.services.archive import assets, sidecars
from omniscript_mam.services.archive.names import already_here, is_subtitle_name
from omniscript_mam.services.archive.receiving import check_whole, receiving
from omniscript_mam.services.jobs import ingest
from omniscript_mam.viewer import Viewer, viewer_of

from ..presentation.jobs import JobLine, digest, job_line
from .pages import number, page, render

PAGE_SIZE = 48


@dataclass(frozen=True)
class ShelfCard:
    """A card of the grid: the asset, its job in words, a digest of what shows, and the name of its collection."""

    asset: AssetCard
    job: JobLine | None
    digest: str
    collection: str = ""

    @property
    def is_active(self) -> bool:
        """True while its job waits or runs."""
        return bool(self.job and self.job.row.is_active)


@page("GET")
def index(request: HttpRequest) -> HttpResponse:
    """``/``: the grid; for htmx only the grid's part of the page."""
    context = _shelf(request)
    template = "omniscript/library/grid.html" if request.headers.get("HX-Target") == "shelf" else "omniscript/library/index.html"
    return render(request, template, context)


@page("GET")
def pulse(request: HttpRequest) -> HttpResponse:
    """``/library/pulse/?known=…``: the cards that changed since; 204 if none did."""
    known = dict(pair.split(".", 1) for pair in request.GET.get("known", "").split(",") if "." in pair)
    context = _shelf(request)
    newest = context["newest"]
    changed = [card for card in context["cards"] if known.get(card.asset.id, card.digest) != card.digest]
    gone_or_new = newest != request.GET.get("newest", newest)
    if gone_or_new:
        return _whole_grid(request, context)
    if not changed:
        return HttpResponse(status=204)
    return render(request, "omniscript/library/pulse.html", {**context, "changed": changed})


@csrf_exempt
@page("POST", csrf=False)
def upload(request: HttpRequest) -> HttpResponse:
    """Take files in. Origin, declared size and room are checked before a byte of the body is read."""
    wants_json = _wants_json(request)
    try:
        if not is_same_origin(request):
            raise OriginError("The request comes from another site's page.")
        with receiving(request, stops=wants_json):
            _ = request.POST  # read here, and not in Django's CSRF check, which would call a broken body a missing token
            check_whole(request)
            return _upload(request)
    except AppError as error:
        problem = _error(error)
        if wants_json:
            return JsonResponse({"files": [], "error": problem}, status=problem["status"])
        return render(request, "omniscript/library/upload_failed.html", {"failed": [problem]}, status=problem["status"])


@csrf_protect
def _upload(request: HttpRequest) -> HttpResponse:
    films_first = sorted(request.FILES.getlist("files"), key=lambda file: is_subtitle_name(file.name or ""))
    answers = [_take(viewer_of(request), file, request.POST.get("collection", "")) for file in films_first]
    failed = [answer["error"] for answer in answers if answer.get("error")]
    if not answers:
        failed = [_error(NoUploadError("No file was chosen."))]
    status = failed[0]["status"] if failed and len(failed) >= len(answers) else 201
    if _wants_json(request):
        return JsonResponse({"files": answers, "error": failed[0] if failed else None}, status=status)
    if failed:
        return render(request, "omniscript/library/upload_failed.html", {"failed": failed}, status=status)
    return HttpResponseRedirect(reverse("omniscript:library"))


def _take(viewer: Viewer, file: Any, collection: str) -> dict[str, Any]:
    try:
        if file.error:
            raise file.error
        if is_subtitle_name(file.name or ""):
            with file.arrived.path.open("rb") as stream:
                asset, created = sidecars.attach_to_film_of_name(viewer, stream, file.name)
        else:
            asset, created = assets.register_upload(viewer, file.arrived, file.name or "upload", collection=collection or None)
        ingest.enqueue(viewer, asset)
    except AppError as error:
        return {"name": file.name, "error": _error(error)}
    note = "" if created else already_here(asset, file.name or "upload")
    address = reverse("omniscript:asset", args=[asset.id])
    return {"name": file.name, "asset": str(asset.id), "created": created, "note": note, "url": address}


def _error(error: AppError) -> dict[str, Any]:
    """An error of one file among several: with its own status, as the answer has only one."""
    described = describe(error)
    return {**error_body(described.code, described.message, described.remedy)["error"], "status": status_of(error)}


def shelf_cards(viewer: Viewer, rows: Iterable[AssetCard], names: dict[str, str]) -> list[ShelfCard]:
    """Cards with their jobs; steps are read for active jobs only. ``names`` are those of the collections, by id."""
    shown = []
    for asset in rows:
        line = job_line(asset.job, job_detail(viewer, asset.job.id) if asset.job.is_active else None) if asset.job else None
        state = (
            asset.title,
            asset.poster_url,
            asset.has_script,
            asset.state,
            asset.duration_s,
            line.digest if line else "",
            asset.collection_id,
        )
        shown.append(ShelfCard(asset, line, digest(repr(state)), names.get(asset.collection_id, "")))
    return shown


def _shelf(request: HttpRequest) -> dict[str, Any]:
    text, state, sort, collection = (request.GET.get(name, "") for name in ("text", "state", "sort", "collection"))
    offset = number(request.GET.get("offset"), 0)
    viewer = viewer_of(request)
    shown = library(viewer, text=text, state=state, sort=sort, collection=collection, offset=offset, limit=PAGE_SIZE)
    known_collections = collections(viewer)
    cards = shelf_cards(viewer, shown.rows, {each.id: each.name for each in known_collections})
    known = ",".join(f"{each.asset.id}.{each.digest}" for each in cards if each.is_active or not each.asset.has_script)
    # Named by ids, not by time: an asset that was taken out changes it too.
    newest = digest(",".join(sorted(each.asset.id for each in cards)))
    return {
        "page": shown, "cards": cards, "known": known, "newest": newest, "text": text, "state": state, "sort": sort, "offset": offset,
        "collection": collection, "collections": known_collections, "is_filtered": bool(text.strip() or state or collection),
        "wait_s": 2 if any(each.is_active for each in cards) else 8,
    }  # fmt: skip


def _whole_grid(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    response = render(request, "omniscript/library/grid.html", context)
    response["HX-Retarget"] = "#shelf"
    response["HX-Reswap"] = "outerHTML"
    return response


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")
