"""Collections over the API."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.selectors import collections
from omniscript_mam.services.archive import collections as service

from .base import ApiView
from .parameters import body

FIELDS = {"name": (str,), "description": (str,), "writer": (str,), "options": (dict,)}
"""What a collection is made of: name → types."""


class CollectionsView(ApiView):
    """All collections, and new ones."""

    def get(self, request: Request) -> Response:
        """All of them, by name."""
        return Response(wire.collections_wire(collections.collections(self.viewer)))

    def post(self, request: Request) -> Response:
        """A new one; only ``name`` is needed."""
        fields = body(request, FIELDS)
        made = service.create_collection(self.viewer, fields.pop("name", ""), **fields)
        return Response(wire.collection_wire(collections.collection(self.viewer, made.id)), status=201)


class CollectionView(ApiView):
    """One collection."""

    def get(self, request: Request, collection_id: uuid.UUID) -> Response:
        """Its name, writer, options and number of films."""
        return Response(wire.collection_wire(collections.collection(self.viewer, collection_id)))

    def patch(self, request: Request, collection_id: uuid.UUID) -> Response:
        """Change what is given; scripts that are there stay."""
        service.update_collection(self.viewer, collection_id, **body(request, FIELDS))
        return Response(wire.collection_wire(collections.collection(self.viewer, collection_id)))

    def delete(self, request: Request, collection_id: uuid.UUID) -> Response:
        """Dissolve it; its films stay in the archive."""
        service.delete_collection(self.viewer, collection_id)
        return Response(status=204)
