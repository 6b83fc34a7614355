"""Writers over the API."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.selectors.writers import writer_cards

from .base import ApiView


class WritersView(ApiView):
    """Writers, what they perceive, and whether they can be used."""

    def get(self, request: Request) -> Response:
        """Every writer that is known here; nothing is loaded and nobody is asked over a network."""
        return Response(wire.writers_wire(writer_cards(self.viewer)))
