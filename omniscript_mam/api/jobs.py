"""Jobs over the API."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.selectors import assets, jobs
from omniscript_mam.services.jobs import ingest

from .base import ApiView
from .parameters import paging


class JobsView(ApiView):
    """Jobs."""

    def get(self, request: Request) -> Response:
        """A page of jobs, newest first; ``state`` and ``asset`` narrow it."""
        offset, limit = paging(request.query_params)
        asset = request.query_params.get("asset", "")
        asset_id = assets.get_asset(self.viewer, asset).id if asset else None
        page = jobs.jobs(self.viewer, state=request.query_params.get("state", ""), asset_id=asset_id, offset=offset, limit=limit)
        return Response(wire.page_wire(page, wire.job_wire))


class JobView(ApiView):
    """One job."""

    def get(self, request: Request, job_id: uuid.UUID) -> Response:
        """The job with its steps and segments."""
        return Response(wire.job_detail_wire(jobs.job_detail(self.viewer, job_id)))


class CancelView(ApiView):
    """Stop a job."""

    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        """The job as it is then; a running one stops at its next report."""
        return Response(wire.job_wire(jobs.job_row(self.viewer, ingest.cancel(self.viewer, jobs.find_job(self.viewer, str(job_id))))))


class RetryView(ApiView):
    """Go on with a failed or cancelled job."""

    def post(self, request: Request, job_id: uuid.UUID) -> Response:
        """The job, queued again; what is finished is kept."""
        return Response(wire.job_wire(jobs.job_row(self.viewer, ingest.retry(self.viewer, jobs.find_job(self.viewer, str(job_id))))))
