"""Every error of the API has one shape: ``{"error": {"code", "message", "remedy"}}``, with the HTTP status that says the same."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from omniscript_mam.errors import RequestError, describe, error_body
from omniscript_mam.http_status import status_of


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """The answer to an error of the five packages or of REST framework itself; ``None`` for an unforeseen one, which stays a 500.

    Args:
        context: what REST framework says of the view and its request; not needed.
    """
    if isinstance(error, APIException):
        detail = error.detail
        message = "; ".join(f"{key}: {value}" for key, value in detail.items()) if isinstance(detail, dict) else str(detail)
        return Response(error_body(f"request.{error.default_code}", message, RequestError.remedy), status=error.status_code)
    if isinstance(error, Http404):
        return Response(error_body("not_found", "There is nothing at this address.", RequestError.remedy), status=404)
    described = describe(error)
    if described.code == "unexpected":
        return None
    body = error_body(described.code, described.message, described.remedy)
    body["error"].update(getattr(error, "details", {}))
    return Response(body, status=status_of(error))
