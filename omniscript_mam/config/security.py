"""Our own project is nothing but the archive, so what our views declare holds for Django's own answers too: 404, 500, static files.

And who asks under a name that the archive does not know is told which setting lists the names.
"""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase

from omniscript_mam.errors import HostError, error_body
from omniscript_mam.security import confine


class ConfineMiddleware:
    """Adds the headers of :mod:`omniscript_mam.security` where a view has not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return confine(self.get_response(request))


class KnownHostMiddleware:
    """Answers a request under an unknown host name in words, where Django's own answer is a bare 400."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        try:
            request.get_host()
        except DisallowedHost:
            error = HostError(f"The archive is not known under the name “{request.META.get('HTTP_HOST', '')[:200]}”.")
            if "/api/" in request.path or "application/json" in request.headers.get("Accept", ""):
                return JsonResponse(error_body(error.code, str(error), error.remedy), status=400)
            return HttpResponse(f"{error}\n{error.remedy}\n", status=400, content_type="text/plain; charset=utf-8")
        return self.get_response(request)
