"""Hits on the wire."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypedDict

from omniscript_mam.selectors.search import HitRow, SearchPage

if TYPE_CHECKING:
    from search.types import Chip, Completion, Highlight, Reason


class ReasonWire(TypedDict):
    """Why a moment matched: which field, how, which words of it, and how sure the field's value is (0..1; ``None``: nobody said)."""

    field: str
    how: str
    detail: str
    confidence: float | None


class HighlightWire(TypedDict):
    """A field's text in pieces, each with whether it matched. Plain text: whoever shows it escapes it."""

    field: str
    pieces: list[tuple[str, bool]]


class HitWire(TypedDict):
    """A moment, in seconds of the film.

    Attributes:
        event_ids: the events of the scene that match, best first.
        score: higher is better; comparable within one answer only.
        title: the asset's.
        proxy_url: what a player plays, "" while there is none.
        thumbnail_s: the time whose picture shows the moment.
    """

    asset_id: str
    scene_id: str
    event_ids: list[str]
    start_s: float
    end_s: float
    score: float
    reasons: list[ReasonWire]
    highlights: list[HighlightWire]
    title: str
    proxy_url: str
    thumbnail_s: float


class ChipWire(TypedDict):
    """One understood part of the query: its kind, the words it came from, the value they mean, whether it excludes."""

    kind: str
    words: str
    value: str
    excludes: bool


class CompletionWire(TypedDict):
    """How a query may go on: the whole query, what was put in, and its kind (character, location, title, time, mood, interaction, word)."""

    text: str
    value: str
    kind: str


class SearchWire(TypedDict):
    """A page of hits.

    Attributes:
        total: of all hits.
        facets: facet → values with the number of hits that have them.
        relaxed: what was given up to find any, in words. notices: what else should be known, in words.
        suggestions: whole queries to try instead, best first.
        left_out: number of moments that fit but for the facets asked for, which are generated and can be wrong.
        took_ms: the time that finding took, in milliseconds.
        read_by: the language model that read the question; "" for the rules. read_as: then the query that it was read as.
    """

    hits: list[HitWire]
    total: int
    facets: dict[str, list[tuple[str, int]]]
    chips: list[ChipWire]
    relaxed: list[str]
    notices: list[str]
    suggestions: list[str]
    left_out: int
    took_ms: float
    read_by: str
    read_as: str


def search_wire(page: SearchPage) -> SearchWire:
    """A page of hits."""
    results = page.results
    return SearchWire(
        hits=[hit_wire(row) for row in page.rows],
        total=results.total,
        facets={facet: list(values) for facet, values in results.facets.items()},
        chips=[chip_wire(chip) for chip in results.chips],
        relaxed=list(results.relaxed),
        notices=list(results.notices),
        suggestions=list(results.suggestions),
        left_out=results.left_out,
        took_ms=results.took_ms,
        read_by=page.read_by,
        read_as=page.read_as,
    )


def completions_wire(completions: Sequence[Completion]) -> list[CompletionWire]:
    """How a query may go on, the likeliest first."""
    return [CompletionWire(text=each.text, value=each.value, kind=each.kind) for each in completions]


def hit_wire(row: HitRow) -> HitWire:
    """One moment."""
    hit = row.hit
    return HitWire(
        asset_id=hit.asset_id,
        scene_id=hit.scene_id,
        event_ids=list(hit.event_ids),
        start_s=hit.start_s,
        end_s=hit.end_s,
        score=hit.score,
        reasons=[reason_wire(reason) for reason in hit.reasons],
        highlights=[highlight_wire(highlight) for highlight in hit.highlights],
        title=row.card.title,
        proxy_url=row.proxy_url,
        thumbnail_s=row.thumbnail_s,
    )


def reason_wire(reason: Reason) -> ReasonWire:
    """Why a moment matched."""
    return ReasonWire(field=reason.field, how=reason.how, detail=reason.detail, confidence=reason.confidence)


def highlight_wire(highlight: Highlight) -> HighlightWire:
    """A field's text in pieces."""
    return HighlightWire(field=highlight.field, pieces=list(highlight.pieces))


def chip_wire(chip: Chip) -> ChipWire:
    """One understood part of the query."""
    return ChipWire(kind=chip.kind, words=chip.words, value=chip.value, excludes=chip.excludes)
