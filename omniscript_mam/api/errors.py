"""Every error of the API has one shape: ``{"error": {"code", "message", "remedy"}}``, with the HTTP status that says the same.

Problem: an error may come from a view, from REST framework, from Django before a view is chosen (a host that is not ours, an address that
leads nowhere) or from nowhere foreseen. A program that reads JSON must be able to read all of them.

Contents: :func:`exception_handler` of our views; :func:`bad_request` and :func:`server_error`, which answer for our own project.
"""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, HttpRequest, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.http.response import HttpResponseBase
from django.views import defaults
from rest_framework.exceptions import APIException
from rest_framework.response import Response
from rest_framework.views import set_rollback

from omniscript_mam.errors import AppError, RequestError, describe, error_body
from omniscript_mam.http_status import UNEXPECTED, status_of
from omniscript_mam.security import confine

API_ROOT = "/api/"
"""Where our own project has the API."""

_log = logging.getLogger(__name__)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """The answer to any error of a view. One that nobody foresaw is logged and told to whoever watches Django's errors.

    Args:
        context: what REST framework says of the view and its request.
    """
    set_rollback()
    if isinstance(error, APIException):
        detail = error.detail
        message = "; ".join(f"{key}: {value}" for key, value in detail.items()) if isinstance(detail, dict) else str(detail)
        body, status = error_body(f"request.{error.default_code}", message, RequestError.remedy), error.status_code
        return Response(body, status=status, headers=_headers(error))
    if isinstance(error, Http404):
        return Response(error_body("not_found", "There is nothing at this address.", RequestError.remedy), status=404)
    if isinstance(error, SuspiciousOperation | MultiPartParserError | UnreadablePostError):
        status = 413 if isinstance(error, RequestDataTooBig) else 400
        return Response(error_body("request", f"The request cannot be read: {error}", RequestError.remedy), status=status)
    described, status = describe(error), status_of(error)
    if described.code == "unexpected":
        _log.error("Unforeseen error of the API", exc_info=error)
        got_request_exception.send(sender=None, request=context.get("request"))
        return Response(_unexpected(), status=status)
    body = error_body(described.code, described.message, described.remedy)
    body["error"].update(getattr(error, "details", {}))
    return Response(body, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """``handler400`` of our own project: what Django refuses before a view is chosen."""
    if not request.path_info.startswith(API_ROOT):
        return defaults.bad_request(request, exception)
    if isinstance(exception, DisallowedHost):
        message, remedy = "The archive is not served under this host name.", "Add it to OMNISCRIPT_ALLOWED_HOSTS."
    else:
        message, remedy = f"The request cannot be read: {exception}", RequestError.remedy
    return confine(JsonResponse(error_body("request", message, remedy), status=400))


def server_error(request: HttpRequest) -> HttpResponseBase:
    """``handler500`` of our own project: what failed outside our views."""
    if not request.path_info.startswith(API_ROOT):
        return defaults.server_error(request)
    return confine(JsonResponse(_unexpected(), status=UNEXPECTED))


def _unexpected() -> dict[str, dict[str, str]]:
    return error_body("unexpected", "Something went wrong that should not.", AppError.remedy)


def _headers(error: APIException) -> dict[str, str]:
    """Headers that belong to an error of REST framework."""
    wait_s = getattr(error, "wait", None)
    return {"Retry-After": str(int(wait_s))} if wait_s else {}
