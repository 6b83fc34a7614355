"""The search page's words around the hits: chips that can be removed, facets that can be chosen, and what to try instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from search.types import FACETS, Chip, Results

from .fields import field_words, tag_words
from .languages import language_name

FACET_TITLES = {"character": "Characters", "interaction": "Between people", "location": "Place", "kind": "Has", "asset": "Film"}
"""Facets that are headed otherwise than their field is called."""

MAX_VALUES = 8
"""Values shown of one facet; chosen ones are shown always."""

CHANGE_WORDS = {"words": "Just these words", "only": "Only this", "without": "Leave this out", "with": "Look for this"}
"""What a chip can be made into, as a menu says it."""

CHIP_WORDS = {
    "text": "about",
    "phrase": "exact words",
    "relation": "between them",
    "interaction": "between people",
    "like": "like",
    "order": "in this order",
}
"""Kinds of chips that are no fields."""

Filters = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class ChipView:
    """One understood part of the query. ``query`` is the query without it; ``changes`` are what else it can be (label, changed query)."""

    kind: str
    value: str
    words: str
    excludes: bool
    query: str
    changes: list[tuple[str, str]]


@dataclass(frozen=True)
class FacetValue:
    """One value with its count; ``filters`` are the page's filters after a click on it."""

    label: str
    count: int
    is_chosen: bool
    filters: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class FacetGroup:
    """One facet."""

    name: str
    title: str
    values: list[FacetValue]


def chip_views(chips: Sequence[Chip], changed: Sequence[tuple[str, Mapping[str, str]]]) -> list[ChipView]:
    """Chips for people; ``changed`` has, for each, the query without its words, and the queries with it changed."""
    return [
        ChipView(
            CHIP_WORDS.get(chip.kind) or tag_words(chip.kind),
            chip.value,
            chip.words,
            chip.excludes,
            query,
            [(label, changes[how]) for how, label in CHANGE_WORDS.items() if how in changes],
        )
        for chip, (query, changes) in zip(chips, changed, strict=True)
    ]


def facet_groups(results: Results, filters: Filters, titles: Mapping[str, str]) -> list[FacetGroup]:
    """Facets that can still divide the results, and those chosen from. ``titles`` names the assets by id."""
    groups = []
    for facet in FACETS:
        counts = dict(results.facets.get(facet, ()))
        chosen = filters.get(facet, ())
        if not chosen and all(count == results.total for count in counts.values()):
            continue  # every hit has every value: a choice would change nothing
        ranked = [*chosen, *(value for value in counts if value not in chosen)][: max(MAX_VALUES, len(chosen))]
        values = [
            FacetValue(_label(facet, value, titles), counts.get(value, 0), value in chosen, toggled(filters, facet, value))
            for value in ranked
        ]
        groups.append(FacetGroup(facet, FACET_TITLES.get(facet) or field_words(facet).capitalize(), values))
    return groups


def toggled(filters: Filters, facet: str, value: str) -> tuple[tuple[str, str], ...]:
    """The filters with one value added, or taken away if it was there."""
    pairs = [(name, each) for name, values in filters.items() for each in values]
    return tuple(pair for pair in pairs if pair != (facet, value)) if (facet, value) in pairs else (*pairs, (facet, value))


def _label(facet: str, value: str, titles: Mapping[str, str]) -> str:
    if facet == "language":
        return language_name(value)
    return titles.get(value, value) if facet == "asset" else value
