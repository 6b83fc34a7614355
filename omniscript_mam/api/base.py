"""The base of the API's views. What must hold for each of them is declared here, and never taken from a site's ``REST_FRAMEWORK``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http.response import HttpResponseBase
from rest_framework.authentication import SessionAuthentication
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from omniscript_mam.errors import BodyTooLargeError, OriginError
from omniscript_mam.lengths import UNKNOWN_LENGTH, declared_length
from omniscript_mam.security import SAFE_METHODS, confine, is_same_origin
from omniscript_mam.services.archive.receiving import NoFiles
from omniscript_mam.viewer import Viewer, viewer_of

from .errors import exception_handler

MAX_BODY_BYTES = 4 << 20
"""Longest body of a request that is no upload; a script with its corrections is far below."""


class SameOriginForChanges(BasePermission):
    """Everybody may do everything, but another site's page may not change anything through its visitor's browser."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """True, or an error that names the rule.

        Raises:
            OriginError: a change that another site's page asks for.
        """
        if request.method not in SAFE_METHODS and not is_same_origin(request._request):
            raise OriginError("The request comes from another site's page.")
        return True


class ApiView(APIView):
    """JSON out, JSON or a form in, errors of one shape, headers that confine; no files and no long bodies but where a view says so."""

    takes_files = False
    """True in the view whose ``post`` reads its request inside :func:`omniscript_mam.services.archive.receiving.receiving`."""

    renderer_classes = [JSONRenderer]
    parser_classes = [JSONParser, FormParser, MultiPartParser]
    authentication_classes = [SessionAuthentication]
    permission_classes = [SameOriginForChanges]
    throttle_classes: list[type] = []
    versioning_class = None
    content_negotiation_class = DefaultContentNegotiation

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What must hold before a body is read.

        Raises:
            BodyTooLargeError: it is longer than any request but an upload.
        """
        super().initial(request, *args, **kwargs)
        if self.takes_files and request.method == "POST":
            return
        request._request.upload_handlers = [NoFiles()]
        if declared_length(request.META) > MAX_BODY_BYTES or UNKNOWN_LENGTH in request.META:
            raise BodyTooLargeError(f"The body of this request is longer than {MAX_BODY_BYTES >> 20} MB.")

    @property
    def viewer(self) -> Viewer:
        """Who sent the request."""
        return viewer_of(self.request)

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        """Ours, whatever the site's other APIs use."""
        return exception_handler

    def finalize_response(self, request: Request, response: HttpResponseBase, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """The answer with the headers of :mod:`omniscript_mam.security`."""
        return confine(super().finalize_response(request, response, *args, **kwargs))
