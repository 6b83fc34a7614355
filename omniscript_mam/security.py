"""What keeps other sites' pages out: headers that confine our own pages, and a check of where a change comes from.

Both are declared on our views and never in a site's middleware, so that they hold wherever the app is added and a host's own pages keep
their own rules. Scripts, styles, media and connections are allowed from this site only (and from where it serves its static files);
the pages are made without inline scripts and without other sites' files, so that the policy needs no exception.

Contents: :func:`confined` (decorator of a view), :func:`confine` (one response), :func:`is_same_origin`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from omniscript_mam.conf import OWN_BASE_TEMPLATE, conf

SAFE_METHODS = ("GET", "HEAD", "OPTIONS", "TRACE")
"""Methods that change nothing (RFC 9110, section 9.2.1)."""

Arguments = ParamSpec("Arguments")
Answer = TypeVar("Answer", bound=HttpResponseBase)


def confined(view: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """A view whose every answer carries the headers of :func:`confine`."""

    @wraps(view)
    def answer(*arguments: Arguments.args, **named: Arguments.kwargs) -> Answer:
        return confine(view(*arguments, **named))

    return answer


def confine(response: Answer) -> Answer:
    """Add the headers that a response does not have yet; what a view, or the site before it, has set stays."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if conf.base_template == OWN_BASE_TEMPLATE:  # a site's own base template has scripts of its own, and the site its own policy
        response.headers.setdefault("Content-Security-Policy", content_security_policy())
    return response


def content_security_policy() -> str:
    """The policy of our pages: this site, and the origin of ``STATIC_URL`` where that is another."""
    static = urlsplit(str(settings.STATIC_URL or ""))
    ours = f"'self' {static.scheme or 'https'}://{static.netloc}" if static.netloc else "'self'"
    return "; ".join(
        [
            f"default-src {ours}",
            f"script-src {ours}",
            f"style-src {ours}",
            "style-src-attr 'unsafe-inline'",  # positions of marks on the time line are set per element
            f"img-src {ours} data:",
            "media-src 'self' blob:",
            "connect-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        ]
    )


def is_same_origin(request: HttpRequest) -> bool:
    """False if a browser says that another site's page asks for this.

    The check stands beside Django's CSRF token, which belongs to a form or a session: the API may be called with neither. Browsers state
    where a request comes from (``Origin``, ``Sec-Fetch-Site``); programs state neither and are let through.
    """
    origin = request.headers.get("Origin")
    if origin is not None:
        return origin == f"{request.scheme}://{request.get_host()}" or origin in settings.CSRF_TRUSTED_ORIGINS
    return request.headers.get("Sec-Fetch-Site", "none") in ("same-origin", "none")


_HEADERS = {
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
