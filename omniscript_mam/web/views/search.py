"""Search: one box, what was understood of it, facets, and moments. The address always holds the whole question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.urls import reverse

from omniscript_mam.conf import conf
from omniscript_mam.errors import AppError, describe
from omniscript_mam.http_status import status_of
from omniscript_mam.selectors.identifiers import named_moment
from omniscript_mam.selectors.library import library, titles
from omniscript_mam.selectors.saved import get_saved, new_moments, saved_searches
from omniscript_mam.selectors.scripts import current_scripts
from omniscript_mam.selectors.search import SearchPage, completions, search
from omniscript_mam.services.search import saving
from omniscript_mam.viewer import Viewer, viewer_of
from search import ARRANGEMENTS, FACETS, SearchError, SearchRequest, changes_of, remove_chip
from search.types import Results

from ..presentation.arranged import ARRANGED, VIEWS, grouped
from ..presentation.hits import hit_card
from ..presentation.search import ChipView, FacetGroup, chip_views, facet_groups
from .pages import back, number, page, render

PAGE = "omniscript/search/show.html"
PAGE_SIZE = 20
WIDE_PAGE_SIZE = 60
"""Moments of a page that shows little of each."""
MAX_QUERY = 500
"""Longest query, in characters."""

EXAMPLES = (
    "an argument at night", "the moment after a door slams when somebody whispers", "mood:tense", '"exact words"', 
    "somebody laughs NOT kitchen",
    "sounds:music",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What the address asks: the question, its filters, and how the answer is shown."""

    text: str
    filters: tuple[tuple[str, tuple[str, ...]], ...] = ()
    is_soft: bool = False
    arrange: str = ""
    view: str = ""
    like: str = ""

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """The filters one by one."""
        return [(facet, value) for facet, values in self.filters for value in values]

    def address(self, **changed: Any) -> str:
        """The page's address for this, with something else in its place (``pairs``, ``more``: further parameters)."""
        pairs, more = changed.pop("pairs", self.pairs), changed.pop("more", [])
        asked = replace(self, **changed)
        shown = [("like", asked.like), ("arrange", asked.arrange), ("view", asked.view)]
        query = [("q", asked.text), *pairs, *([("only", "0")] if asked.is_soft else []), *shown, *more]
        return f"{reverse('omniscript:search')}?{urlencode([pair for pair in query if pair[1]])}"


@page("GET")
def show(request: HttpRequest) -> HttpResponse:
    """``/search/?q=…``: the page; for htmx only the results, or only the next hits."""
    viewer, asked = viewer_of(request), _asked(request.GET)
    context: dict[str, Any] = {
        "q": asked.text, "filters": asked.pairs, "is_soft": asked.is_soft, "arrange": asked.arrange, "like": asked.like, "view": asked.view,
        "is_idle": not (asked.text or asked.filters or asked.like), "saved": saved_searches(viewer), "has_reader": bool(conf.search_reader),
    }  # fmt: skip
    template = {"results": "omniscript/search/results.html", "more": "omniscript/search/more.html"}.get(
        request.headers.get("HX-Target", ""), PAGE
    )
    if context["is_idle"]:
        examples = [(example, Asked(example).address()) for example in EXAMPLES]
        return render(request, template, {**context, "examples": examples, "num_assets": library(viewer, limit=1).total})
    offset = number(request.GET.get("offset"), 0)
    size = WIDE_PAGE_SIZE if asked.view else PAGE_SIZE
    filters = dict(asked.filters)
    try:
        wanted = SearchRequest(
            asked.text, filters=filters, soft=asked.is_soft, arrange=asked.arrange, like=named_moment(asked.like), limit=size, offset=offset
        )
        answer = search(viewer, wanted, by_model="HX-Request" not in request.headers and request.GET.get("read") != "rules")
    except (SearchError, AppError) as error:
        status = status_of(error) if template == PAGE else 200  # htmx shows only parts that were answered with success
        return render(request, template, {**context, "problem": describe(error)}, status=status)
    return render(request, template, {**context, **_shown(viewer, answer, asked, offset)})


@page("GET")
def complete(request: HttpRequest) -> HttpResponse:
    """``/search/completions/?q=…``: how what is typed may go on, for the list under the box; nothing while the index cannot be asked."""
    try:
        found = completions(viewer_of(request), request.GET.get("q", "")[:MAX_QUERY])
    except (SearchError, AppError) as error:
        return JsonResponse({"completions": [], "problem": str(error)})
    return JsonResponse({"completions": [{"text": each.text, "value": each.value, "kind": each.kind} for each in found]})


@page("POST")
def save(request: HttpRequest) -> HttpResponse:
    """Keep the question that the form holds."""
    asked = _asked(request.POST)
    filters = {facet: list(values) for facet, values in asked.filters}
    saving.save_search(viewer_of(request), request.POST.get("name", ""), asked.text, filters=filters, is_soft=asked.is_soft)
    return back(request, "omniscript:search")


@page("GET")
def saved(request: HttpRequest, saved_id: str) -> HttpResponse:
    """What is new to a saved search, and the way to all that fits it; saying so makes it old."""
    viewer = viewer_of(request)
    kept, new = get_saved(viewer, saved_id), new_moments(viewer, saved_id)
    asked = Asked(kept.text, tuple((facet, tuple(values)) for facet, values in kept.filters.items()), kept.is_soft)
    films: dict[str, list[Any]] = {}
    for moment in new:
        films.setdefault(moment.asset_id, []).append(moment)
    context = {"kept": kept, "films": list(films.items()), "num_new": len(new), "address": asked.address()}
    return render(request, "omniscript/search/saved.html", context)


@page("POST")
def looked(request: HttpRequest, saved_id: str) -> HttpResponse:
    """Somebody has seen what is new."""
    saving.note_looked(viewer_of(request), saved_id)
    return back(request, "omniscript:search")


@page("POST")
def forget(request: HttpRequest, saved_id: str) -> HttpResponse:
    """Keep a search no longer."""
    saving.delete_search(viewer_of(request), saved_id)
    return back(request, "omniscript:search")


def _shown(viewer: Viewer, answer: SearchPage, asked: Asked, offset: int) -> dict[str, Any]:
    scripts = current_scripts(viewer, {row.card.id for row in answer.rows})
    shown_to = offset + len(answer.results.hits)
    read_as = replace(asked, text=answer.read_as or asked.text)
    cards = [hit_card(row, scripts.get(row.card.id)) for row in answer.rows]
    return {
        "results": answer.results,
        "hits": cards,
        "groups": grouped(cards, "film" if asked.view == "timeline" else asked.arrange),
        "chips": [(chip, _without(read_as, chip), _changes(read_as, chip)) for chip in _chips(read_as.text, answer.results)],
        "read_by": answer.read_by,
        "read_by_rules": asked.address(more=[("read", "rules")]),
        "facets": _facets(viewer, answer.results, asked),
        "suggestions": [(query, Asked(query).address()) for query in answer.results.suggestions[:3]],
        "more": asked.address(more=[("offset", str(shown_to))]) if shown_to < answer.results.total else "",
        "without_filters": asked.address(pairs=[], filters=(), is_soft=False) if asked.filters or asked.is_soft else "",
        "soft_address": asked.address(is_soft=not asked.is_soft),
        "views": [(name, label, asked.address(view=name), name == asked.view) for name, label in VIEWS],
        "arrangements": [(name, label, asked.address(arrange=name), name == asked.arrange) for name, label in ARRANGED],
        "own_address": asked.address(),
        "num_shown": shown_to,
    }


def _chips(text: str, results: Results) -> list[ChipView]:
    return chip_views(results.chips, [(remove_chip(text, chip), changes_of(text, chip)) for chip in results.chips])


def _without(asked: Asked, chip: ChipView) -> str:
    return asked.address(like="") if not chip.words else asked.address(text=chip.query)


def _changes(asked: Asked, chip: ChipView) -> list[tuple[str, str]]:
    return [(label, asked.address(text=query)) for label, query in chip.changes]


def _facets(viewer: Viewer, results: Results, asked: Asked) -> list[tuple[FacetGroup, list[tuple[Any, str]]]]:
    filters = dict(asked.filters)
    asset_ids = [*(asset_id for asset_id, _ in results.facets.get("asset", ())), *filters.get("asset", ())]
    groups = facet_groups(results, filters, titles(viewer, asset_ids))
    return [(group, [(value, asked.address(pairs=value.filters)) for value in group.values]) for group in groups]


def _asked(query: QueryDict) -> Asked:
    chosen = {facet: tuple(dict.fromkeys(value[:200] for value in query.getlist(facet) if value)) for facet in FACETS}
    return Asked(
        text=query.get("q", "")[:MAX_QUERY].strip(),
        filters=tuple((facet, values) for facet, values in chosen.items() if values),
        is_soft=query.get("only") == "0",
        arrange=arrange if (arrange := query.get("arrange", "")) in ARRANGEMENTS else "",
        like=like if named_moment(like := query.get("like", "")) else "",
        view=view if (view := query.get("view", "")) in dict(VIEWS) else "",
    )
