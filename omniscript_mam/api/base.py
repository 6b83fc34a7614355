"""The base of the API's views. What must hold for each of them is declared here, and never taken from a site's ``REST_FRAMEWORK``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import IO, Any, ClassVar

from django.http import Http404
from django.http.response import HttpResponseBase
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import FormParser, JSONParser, MultiPartParser
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from omniscript_mam.errors import BodyTooLargeError, OriginError, ParameterError
from omniscript_mam.lengths import UNKNOWN_LENGTH, declared_length
from omniscript_mam.security import SAFE_METHODS, confine, is_same_origin
from omniscript_mam.services.archive.receiving import NoFiles
from omniscript_mam.viewer import Viewer, viewer_of

from .errors import exception_handler
from .parameters import check_query, check_text

CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
"""What text of a request may be sent in: JSON is UTF-8 (RFC 8259), and so are forms here."""


class BoundedJSONParser(JSONParser):
    """JSON that says in words what is wrong with it, however deep it lies."""

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The data.

        Raises:
            ParseError: it is no JSON, or nested deeper than can be read.
        """
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None


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
    """JSON out, JSON or a form in, errors of one shape, headers that confine; no files and no long bodies but where a view says so.

    Attributes:
        parameters: those that the view's GET has in its address; other methods have none.
        repeated: those of them that may be given several times.
    """

    parameters: ClassVar[tuple[str, ...]] = ()
    repeated: ClassVar[tuple[str, ...]] = ()

    takes_files = False
    """True in the view whose ``post`` reads its request inside :func:`omniscript_mam.services.archive.receiving.receiving`."""

    renderer_classes = [JSONRenderer]
    parser_classes = [BoundedJSONParser, FormParser, MultiPartParser]
    authentication_classes = [SessionAuthentication]
    permission_classes = [SameOriginForChanges]
    throttle_classes: list[type] = []
    versioning_class = None
    content_negotiation_class = DefaultContentNegotiation

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """What must hold before a body is read.

        Raises:
            ParameterError: the address has something that this view does not know.
            BodyTooLargeError: the body is longer than any request but an upload.
        """
        if (request._request.encoding or "utf-8").lower() not in CHARSETS:
            raise ParameterError("The charset of Content-Type is another than UTF-8.", remedy="Send text as UTF-8.")
        check_query(request.query_params, self.parameters if request.method in ("GET", "HEAD") else (), self.repeated)
        for name, value in kwargs.items():
            check_text(name, str(value))
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


class NowhereView(ApiView):
    """Every address below the API's that leads nowhere: the same error for a program as any other."""

    permission_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Answer at once, whatever the method and the parameters.

        Raises:
            Http404
        """
        raise Http404

    def handle_exception(self, exc: Exception) -> Response:
        """404 for methods that no address has, too."""
        return super().handle_exception(exc if isinstance(exc, Http404) else Http404())
