"""What keeps other sites out: response headers that confine the page, and a check of where changes through the API come from.

Scripts, styles, media and connections are allowed from this site only. The page is made without inline scripts and without other
sites' files, so that the policy needs no exception.
"""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from omniscript_mam.errors import error_body

CONTENT_SECURITY_POLICY = "; ".join(
    [
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "style-src-attr 'unsafe-inline'",  # positions of marks on the time line are set per element
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)


class SecurityHeadersMiddleware:
    """Adds the policy and the headers that Django's own middleware leaves out, unless a view set its own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class SameOriginApiMiddleware:
    """Refuses changes through the API that another site's page asked a browser for.

    The API has no accounts yet, so Django's CSRF token, which belongs to a session, does not apply. Browsers state where a request
    comes from (``Origin``, ``Sec-Fetch-Site``); programs state neither and are let through.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/") and request.method not in ("GET", "HEAD", "OPTIONS") and not _is_same_origin(request):
            remedy = "Send it from the archive's own page or from a program; other origins can be named in OMNISCRIPT_TRUSTED_ORIGINS."
            return JsonResponse(error_body("request.origin", "The request comes from another site's page.", remedy), status=403)
        return self.get_response(request)


def _is_same_origin(request: HttpRequest) -> bool:
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin == f"{request.scheme}://{request.get_host()}" or origin in settings.CSRF_TRUSTED_ORIGINS
    return request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")
