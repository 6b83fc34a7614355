"""Assets over the API: the library, uploads, one asset."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import transaction
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.conf import conf
from omniscript_mam.errors import ParameterError
from omniscript_mam.models import Asset
from omniscript_mam.selectors import assets, jobs, library
from omniscript_mam.services.archive import assets as service
from omniscript_mam.services.archive import collections, sidecars
from omniscript_mam.services.archive.names import already_here, is_subtitle_name
from omniscript_mam.services.archive.receiving import check_whole, receiving
from omniscript_mam.services.jobs import ingest
from omniscript_mam.services.writers import check_writer

from .base import ApiView, BoundedJSONParser
from .parameters import body, form, identifier, one_of, paging

MAX_LANGUAGES = 10
"""More spoken languages than any film says of itself."""


class AssetsView(ApiView):
    """The library, and uploads into it."""

    parameters = ("text", "state", "collection", "offset", "limit")
    parser_classes = [MultiPartParser, FormParser]
    takes_files = True

    def get(self, request: Request) -> Response:
        """A page of assets, newest first; ``text``, ``state`` (the newest job's) and ``collection`` narrow it."""
        offset, limit = paging(request.query_params)
        text, collection = (request.query_params.get(name, "") for name in ("text", "collection"))
        collection = collection if collection == "none" else identifier("collection", collection)
        state = one_of(request.query_params, "state", library.JOB_STATES)
        page = library.library(self.viewer, text=text, job_state=state, collection=collection, offset=offset, limit=limit)
        return Response(wire.page_wire(page, wire.asset_wire))

    def post(self, request: Request) -> Response:
        """Take a file in and queue its job; a file whose bytes are in the archive already answers 200 with that asset.

        A subtitle file is kept with the film of its name, for the next script that is written of it.
        """
        with receiving(request._request, stops=True):
            file = request.FILES.get("file")
            check_whole(request._request)
            if file is None:
                raise ParameterError("There is no file in the request.", remedy="Send multipart/form-data with a part named “file”.")
            asset, created = self._taken(file, form(request, ("title", "languages", "writer", "collection"), ("file",)))
        job = jobs.job_row(self.viewer, ingest.enqueue(self.viewer, asset))
        note = "" if created else already_here(asset, file.name or "")
        upload = wire.upload_wire(library.cards(self.viewer, [asset])[0], job, created=created, note=note)
        return Response(upload, status=201 if created else 200)

    def _taken(self, file: Any, fields: Any) -> tuple[Asset, bool]:
        if is_subtitle_name(file.name or ""):
            with file.arrived.path.open("rb") as stream:
                return sidecars.attach_to_film_of_name(self.viewer, stream, file.name)
        return service.register_upload(
            self.viewer,
            file.arrived,
            file.name or "",
            title=fields.get("title", ""),
            options=upload_options(fields),
            collection=fields.get("collection") or None,
        )


class AssetView(ApiView):
    """One asset."""

    parser_classes = [BoundedJSONParser, MultiPartParser]

    def get(self, request: Request, asset_id: uuid.UUID) -> Response:
        """The asset with its files and newest job, without its script."""
        return Response(wire.asset_detail_wire(assets.asset_detail(self.viewer, asset_id)))

    def patch(self, request: Request, asset_id: uuid.UUID) -> Response:
        """Another title, another collection; all of it or nothing."""
        fields = body(request, {"title": (str,), "collection": (str, type(None))})
        asset = assets.get_asset(self.viewer, asset_id)
        with transaction.atomic():
            if "title" in fields:
                service.rename_asset(self.viewer, asset, fields["title"])
            if "collection" in fields:
                collections.move_assets(self.viewer, [str(asset.id)], fields["collection"])
        return Response(wire.asset_detail_wire(assets.asset_detail(self.viewer, asset_id)))

    def delete(self, request: Request, asset_id: uuid.UUID) -> Response:
        """Take the asset out of the archive, with its files."""
        service.delete_asset(self.viewer, assets.get_asset(self.viewer, asset_id))
        return Response(status=204)


class SubtitlesView(ApiView):
    """Subtitle files that came with an asset; they are sent like films (``POST …/assets``)."""

    def get(self, request: Request, asset_id: uuid.UUID) -> Response:
        """All of them, by name."""
        rows = assets.sidecar_rows(self.viewer, assets.get_asset(self.viewer, asset_id))
        return Response(wire.subtitles_wire(rows))


class SubtitleView(ApiView):
    """One subtitle file."""

    def delete(self, request: Request, asset_id: uuid.UUID, sidecar_id: int) -> Response:
        """Take it away; the script that was written with it stays."""
        sidecars.remove_sidecar(self.viewer, assets.get_asset(self.viewer, asset_id), sidecar_id)
        return Response(status=204)


class RerunView(ApiView):
    """Write an asset's script again."""

    def post(self, request: Request, asset_id: uuid.UUID) -> Response:
        """The new job; ``writer`` names another writer than the asset's own."""
        writer = check_writer(body(request, {"writer": (str,)}).get("writer", ""))
        return Response(
            wire.job_wire(jobs.job_row(self.viewer, ingest.rerun(self.viewer, assets.get_asset(self.viewer, asset_id), writer))), status=202
        )


def upload_options(fields: Any) -> dict[str, Any]:
    """Options of an ingest from the fields of an upload's form: ``languages`` (comma-separated) and ``writer``.

    Raises:
        WriterNameError: the writer is not known.
    """
    options: dict[str, Any] = {}
    languages = [word.strip() for word in str(fields.get("languages", "")).split(",") if word.strip()]
    if languages:
        options["languages"] = languages[:MAX_LANGUAGES]
    writer = check_writer(str(fields.get("writer", "")).strip())
    if writer and writer != conf.writer:
        options["writer"] = writer
    return options
