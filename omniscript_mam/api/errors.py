"""Every error of the API has one shape: ``{"error": {"code", "message", "remedy"}}``, with the HTTP status that says the same."""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from omniscript_mam.errors import describe, error_body

log = logging.getLogger(__name__)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook: errors of the five packages and of DRF itself in our shape; anything unforeseen stays a 500."""
    if isinstance(error, APIException):
        detail = error.detail
        message = "; ".join(f"{key}: {value}" for key, value in detail.items()) if isinstance(detail, dict) else str(detail)
        code = str(error.default_code)
        return Response(error_body(f"request.{code}", message, "See the API's description at /api/v1/."), status=error.status_code)
    if isinstance(error, Http404):
        return Response(error_body("not_found", "There is nothing at this address.", "See the API's description at /api/v1/."), status=404)
    found = describe(error)
    if found.code == "unexpected":
        return None
    return Response(error_body(found.code, found.message, found.remedy), status=found.status)
