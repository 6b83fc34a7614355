"""The WSGI application, for waitress (``omniscript serve``) or any other server."""

from __future__ import annotations

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest


class KnownCharsetRequest(WSGIRequest):
    """A request whose charset may be the name of a codec that is none of text ("hex"): left aside, as Django does with unknown names.

    Django would fail while the request is made, before anybody could answer it.
    """

    def _set_content_type_params(self, meta: dict[str, Any]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except (LookupError, UnicodeError):
            self._encoding = None


class Application(WSGIHandler):
    """Django's, with requests of ours."""

    request_class = KnownCharsetRequest


os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omniscript_mam.config.settings")
django.setup(set_prefix=False)
application = Application()
