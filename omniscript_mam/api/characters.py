"""Corrections of who is in a film, over the API. Each names the revision that it was made on."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.selectors import assets
from omniscript_mam.services.archive import characters

from .base import ApiView
from .parameters import body, list_of


class CharacterView(ApiView):
    """One character of the current script."""

    def patch(self, request: Request, asset_id: uuid.UUID, character_id: str) -> Response:
        """Correct the profile: any of its texts, and ``aliases``."""
        fields = body(request, {**dict.fromkeys(characters.TEXTS, (str,)), "aliases": (list,), "revision": (int,)})
        list_of(fields.get("aliases"), str, "aliases", words="text", remedy="Give a list of names.")
        asset = assets.get_asset(self.viewer, asset_id)
        identifier = characters.edit_character(self.viewer, asset, character_id, revision=fields.pop("revision", 0), **fields)
        return Response(wire.correction_wire(identifier, assets.asset_detail(self.viewer, asset.id).revision))


class MergeView(ApiView):
    """Two characters are one person."""

    def post(self, request: Request, asset_id: uuid.UUID, character_id: str) -> Response:
        """Make the character the one that ``into`` names; answers who stays."""
        fields = body(request, {"into": (str,), "revision": (int,)})
        asset = assets.get_asset(self.viewer, asset_id)
        kept = characters.merge_characters(self.viewer, asset, character_id, fields.get("into", ""), revision=fields.get("revision", 0))
        return Response(wire.correction_wire(kept, assets.asset_detail(self.viewer, asset.id).revision))


class UndoView(ApiView):
    """Take the last correction back."""

    def post(self, request: Request, asset_id: uuid.UUID) -> Response:
        """The script before the last correction becomes a new revision."""
        fields = body(request, {"revision": (int,)})
        restored = characters.undo(self.viewer, assets.get_asset(self.viewer, asset_id), revision=fields.get("revision", 0))
        return Response(wire.undo_wire(restored.number))
