"""Search over the API."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from omniscript_mam import wire
from omniscript_mam.selectors import assets
from omniscript_mam.selectors.search import completions, search
from search import ARRANGEMENTS, FACETS, SearchRequest

from .base import ApiView
from .parameters import flag, identifier, moment_named, one_of, paging, whole_number


class CompletionsView(ApiView):
    """How a question that is being typed may go on."""

    parameters = ("q", "limit")

    def get(self, request: Request) -> Response:
        """Names, places, titles, times, moods and words of the archive, as whole questions, the likeliest first."""
        limit = whole_number(request.query_params, "limit", 8, 1, 50)
        return Response(wire.completions_wire(completions(self.viewer, request.query_params.get("q", ""), limit)))


class SearchView(ApiView):
    """Search; every facet is a parameter and may be given several times."""

    parameters = ("q", "asset", "only", "arrange", "like", "offset", "limit", *FACETS)
    repeated = FACETS

    def get(self, request: Request) -> Response:
        """A page of moments, best first; what has none of a facet's values is left out (``only=0``: ranked lower).

        ``arrange``: film or scene keeps the moments of one together, spread takes turns between films. ``like``: moments like the one
        at ``{asset}@{seconds}``.
        """
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
                arrange=one_of(query, "arrange", ARRANGEMENTS),
                like=moment_named(query.get("like", "")),
                limit=limit,
                offset=offset,
            ),
        )
        return Response(wire.search_wire(page))
