"""Collections: films that belong together, the writer that writes their scripts, and moving films between them."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from omniscript_mam.conf import conf
from omniscript_mam.errors import AppError, describe
from omniscript_mam.http_status import status_of
from omniscript_mam.selectors.collections import CollectionRow, collection, collections, script_writers
from omniscript_mam.selectors.writers import writer_cards
from omniscript_mam.services.archive import collections as service
from omniscript_mam.services.jobs.ingest import rerun_collection
from omniscript_mam.services.writers import writer_names
from omniscript_mam.viewer import Viewer, viewer_of

from ..presentation.writers import STRATEGIES, choices
from .pages import back, page, render


@page("GET", "POST")
def index(request: HttpRequest) -> HttpResponse:
    """``/collections/``: all of them, and the form of a new one."""
    if request.method == "GET":
        return _index(request, {"hints": True, "strategy": "tsg", "writer": ""})
    fields = _posted(request)
    try:
        made = service.create_collection(viewer_of(request), **_arguments(fields))
    except AppError as error:
        return _index(request, fields, error)
    return HttpResponseRedirect(reverse("omniscript:collection", args=[made.id]) + "?saved=1")


@page("GET", "POST")
def show(request: HttpRequest, collection_id: uuid.UUID) -> HttpResponse:
    """``/collections/<id>/``: its name, writer and options; the scripts that are there; and writing them again."""
    viewer = viewer_of(request)
    row = collection(viewer, collection_id)
    if request.method == "GET":
        return _show(request, row, {"name": row.name, "description": row.description, "writer": row.writer, **_options(row)})
    fields = _posted(request)
    try:
        service.update_collection(viewer, collection_id, **_arguments(fields))
    except AppError as error:
        return _show(request, row, fields, error)
    return HttpResponseRedirect(reverse("omniscript:collection", args=[collection_id]) + "?saved=1")


@page("POST")
def delete(request: HttpRequest, collection_id: uuid.UUID) -> HttpResponse:
    """Dissolve a collection; its films stay in the archive."""
    service.delete_collection(viewer_of(request), collection_id)
    return HttpResponseRedirect(reverse("omniscript:collections"))


@page("POST")
def rewrite(request: HttpRequest, collection_id: uuid.UUID) -> HttpResponse:
    """Write the scripts of all films of a collection again, with its writer."""
    rerun_collection(viewer_of(request), collection_id)
    return HttpResponseRedirect(reverse("omniscript:jobs"))


@page("POST")
def move(request: HttpRequest) -> HttpResponse:
    """Move films (``asset``, any number) into a collection; into none where ``collection`` is empty."""
    service.move_assets(viewer_of(request), request.POST.getlist("asset"), request.POST.get("collection") or None)
    return back(request, "omniscript:library")


def _index(request: HttpRequest, fields: dict[str, Any], error: AppError | None = None) -> HttpResponse:
    viewer = viewer_of(request)
    context = {
        "collections": collections(viewer),
        "default_words": f"{conf.writer}, as the whole archive",
        **_form(viewer, fields, error),
    }
    return render(request, "omniscript/collections/index.html", context, status=status_of(error) if error else 200)


def _show(request: HttpRequest, row: CollectionRow, fields: dict[str, Any], error: AppError | None = None) -> HttpResponse:
    viewer = viewer_of(request)
    counts = Counter(script_writers(viewer, row.id))
    context = {
        "collection": row,
        "writer_words": row.writer or conf.writer,
        "written": [(f"by {who}" if who else "without a script", count) for who, count in counts.most_common()],
        "saved": "saved" in request.GET,
        **_form(viewer, fields, error),
    }
    return render(request, "omniscript/collections/show.html", context, status=status_of(error) if error else 200)


def _form(viewer: Viewer, fields: dict[str, Any], error: AppError | None) -> dict[str, Any]:
    return {
        "fields": fields,
        "writers": choices(writer_cards(viewer), writer_names(), conf.writer),
        "strategies": STRATEGIES,
        "problem": describe(error) if error else None,
    }


def _posted(request: HttpRequest) -> dict[str, Any]:
    fields: dict[str, Any] = {name: request.POST.get(name, "").strip() for name in ("name", "description", "writer", "strategy")}
    return {**fields, "hints": "hints" in request.POST}


def _arguments(fields: dict[str, Any]) -> dict[str, Any]:
    options = {"hints": fields["hints"], "strategy": fields["strategy"] or "tsg"}
    return {"name": fields["name"], "description": fields["description"], "writer": fields["writer"], "options": options}


def _options(row: CollectionRow) -> dict[str, Any]:
    return {"hints": bool(row.options.get("hints", True)), "strategy": str(row.options.get("strategy") or "tsg")}
