"""The history of a script over the API: revisions, comparisons, undo, redo, restore, and what people corrected."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.errors import ParameterError
from omniscript_mam.selectors import assets, revisions
from omniscript_mam.services.archive import correcting

from .base import ApiView
from .parameters import body, seen_revision, whole_number

MAX_REVISION = 2**31 - 1


class RevisionsView(ApiView):
    """The history."""

    def get(self, request: Request, asset_id: uuid.UUID) -> Response:
        """Every revision, newest first, and where undo and redo lead."""
        asset = assets.get_asset(self.viewer, asset_id)
        return Response(wire.history_wire(assets.revision_rows(self.viewer, asset), revisions.steps_of(self.viewer, asset.id)))


class ComparisonView(ApiView):
    """What a revision changed."""

    def get(self, request: Request, asset_id: uuid.UUID, number: int) -> Response:
        """What differs from the revision before it, or from the one that ``against`` names."""
        against = whole_number(request.query_params, "against", max(1, number - 1), 1, MAX_REVISION)
        changes = revisions.compare_revisions(self.viewer, assets.get_asset(self.viewer, asset_id).id, against, number)
        return Response(wire.comparison_wire(against, number, changes))


class RestoreView(ApiView):
    """Bring an old revision back."""

    def post(self, request: Request, asset_id: uuid.UUID, number: int) -> Response:
        """Its script becomes a new revision."""
        seen = seen_revision(request, body(request, {"revision": (int,)}))
        return Response(
            wire.undo_wire(correcting.restore(self.viewer, assets.get_asset(self.viewer, asset_id), number, revision=seen).number)
        )


class UndoView(ApiView):
    """Take the last correction back."""

    def post(self, request: Request, asset_id: uuid.UUID) -> Response:
        """The script before the last correction becomes a new revision."""
        seen = seen_revision(request, body(request, {"revision": (int,)}))
        return Response(wire.undo_wire(correcting.undo(self.viewer, assets.get_asset(self.viewer, asset_id), revision=seen).number))


class RedoView(ApiView):
    """Do again what was undone last."""

    def post(self, request: Request, asset_id: uuid.UUID) -> Response:
        """The script before the last undo becomes a new revision."""
        seen = seen_revision(request, body(request, {"revision": (int,)}))
        return Response(wire.undo_wire(correcting.redo(self.viewer, assets.get_asset(self.viewer, asset_id), revision=seen).number))


class CorrectionsView(ApiView):
    """What people corrected."""

    def get(self, request: Request, asset_id: uuid.UUID) -> Response:
        """Every correction that holds, those that do not fit the script first."""
        return Response(wire.corrections_wire(revisions.correction_rows(self.viewer, assets.get_asset(self.viewer, asset_id).id)))


class CorrectionView(ApiView):
    """A correction that does not fit, decided."""

    def post(self, request: Request, asset_id: uuid.UUID, key: str) -> Response:
        """``part``: the id of the part that it is about; ``""``: it is given up."""
        fields = body(request, {"part": (str,), "revision": (int,)})
        seen, asset = seen_revision(request, fields), assets.get_asset(self.viewer, asset_id)
        if "part" not in fields:
            raise ParameterError("“part” is missing.", remedy='Name one of the correction\'s choices, or send "" to give it up.')
        if fields["part"]:
            return Response(wire.undo_wire(correcting.assign(self.viewer, asset, key, fields["part"], revision=seen).number))
        return Response(wire.undo_wire(correcting.dismiss(self.viewer, asset, key, revision=seen).number))
