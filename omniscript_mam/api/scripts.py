"""An asset's script over the API, in any format of :mod:`omniscript_mam.exporters`."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from omniscript_mam.errors import ParameterError
from omniscript_mam.exporters import FORMATS, export, format_named
from omniscript_mam.selectors.assets import current_revision
from omniscript_mam.selectors.scripts import deliverable
from omniscript_mam.viewer import Action

from .base import ApiView


class ScriptView(ApiView):
    """An asset's script, the current one or that of a revision."""

    def get_format_suffix(self, **kwargs: Any) -> None:
        """None: ``format`` names the script's format here, not one of REST framework's renderers."""

    def perform_content_negotiation(self, request: Request, force: bool = False) -> tuple[Any, str]:
        """JSON for errors, whatever ``format`` says."""
        renderer = self.get_renderers()[0]
        return renderer, renderer.media_type

    def get(self, request: Request, asset_id: uuid.UUID) -> HttpResponse:
        """The script as ``format`` says (default: our JSON)."""
        name = request.query_params.get("format", "json")
        if name not in FORMATS:
            raise ParameterError(f"“{name}” is not a format of a script.", remedy=f"Use {' or '.join(FORMATS)}.")
        number = request.query_params.get("revision", "")
        action = Action.VIEW if name == "json" else Action.EXPORT  # our own JSON is what pages that are not Django show a script from
        wanted = deliverable(self.viewer, asset_id, int(number) if number.isdigit() else None, action=action)
        response = HttpResponse(export(name, wanted), content_type=format_named(name).media_type)
        response["ETag"] = f'"{number or current_revision(self.viewer, asset_id)}"'  # for If-Match of a correction
        return response
