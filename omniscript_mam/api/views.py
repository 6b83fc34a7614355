"""The API's views: thin over services and selectors. Lists are pages with ``total``, ``offset``, ``limit``, ``results``."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from omniscript_mam import script as scripts
from omniscript_mam.conf import conf
from omniscript_mam.errors import NotFoundError
from omniscript_mam.selectors import assets, jobs, library
from omniscript_mam.selectors import search as searching
from omniscript_mam.selectors.pages import Page
from omniscript_mam.services.archive import assets as asset_service
from omniscript_mam.services.archive import collections
from omniscript_mam.services.jobs import ingest
from omniscript_mam.services.writers import writer_names

from .parameters import ParameterError, body, flag, paging

DESCRIPTION = {
    "GET /api/v1/assets?text=&collection=&offset=&limit=": "the library",
    "POST /api/v1/assets": "upload: multipart with `file`, and if you like `title`, `languages` (comma-separated), `writer`, `collection`",
    "GET /api/v1/assets/{id}": "one asset with its files and newest job",
    "PATCH /api/v1/assets/{id}": "`title`, `collection` (an id, or null for none)",
    "DELETE /api/v1/assets/{id}": "take it out of the archive",
    "GET /api/v1/assets/{id}/script?format=json|official&revision=": "its script",
    "POST /api/v1/assets/{id}/rerun": "write its script again; `writer` if another than its own",
    "POST /api/v1/assets/{id}/retry-segments": "ask its writer again for segments that another one wrote; `indexes` for others",
    "PATCH /api/v1/assets/{id}/characters/{id}": "correct a profile: `revision`, and `name`, `appearance`, `voice` …",
    "POST /api/v1/assets/{id}/characters/{id}/merge": "two are one person: `revision`, `into`",
    "POST /api/v1/assets/{id}/undo": "take the last correction back: `revision`",
    "GET, POST /api/v1/collections": "collections: `name`, `description`, `writer`, `options`",
    "GET, PATCH, DELETE /api/v1/collections/{id}": "one collection",
    "GET /api/v1/writers": "who can write, what they perceive, and what is missing",
    "GET /api/v1/jobs?state=&asset=&offset=&limit=": "jobs, newest first",
    "GET /api/v1/jobs/{id}": "one job with steps and segments",
    "POST /api/v1/jobs/{id}/cancel, …/retry": "stop it; go on with it",
    "GET /api/v1/search?q=&asset=&only=&offset=&limit=&{facet}=": "moments",
    "GET /media/{rendition}/{digest}": "files, with byte ranges",
}


def page_data(page: Page[Any]) -> dict[str, Any]:
    """A page as plain data."""
    return {"total": page.total, "offset": page.offset, "limit": page.limit, "results": [asdict(row) for row in page.rows]}


class DescriptionView(APIView):
    """What there is."""

    def get(self, request: Request) -> Response:
        return Response({"name": "OmniScript MAM", "version": 1, "addresses": DESCRIPTION})


class AssetsView(APIView):
    """The library, and uploads into it."""

    parser_classes = [MultiPartParser, FormParser]

    def get(self, request: Request) -> Response:
        offset, limit = paging(request.query_params)
        return Response(page_data(_library(request, offset, limit)))

    def post(self, request: Request) -> Response:
        file = request.FILES.get("file")
        if file is None:
            raise ParameterError("There is no file in the request.", remedy="Send multipart/form-data with a part named “file”.")
        fields = request.POST
        asset, created = asset_service.register_upload(
            file,
            file.name or "",
            title=fields.get("title", ""),
            options=upload_options(fields),
            collection=fields.get("collection") or None,
        )
        job = ingest.enqueue(asset)
        body = {"asset": asdict(library.cards([asset])[0]), "created": created, "job": asdict(jobs.job_row(job))}
        return Response(body, status=201 if created else 200)


class AssetView(APIView):
    """One asset."""

    def get(self, request: Request, asset_id: uuid.UUID) -> Response:
        return Response(asset_data(asset_id))

    def patch(self, request: Request, asset_id: uuid.UUID) -> Response:
        fields = body(request, {"title": (str,), "collection": (str, type(None))})
        asset = assets.get_asset(asset_id)
        with transaction.atomic():  # all of it or nothing
            if "title" in fields:
                asset_service.rename_asset(asset, fields["title"])
            if "collection" in fields:
                collections.move_assets([str(asset.id)], fields["collection"])
        return Response(asset_data(asset_id))

    def delete(self, request: Request, asset_id: uuid.UUID) -> Response:
        asset_service.delete_asset(assets.get_asset(asset_id))
        return Response(status=204)


class ScriptView(APIView):
    """An asset's script, current or of a revision, as our JSON or the authors'."""

    def get_format_suffix(self, **kwargs: Any) -> None:
        """``format`` names the script's format here, not DRF's renderer."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type

    def get(self, request: Request, asset_id: uuid.UUID) -> HttpResponse:
        asset = assets.get_asset(asset_id)
        number = request.query_params.get("revision", "")
        found = assets.script_revision(asset.id, int(number)) if number.isdigit() else assets.current_script(asset.id)
        if found is None:
            raise NotFoundError(f"“{asset.title}” has no script yet.", remedy="Look at its job.")
        return HttpResponse(script_text(found, request.query_params.get("format", "json")), content_type="application/json")


class RerunView(APIView):
    """Write an asset's script again."""

    parser_classes = [JSONParser, FormParser, MultiPartParser]

    def post(self, request: Request, asset_id: uuid.UUID) -> Response:
        writer = body(request, {"writer": (str,)}).get("writer", "")
        if writer and writer not in writer_names():
            raise ParameterError(f"There is no writer “{writer}”.", remedy=f"Use one of: {', '.join(writer_names())}.")
        return Response(asdict(jobs.job_row(ingest.rerun(assets.get_asset(asset_id), writer))), status=202)


class RetrySegmentsView(APIView):
    """Ask the writer again for segments of the last job."""

    parser_classes = [JSONParser]

    def post(self, request: Request, asset_id: uuid.UUID) -> Response:
        indexes = body(request, {"indexes": (list,)}).get("indexes")
        if indexes is not None and not all(isinstance(index, int) and not isinstance(index, bool) for index in indexes):
            raise ParameterError("indexes holds something that is not a whole number.", remedy="Give a list of segment numbers from 0.")
        return Response(asdict(jobs.job_row(ingest.retry_segments(assets.get_asset(asset_id), indexes))), status=202)


class JobsView(APIView):
    """Jobs."""

    def get(self, request: Request) -> Response:
        offset, limit = paging(request.query_params)
        asset = request.query_params.get("asset", "")
        asset_id = assets.get_asset(asset).id if asset else None
        return Response(page_data(jobs.jobs(state=request.query_params.get("state", ""), asset_id=asset_id, offset=offset, limit=limit)))


class JobView(APIView):
    """One job."""

    def get(self, request: Request, job_id: uuid.UUID) -> Response:
        return Response(asdict(jobs.job_detail(job_id)))


class CancelView(APIView):
    """Stop a job."""

    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        return Response(asdict(jobs.job_row(ingest.cancel(jobs.find_job(str(job_id))))))


class RetryView(APIView):
    """Go on with a failed or cancelled job."""

    parser_classes = [JSONParser, FormParser]

    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        return Response(asdict(jobs.job_row(ingest.retry(jobs.find_job(str(job_id))))))


class SearchView(APIView):
    """Search; every facet is a parameter and may be given several times."""

    def get(self, request: Request) -> Response:
        from search import FACETS, SearchRequest

        query = request.query_params
        offset, limit = paging(query)
        only = [str(assets.get_asset(value).id) for value in query.getlist("asset")]
        filters = {facet: tuple(query.getlist(facet)) for facet in FACETS if facet != "asset" and query.getlist(facet)}
        found = searching.search(
            SearchRequest(
                text=query.get("q", ""),
                filters=filters,
                soft=not flag(query, "only"),
                asset_ids=frozenset(only) if only else None,
                limit=limit,
                offset=offset,
            )
        )
        return Response(search_data(found))


def _library(request: Request, offset: int, limit: int) -> Page[library.AssetCard]:
    text, collection = (request.query_params.get(name, "") for name in ("text", "collection"))
    return library.library(text=text, collection=collection, offset=offset, limit=limit)


def asset_data(asset_id: uuid.UUID) -> dict[str, Any]:
    """One asset as plain data, without its script."""
    found = assets.asset_detail(asset_id)
    data = {**asdict(found.card), "media_info": found.media_info, "sha256": found.sha256}
    data["revision"], data["revisions"] = found.revision, [asdict(row) for row in found.revisions]
    data["files"] = {
        "proxy": found.proxy_url,
        "poster": found.poster_url,
        "sprite": found.sprite_url,
        "sprite_vtt": found.sprite_vtt_url,
        "waveform": found.waveform_url,
    }
    return data


def search_data(found: searching.SearchPage) -> dict[str, Any]:
    """A page of hits as plain data."""
    data = asdict(found.results)
    data["hits"] = [
        {**asdict(row.hit), "title": row.card.title, "proxy_url": row.proxy_url, "thumbnail_s": row.thumbnail_s} for row in found.rows
    ]
    return data


def script_text(found: scripts.Script, format_name: str) -> str:
    """A script as JSON text in one of the formats ``json`` and ``official``.

    Raises:
        ParameterError: another format.
    """
    if format_name == "official":
        from omniscript_mam.script.official import to_official

        return json.dumps(to_official(found), ensure_ascii=False, indent=2)
    if format_name != "json":
        raise ParameterError(f"“{format_name}” is not a format of a script.", remedy="Use json or official.")
    return scripts.dumps(found, indent=2)


def upload_options(data: Any) -> dict[str, Any]:
    """Ingest settings from a form.

    Raises:
        ParameterError: the writer is not known.
    """
    options: dict[str, Any] = {}
    languages = [word.strip() for word in str(data.get("languages", "")).split(",") if word.strip()]
    if languages:
        options["languages"] = languages[:10]
    writer = str(data.get("writer", "")).strip()
    if writer and writer not in writer_names():
        raise ParameterError(f"There is no writer “{writer}”.", remedy=f"Use one of: {', '.join(writer_names())}.")
    if writer and writer != conf.writer:
        options["writer"] = writer
    return options
