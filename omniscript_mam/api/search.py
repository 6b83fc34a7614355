"""Search over the API."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.selectors import assets
from omniscript_mam.selectors.search import search
from search import FACETS, SearchRequest

from .base import ApiView
from .parameters import flag, identifier, paging


class SearchView(ApiView):
    """Search; every facet is a parameter and may be given several times."""

    parameters = ("q", "asset", "only", "offset", "limit", *FACETS)
    repeated = FACETS

    def get(self, request: Request) -> Response:
        """A page of moments, best first; what has none of a facet's values is left out (``only=0``: ranked lower)."""
        query = request.query_params
        offset, limit = paging(query)
        only = [str(assets.get_asset(self.viewer, identifier("asset", value)).id) for value in query.getlist("asset")]
        filters = {facet: tuple(query.getlist(facet)) for facet in FACETS if facet != "asset" and query.getlist(facet)}
        page = search(
            self.viewer,
            SearchRequest(
                text=query.get("q", ""),
                filters=filters,
                soft="only" in query and not flag(query, "only"),
                asset_ids=frozenset(only) if only else None,
                limit=limit,
                offset=offset,
            ),
        )
        return Response(wire.search_wire(page))
