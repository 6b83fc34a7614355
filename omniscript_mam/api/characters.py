"""Corrections of who is in a film, over the API. Each names the revision that it was made on."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.selectors import assets, people
from omniscript_mam.services.archive import characters

from .base import ApiView
from .parameters import body, list_of, seen_revision


class CharacterView(ApiView):
    """One character of the current script."""

    def patch(self, request: Request, asset_id: uuid.UUID, character_id: str) -> Response:
        """Correct the profile: any of its texts, and ``aliases``; ``same_name`` allows a name that somebody else has."""
        fields = body(request, {**dict.fromkeys(characters.TEXTS, (str,)), "aliases": (list,), "revision": (int,), "same_name": (bool,)})
        list_of(fields.get("aliases"), str, "aliases", words="text", remedy="Give a list of names.")
        asset = assets.get_asset(self.viewer, asset_id)
        seen = seen_revision(request, fields)
        fields.pop("revision", None)
        done = characters.edit_character(self.viewer, asset, character_id, revision=seen, **fields)
        return Response(wire.correction_wire(done.part_id, done.revision))


class MergeView(ApiView):
    """Two characters are one person."""

    def get(self, request: Request, asset_id: uuid.UUID, character_id: str) -> Response:
        """What the merge with ``into`` would change; nothing is done."""
        into = request.query_params.get("into", "")
        return Response(wire.merge_wire(people.merge_preview(self.viewer, assets.get_asset(self.viewer, asset_id).id, character_id, into)))

    def post(self, request: Request, asset_id: uuid.UUID, character_id: str) -> Response:
        """Make the character the one that ``into`` names; answers who stays."""
        fields = body(request, {"into": (str,), "revision": (int,)})
        asset = assets.get_asset(self.viewer, asset_id)
        done = characters.merge_characters(
            self.viewer, asset, character_id, fields.get("into", ""), revision=seen_revision(request, fields)
        )
        return Response(wire.correction_wire(done.part_id, done.revision))
