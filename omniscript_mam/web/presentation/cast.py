"""Characters as the page shows them: profiles with their share of the talking, how they got their name, and who they are tied to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from omniscript_mam.script import Character, Event, Script
from omniscript_mam.selectors.planning import Recognition

from .clock import Clock, elapsed, seconds_text
from .passing import passing
from .timeline import Mark, presence
from .values import Value, tones, value_of

EVIDENCE_TIME = re.compile(r"\bat (\d+(?:\.\d+)?) s\b")
"""How writers state a moment in their evidence: ``“I'm Tom” at 12.4 s``."""

PROVISIONAL_LABEL = re.compile(r"[^\d]+ \d+")
"""A name given before the real one is known: ``Man 1``."""


@dataclass(frozen=True)
class Moment:
    """A time in the film: in seconds as text, elapsed, and as timecode."""

    start: str
    elapsed: str
    timecode: str


@dataclass(frozen=True)
class Tie:
    """A stated relation, seen from one person: ``words`` with ``other``; ``is_outgoing`` if this person is its subject."""

    words: Value
    other_id: str
    other: str
    tone: str
    is_outgoing: bool


@dataclass(frozen=True)
class Profile:
    """One character.

    Attributes:
        naming_evidence, named_at: why it has its name, and the moment that says so, where the evidence names one.
        was: the label it had before.
        match_sure, match_why: how sure the writer is that all of this is one person, in words, and by what; "" if it did not say.
        share: the part of all spoken time, in per cent.
        first: where it first appears.
    """

    id: str
    name: Value
    named: bool
    tone: str
    naming_evidence: str
    named_at: Moment | None
    was: str
    match_sure: str
    match_why: str
    aliases: list[str]
    appearance: Value
    voice: Value
    personality: Value
    num_lines: int
    num_events: int
    share: int
    first: Moment | None
    marks: list[Mark]
    ties: list[Tie]


def profiles(script: Script, duration_s: float, clock: Clock, recognised: Iterable[Recognition] = ()) -> list[Profile]:
    """Every character, those with most events first; ``recognised`` is what the planner noted of them."""
    noted = {each.character_id: each for each in recognised}
    colours = tones(script)
    by_character: dict[str, list[Event]] = {character.id: [] for character in script.characters}
    for event in script.events():
        if event.character_id in by_character:
            by_character[event.character_id].append(event)
    spoken_s = {identifier: sum(e.duration_s for e in events if e.dialogue) for identifier, events in by_character.items()}
    whole_s = sum(spoken_s.values())
    ties = _ties(script, colours)
    shown = []
    for character in sorted(script.characters, key=lambda each: -len(by_character[each.id])):
        events, note = by_character[character.id], noted.get(character.id) or Recognition(character.id, None, "")
        was, named_s = _late_name(character, note)
        shown.append(
            Profile(
                id=character.id,
                name=value_of(character, "name"),
                named=character.named,
                tone=colours[character.id],
                naming_evidence=character.naming_evidence,
                named_at=None if named_s is None else moment(named_s, clock),
                was=was,
                match_sure="" if note.confidence is None else f"{note.confidence:.0%}".replace("%", " %"),
                match_why=note.reason,
                aliases=[alias for alias in character.aliases if alias != character.name],
                appearance=value_of(character, "appearance"),
                voice=value_of(character, "voice"),
                personality=value_of(character, "personality"),
                num_lines=sum(bool(event.dialogue) for event in events),
                num_events=len(events),
                share=round(100 * spoken_s[character.id] / whole_s) if whole_s else 0,
                first=moment(events[0].start_s, clock) if events else None,
                marks=presence(events, duration_s),
                ties=ties[character.id],
            )
        )
    return shown


def _late_name(character: Character, note: Recognition) -> tuple[str, float | None]:
    """What a named character was called before, and until when: as the planner noted it, else as its aliases and evidence tell."""
    if not character.named:
        return "", None
    label = next((alias for alias in character.aliases if PROVISIONAL_LABEL.fullmatch(alias)), "")
    stated = EVIDENCE_TIME.search(character.naming_evidence)
    named_s = note.named_s if note.named_s is not None else float(stated[1]) if stated else None
    return note.before or label, named_s


def moment(time_s: float, clock: Clock) -> Moment:
    """A time of the film in words."""
    return Moment(seconds_text(time_s), elapsed(time_s), clock.label(time_s))


def _ties(script: Script, colours: dict[str, str]) -> dict[str, list[Tie]]:
    ties: dict[str, list[Tie]] = {character.id: [] for character in script.characters}
    stated = [(relation.source_id, relation.target_id, value_of(relation, "relation")) for relation in script.relationships]
    passed = [(each.source_id, each.target_id, each.words) for each in passing(script, script.interactions())]
    for source_id, target_id, words in (*stated, *passed):
        for mine, other, is_outgoing in ((source_id, target_id, True), (target_id, source_id, False)):
            if mine in ties:
                ties[mine].append(Tie(words, other, script.character_name(other), colours.get(other, "tone-none"), is_outgoing))
    return ties
