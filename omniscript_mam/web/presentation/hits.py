"""Search hits as the page shows them: where it is, the words that matched, and why.

Search gives highlights as pieces of plain text; the template escapes each piece and marks the matched ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from omniscript_mam.exporters.screenplay import slug_line
from omniscript_mam.script import EVENT_TEXTS, Event, Scene, Script
from omniscript_mam.selectors.library import AssetCard
from omniscript_mam.selectors.search import HitRow
from search.types import Highlight, Hit, Reason

from .clock import Clock, clock_of, elapsed, seconds_text
from .fields import tag_words
from .sprites import Sheet, sheet_of
from .values import tones

Pieces = tuple[tuple[str, bool], ...]

MAX_LINES = 3
"""Lines shown of one hit."""

LABELS = {
    "phrase": "exact words in {field}", "fuzzy": "{field}, spelled alike", "meaning": "near in meaning", "differs": "but {field}",
}  # fmt: skip
"""How it matched → how that is said; everything else is said by the field's name."""

ALWAYS_SHOWN = ("dialogue", "action")
"""Texts of an event that are shown even where nothing of them matched."""


@dataclass(frozen=True)
class HitLine:
    """One line of a hit: its field, its text in pieces, and who says or does it."""

    field: str
    pieces: Pieces
    who: str = ""
    tone: str = "tone-none"


@dataclass(frozen=True)
class ReasonTag:
    """Why it matched, in words; ``sure`` is per cent as text, or ""; ``is_against`` marks what speaks against the hit."""

    label: str
    detail: str
    sure: str
    is_against: bool


@dataclass(frozen=True)
class OtherMoment:
    """Another matching moment of a hit's scene, in the order of the film."""

    start: str
    end: str
    elapsed: str
    line: HitLine


@dataclass(frozen=True)
class HitCard:
    """A hit ready to print."""

    hit: Hit
    card: AssetCard
    proxy_url: str
    sheet: Sheet | None
    view_box: str
    start: str
    end: str
    elapsed: str
    timecode: str
    frame_rate: str
    slug: str
    scene_number: int
    lines: list[HitLine]
    others: list[OtherMoment]
    reasons: list[ReasonTag]


def hit_card(row: HitRow, script: Script | None) -> HitCard:
    """One hit. ``script`` may be missing (just deleted, or indexed before it was replaced); then the highlights stand alone."""
    hit = row.hit
    clock: Clock = clock_of(script, {})
    numbered = {scene.id: (number, scene) for number, scene in enumerate(script.scenes, start=1)} if script else {}
    number, scene = numbered.get(hit.scene_id, (0, None))
    sheet = sheet_of(row.sprite_url, row.sprite)
    return HitCard(
        hit=hit,
        card=row.card,
        proxy_url=row.proxy_url,
        sheet=sheet,
        view_box=sheet.view_box(row.thumbnail_s) if sheet else "",
        start=seconds_text(hit.start_s),
        end=seconds_text(hit.end_s),
        elapsed=elapsed(hit.start_s),
        timecode=clock.label(hit.start_s),
        frame_rate=clock.frame_rate,
        slug=slug_line(scene) if scene else "",
        scene_number=number,
        lines=_lines(hit, scene, script),
        others=_others(hit, scene, script),
        reasons=[_reason(reason) for reason in hit.reasons],
    )


def _lines(hit: Hit, scene: Scene | None, script: Script | None) -> list[HitLine]:
    """The matching event with its matched words; other matched fields after it; for a scene without one, its first lines."""
    marked = {highlight.field: highlight for highlight in hit.highlights}
    events = {event.id: event for event in scene.events} if scene else {}
    best = next((events[event_id] for event_id in hit.event_ids if event_id in events), None)
    if script is None or scene is None:
        return [HitLine(highlight.field, highlight.pieces) for highlight in hit.highlights][:MAX_LINES]
    colours = tones(script)
    if best is not None:
        return _event_lines(best, script, colours, marked)
    shown = [highlight for highlight in hit.highlights if highlight.field in (*EVENT_TEXTS, "plot", "environment")]
    if shown:
        return [HitLine(highlight.field, highlight.pieces) for highlight in shown][:MAX_LINES]
    first = [event for event in scene.events if event.dialogue or event.action][:2]
    return [line for event in first for line in _event_lines(event, script, colours, {})[:1]]


def _others(hit: Hit, scene: Scene | None, script: Script | None) -> list[OtherMoment]:
    if script is None or scene is None:
        return []
    colours = tones(script)
    others = sorted((event for event in scene.events if event.id in hit.event_ids[1:]), key=lambda event: event.start_s)
    return [
        OtherMoment(seconds_text(event.start_s), seconds_text(event.end_s), elapsed(event.start_s), line)
        for event in others
        for line in _event_lines(event, script, colours, {})[:1]
    ]


def _event_lines(event: Event, script: Script, colours: Mapping[str, str], marked: Mapping[str, Highlight]) -> list[HitLine]:
    character = script.character(event.character_id)
    name, tone = (character.name if character else ""), colours.get(event.character_id, "tone-none")
    lines: list[HitLine] = []
    for field in EVENT_TEXTS:
        text = getattr(event, field)
        if text and (field in ALWAYS_SHOWN or field in marked):
            lines.append(HitLine(field, pieces_of(text, marked.get(field)), "" if lines else name, tone))
    if not lines:
        field = next((name for name in EVENT_TEXTS if getattr(event, name)), "")
        lines = [HitLine(field, ((getattr(event, field), False),), name, tone)] if field else []
    return lines[:MAX_LINES]


def pieces_of(text: str, highlight: Highlight | None) -> Pieces:
    """The whole text of a field with the highlight's words marked, if the highlight is of this text (or of a part of it)."""
    if highlight is None:
        return ((text, False),)
    plain = "".join(piece for piece, _ in highlight.pieces)
    before, same, after = text.partition(plain)
    if not same:
        return ((text, False),)
    return tuple(piece for piece in ((before, False), *highlight.pieces, (after, False)) if piece[0])


def _reason(reason: Reason) -> ReasonTag:
    sure = "" if reason.confidence is None else f"{reason.confidence:.0%}".replace("%", " %")
    label = LABELS.get(reason.how, "{field}").format(field=tag_words(reason.field))
    return ReasonTag(label, reason.detail, sure, reason.how == "differs")
