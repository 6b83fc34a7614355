"""Saved searches over the API."""

from __future__ import annotations

import uuid

from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.selectors import saved
from omniscript_mam.services.search import saving

from .base import ApiView
from .parameters import body, list_of

FIELDS = {"name": (str,), "text": (str,), "filters": (dict,), "only": (bool,)}
"""What a saved search is made of: name → types."""


class SavedSearchesView(ApiView):
    """Everything that the asker keeps, and new ones."""

    def get(self, request: Request) -> Response:
        """All of theirs, those with something new first."""
        return Response(wire.saved_searches_wire(saved.saved_searches(self.viewer)))

    def post(self, request: Request) -> Response:
        """Keep a question: ``name``, and ``text`` or ``filters`` (facet → values); ``only`` false ranks by the filters instead."""
        fields = body(request, FIELDS)
        filters = fields.get("filters", {})
        for facet, values in filters.items():
            list_of(
                values if isinstance(values, list) else [None],
                str,
                f"“filters” of {facet[:80]}",
                words="text",
                remedy="Give a list of values.",
            )
        made = saving.save_search(
            self.viewer, fields.get("name", ""), fields.get("text", ""), filters=filters, is_soft=not fields.get("only", True)
        )
        return Response(wire.saved_search_wire(self._row(made.id)), status=201)

    def _row(self, saved_id: uuid.UUID) -> saved.SavedRow:
        return next(row for row in saved.saved_searches(self.viewer) if row.id == str(saved_id))


class SavedSearchView(ApiView):
    """One saved search."""

    def get(self, request: Request, saved_id: uuid.UUID) -> Response:
        """The question and the moments that are new; they stay new until somebody says that they were looked at."""
        found = saved.get_saved(self.viewer, saved_id)
        row = next(row for row in saved.saved_searches(self.viewer) if row.id == str(found.id))
        return Response(wire.saved_search_detail_wire(row, saved.new_moments(self.viewer, saved_id)))

    def delete(self, request: Request, saved_id: uuid.UUID) -> Response:
        """Keep it no longer."""
        saving.delete_search(self.viewer, saved_id)
        return Response(status=204)


class LookedView(ApiView):
    """Somebody has looked."""

    def post(self, request: Request, saved_id: uuid.UUID) -> Response:
        """What was found so far is not new any more."""
        saving.note_looked(self.viewer, saved_id)
        return Response(status=204)
