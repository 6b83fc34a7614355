"""Segments over the API: asking their writer again."""

from __future__ import annotations

import uuid

from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.selectors import assets, jobs
from omniscript_mam.services.jobs import ingest

from .base import ApiView
from .parameters import body, list_of


class RetrySegmentsView(ApiView):
    """Ask the writer again for segments of the last job."""

    parser_classes = [JSONParser]

    def post(self, request: Request, asset_id: uuid.UUID) -> Response:
        """The job that goes on; ``indexes`` are numbers of segments from 0, by default those that a stand-in wrote."""
        given = body(request, {"indexes": (list,)}).get("indexes")
        indexes = list_of(given, int, "indexes", words="a whole number", remedy="Give a list of segment numbers from 0.")
        return Response(
            wire.job_wire(jobs.job_row(self.viewer, ingest.retry_segments(self.viewer, assets.get_asset(self.viewer, asset_id), indexes))),
            status=202,
        )
