"""Search: one box, what was understood of it, facets, and moments. The address always holds the whole question."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from omniscript_mam.errors import AppError, describe
from omniscript_mam.http_status import status_of
from omniscript_mam.selectors.library import library, titles
from omniscript_mam.selectors.scripts import current_scripts
from omniscript_mam.selectors.search import SearchPage, search
from omniscript_mam.viewer import Viewer, viewer_of
from search import FACETS, SearchError, SearchRequest, remove_chip
from search.types import Results

from ..presentation.hits import hit_card
from ..presentation.search import ChipView, FacetGroup, chip_views, facet_groups
from .pages import number, page, render

PAGE = "omniscript/search/show.html"
PAGE_SIZE = 20
MAX_QUERY = 500
"""Longest query, in characters."""

EXAMPLES = ("an argument at night", "mood:tense", '"exact words"', "sounds:music", "time:Morning", "somebody laughs")


@page("GET")
def show(request: HttpRequest) -> HttpResponse:
    """``/search/?q=…``: the page; for htmx only the results, or only the next hits."""
    viewer = viewer_of(request)
    text = request.GET.get("q", "")[:MAX_QUERY].strip()
    filters = _filters(request.GET)
    only = "only" in request.GET
    context = {"q": text, "filters": _pairs(filters), "only": only, "is_idle": not text and not filters}
    template = {"results": "omniscript/search/results.html", "more": "omniscript/search/more.html"}.get(
        request.headers.get("HX-Target", ""), PAGE
    )
    if context["is_idle"]:
        examples = [(example, _address(example, [], False)) for example in EXAMPLES]
        return render(request, template, {**context, "examples": examples, "num_assets": library(viewer, limit=1).total})
    offset = number(request.GET.get("offset"), 0)
    try:
        answer = search(viewer, SearchRequest(text=text, filters=filters, soft=not only, limit=PAGE_SIZE, offset=offset))
    except (SearchError, AppError) as error:
        status = status_of(error) if template == PAGE else 200  # htmx shows only parts that were answered with success
        return render(request, template, {**context, "problem": describe(error)}, status=status)
    return render(request, template, {**context, **_shown(viewer, answer, text, filters, only, offset)})


def _shown(viewer: Viewer, answer: SearchPage, text: str, filters: dict[str, tuple[str, ...]], only: bool, offset: int) -> dict[str, Any]:
    scripts = current_scripts(viewer, {row.card.id for row in answer.rows})
    shown_to = offset + len(answer.results.hits)
    pairs = _pairs(filters)
    return {
        "results": answer.results,
        "hits": [hit_card(row, scripts.get(row.card.id)) for row in answer.rows],
        "chips": [(chip, _address(chip.query, pairs, only)) for chip in _chips(text, answer.results)],
        "facets": _facets(viewer, answer.results, filters, text, only),
        "suggestions": [(query, _address(query, [], False)) for query in answer.results.suggestions[:3]],
        "more": _address(text, [*pairs, ("offset", str(shown_to))], only) if shown_to < answer.results.total else "",
        "without_filters": _address(text, [], False) if filters or only else "",
        "only_address": _address(text, pairs, not only),
        "num_shown": shown_to,
    }


def _chips(text: str, results: Results) -> list[ChipView]:
    return chip_views(results.chips, [remove_chip(text, chip) for chip in results.chips])


def _facets(
    viewer: Viewer, results: Results, filters: dict[str, tuple[str, ...]], text: str, only: bool
) -> list[tuple[FacetGroup, list[tuple[Any, str]]]]:
    asset_ids = [*(asset_id for asset_id, _ in results.facets.get("asset", ())), *filters.get("asset", ())]
    groups = facet_groups(results, filters, titles(viewer, asset_ids))
    return [(group, [(value, _address(text, value.filters, only)) for value in group.values]) for group in groups]


def _filters(query: QueryDict) -> dict[str, tuple[str, ...]]:
    chosen = {facet: tuple(dict.fromkeys(value[:200] for value in query.getlist(facet) if value)) for facet in FACETS}
    return {facet: values for facet, values in chosen.items() if values}


def _pairs(filters: dict[str, tuple[str, ...]]) -> list[tuple[str, str]]:
    return [(facet, value) for facet, values in filters.items() for value in values]


def _address(text: str, pairs: Any, only: bool) -> str:
    query = [("q", text), *pairs, *([("only", "1")] if only else [])]
    return f"{reverse('omniscript:search')}?{urlencode([pair for pair in query if pair[1]])}"
