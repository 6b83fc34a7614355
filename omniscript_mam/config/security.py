"""Our own project is nothing but the archive, so what our views declare holds for Django's own answers too: 404, 500, static files."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from omniscript_mam.security import confine


class ConfineMiddleware:
    """Adds the headers of :mod:`omniscript_mam.security` where a view has not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return confine(self.get_response(request))
