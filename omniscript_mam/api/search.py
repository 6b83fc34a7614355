"""Search over the API."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.selectors import assets
from omniscript_mam.selectors.search import search
from search import FACETS, SearchRequest

from .base import ApiView
from .parameters import flag, paging


class SearchView(ApiView):
    """Search; every facet is a parameter and may be given several times."""

    def get(self, request: Request) -> Response:
        """A page of moments, best first; ``only`` excludes what does not have the facets' values instead of ranking it lower."""
        query = request.query_params
        offset, limit = paging(query)
        only = [str(assets.get_asset(self.viewer, value).id) for value in query.getlist("asset")]
        filters = {facet: tuple(query.getlist(facet)) for facet in FACETS if facet != "asset" and query.getlist(facet)}
        page = search(
            self.viewer,
            SearchRequest(
                text=query.get("q", ""),
                filters=filters,
                soft=not flag(query, "only"),
                asset_ids=frozenset(only) if only else None,
                limit=limit,
                offset=offset,
            ),
        )
        return Response(wire.search_wire(page))
