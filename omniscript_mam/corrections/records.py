"""A correction and its anchor, as they are stored beside a revision (plain JSON).

An anchor says where in the film a part of a script was, in terms that outlive its id: when, which words, who, and for a character the
lines that were said. Times are seconds of the film.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from omniscript_mam.script import EVENT_TEXTS, Character, Event, HighPoint, Interaction, Meta, PlotSegment, Relationship, Scene, Script

Part = Meta | PlotSegment | Character | Relationship | Scene | Event | Interaction | HighPoint
"""A part of a document: people correct its fields, add it, take it away."""

Kind = Literal["meta", "plot", "character", "relationship", "scene", "event", "interaction", "high_point"]
KINDS: dict[type, Kind] = {
    Meta: "meta",
    PlotSegment: "plot",
    Character: "character",
    Relationship: "relationship",
    Scene: "scene",
    Event: "event",
    Interaction: "interaction",
    HighPoint: "high_point",
}

MAX_LINES = 24
"""Lines of a character that its anchor holds, spread over the film: enough to tell two people apart."""

MAX_TEXT = 200


class Line(BaseModel):
    """A stretch of the film in which a character did or said something."""

    model_config = ConfigDict(frozen=True)

    start_s: float
    end_s: float
    text: str = ""


class Anchor(BaseModel):
    """Where a part of a script was, when a person corrected it.

    Attributes:
        id: its id in that lineage, as :func:`key_of` gives it.
        text: the words of an event, kind of an interaction, place of a scene, summary of a plot segment, looks and voice of a character,
            the relation, type of a high point.
        fields: the texts that an event had.
        names: a character's name and aliases (``named`` if these are more than a label); who does it and to whom, of an interaction.
        ends: of a relationship: from whom, to whom.
    """

    model_config = ConfigDict(frozen=True)

    kind: Kind
    id: str = ""
    start_s: float = 0.0
    end_s: float = 0.0
    text: str = ""
    fields: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    named: bool = False
    lines: tuple[Line, ...] = ()
    ends: tuple[Anchor, ...] = ()


class Correction(BaseModel):
    """One thing that a person said about a film.

    Attributes:
        key: names it within the asset's corrections.
        kind: ``value``: ``field`` of the part is ``value``. ``same``: the character is the same person as ``people[0]``.
            ``added``: there is such a part, whole in ``value``. ``removed``: there is not, though a writer says so.
        before: what stood there before (``None`` for a ``same``); the part that was removed, a scene with its events if they went with it.
        people: the characters that ``value`` names by their ids, in that order.
        author, at, revision: who, when (ISO 8601), and with which revision.
        part_id: id of the part in the script that it is kept beside; "" while it does not fit.
        problem: why it does not fit; "" when it is in the script.
    """

    model_config = ConfigDict(frozen=True)

    key: str = ""
    kind: Literal["value", "same", "added", "removed"] = "value"
    where: Anchor
    field: str = ""
    before: Any = None
    value: Any = None
    people: tuple[Anchor, ...] = ()
    author: str = ""
    at: str = ""
    revision: int = Field(default=0, ge=0)
    part_id: str = ""
    problem: str = ""


def to_data(corrections: list[Correction]) -> list[dict[str, Any]]:
    """As plain JSON; defaults are left out."""
    return [correction.model_dump(mode="json", exclude_defaults=True) for correction in corrections]


def loads(data: list[dict[str, Any]]) -> list[Correction]:
    """As :func:`to_data` gave it."""
    return [Correction.model_validate(each) for each in data]


def key_of(part: Part) -> str:
    """What tells a part from the others of its kind, within a lineage: its id, or what a relationship or a high point is."""
    if isinstance(part, Relationship):
        return f"{part.source_id}>{part.target_id}:{part.relation}"
    if isinstance(part, HighPoint):
        return f"{part.type}@{part.start_s:.3f}-{part.end_s:.3f}"
    return "meta" if isinstance(part, Meta) else part.id


def anchor_of(script: Script, part: Part) -> Anchor:
    """Where a part is."""
    if isinstance(part, Character):
        return Anchor(
            kind="character",
            id=part.id,
            names=(part.name, *part.aliases),
            named=part.named,
            text=f"{part.appearance} {part.voice}".strip()[:MAX_TEXT],
            lines=_lines(script, part.id),
        )
    if isinstance(part, Meta):
        return Anchor(kind="meta", end_s=part.duration_s)
    if isinstance(part, Relationship):
        people = [script.character(each) for each in (part.source_id, part.target_id)]
        ends = tuple(anchor_of(script, person) for person in people if person is not None)
        return Anchor(kind="relationship", id=key_of(part), text=part.relation, ends=ends)
    span = {"id": key_of(part), "start_s": part.start_s, "end_s": part.end_s}
    if isinstance(part, Event):
        return Anchor(kind="event", text=words_of(part), fields=fields_of(part), **span)
    if isinstance(part, Interaction):
        both = script.character_name(part.source_id), script.character_name(part.target_id)
        return Anchor(kind="interaction", text=part.kind.value, names=both, **span)
    if isinstance(part, HighPoint):
        return Anchor(kind="high_point", text=part.type, **span)
    return Anchor(kind=KINDS[type(part)], text=(part.location if isinstance(part, Scene) else part.summary)[:MAX_TEXT], **span)


def words_of(event: Event) -> str:
    """Every text of an event in one."""
    return " ".join(text for name in EVENT_TEXTS if (text := getattr(event, name)))[:MAX_TEXT]


def fields_of(event: Event) -> tuple[str, ...]:
    """Names of the texts that an event has."""
    return tuple(name for name in EVENT_TEXTS if getattr(event, name))


def _lines(script: Script, character_id: str) -> tuple[Line, ...]:
    """What a character does, spoken lines first if there are too many, spread evenly."""
    events = [event for scene in script.scenes for event in scene.events if event.character_id == character_id]
    spoken = [event for event in events if event.dialogue]
    chosen = spoken if len(spoken) >= MAX_LINES else events
    step = max(1.0, len(chosen) / MAX_LINES)
    spread = [chosen[int(number * step)] for number in range(min(MAX_LINES, len(chosen)))]
    return tuple(Line(start_s=event.start_s, end_s=event.end_s, text=words_of(event)[:80]) for event in spread)
