"""The API's views of collections, of who is in a film, and of writers."""

from __future__ import annotations

import uuid
from dataclasses import asdict

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from omniscript_mam.selectors import assets, collections
from omniscript_mam.selectors.writers import writer_cards
from omniscript_mam.services.archive import characters
from omniscript_mam.services.archive import collections as service

from .parameters import ParameterError, body

FIELDS = {"name": (str,), "description": (str,), "writer": (str,), "options": (dict,)}
"""What a collection is made of: name → types."""


class CollectionsView(APIView):
    """All collections, and new ones."""

    def get(self, request: Request) -> Response:
        return Response({"results": [asdict(row) for row in collections.collections()]})

    def post(self, request: Request) -> Response:
        fields = body(request, FIELDS)
        made = service.create_collection(fields.pop("name", ""), **fields)
        return Response(asdict(collections.collection(made.id)), status=201)


class CollectionView(APIView):
    """One collection."""

    def get(self, request: Request, collection_id: uuid.UUID) -> Response:
        return Response(asdict(collections.collection(collection_id)))

    def patch(self, request: Request, collection_id: uuid.UUID) -> Response:
        service.update_collection(collection_id, **body(request, FIELDS))
        return Response(asdict(collections.collection(collection_id)))

    def delete(self, request: Request, collection_id: uuid.UUID) -> Response:
        service.delete_collection(collection_id)
        return Response(status=204)


class WritersView(APIView):
    """Writers, what they perceive, and whether they can be used."""

    def get(self, request: Request) -> Response:
        return Response({"results": [asdict(card) for card in writer_cards()]})


class CharacterView(APIView):
    """One character of the current script, corrected by a person; every correction names the revision it was made on."""

    def patch(self, request: Request, asset_id: uuid.UUID, character_id: str) -> Response:
        known = {**dict.fromkeys(characters.TEXTS, (str,)), "aliases": (list,), "revision": (int,)}
        fields = body(request, known)
        if "aliases" in fields and not all(isinstance(alias, str) for alias in fields["aliases"]):
            raise ParameterError("aliases holds something that is not text.", remedy="Give a list of names.")
        asset = assets.get_asset(asset_id)
        identifier = characters.edit_character(asset, character_id, revision=fields.pop("revision", 0), **fields)
        return Response({"id": identifier, "revision": assets.asset_detail(asset.id).revision})


class MergeView(APIView):
    """Two characters are one person."""

    def post(self, request: Request, asset_id: uuid.UUID, character_id: str) -> Response:
        fields = body(request, {"into": (str,), "revision": (int,)})
        asset = assets.get_asset(asset_id)
        kept = characters.merge_characters(asset, character_id, fields.get("into", ""), revision=fields.get("revision", 0))
        return Response({"id": kept, "revision": assets.asset_detail(asset.id).revision})


class UndoView(APIView):
    """Take the last correction back."""

    def post(self, request: Request, asset_id: uuid.UUID) -> Response:
        fields = body(request, {"revision": (int,)})
        found = characters.undo(assets.get_asset(asset_id), revision=fields.get("revision", 0))
        return Response({"revision": found.number})
