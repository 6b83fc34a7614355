"""Counts how honest a script is: inventions that stand unmarked, and heard lines that are there.

Shared by the test and benchmarks/liar.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from inference.pipeline import write_script
from inference.writers.lite.writer import LiteWriter
from inference.writers.two_stage import TwoStageWriter
from inference.writers.two_stage.weighing.witness import covered
from omniscript_mam.script import Event, Provenance, Script
from omniscript_mam.script.schema import Sourced

from .liar import Liar

LOW = 0.5
"""A value below this confidence is shown as doubtful."""
LANGUAGES = ("en",)
THERE = 0.6
"""Share of a heard line's words that make it there."""


@dataclass(frozen=True)
class Honesty:
    """Figures of one script.

    ``unmarked`` names the inventions that stand without a low confidence and something against them; ``num_by_chance`` counts those that
    small models happen to have observed as well, by whose confidence they stand.
    """

    num_invented_lines: int
    num_invented: int
    num_by_chance: int
    unmarked: tuple[str, ...]
    num_heard: int
    num_there: int


def written(film: Path, workdir: Path, engine: Liar, **options: object) -> Script:
    """A film written by an engine, with lite as its stand-in."""
    writer = TwoStageWriter(engine.name, lambda _: engine, engine.version, stand_in=LiteWriter())
    return write_script(film, workdir=workdir, writer=writer, options=dict(options), languages=LANGUAGES)


def heard_lines(film: Path, workdir: Path) -> list[Event]:
    """The lines that small models hear, as lite writes them."""
    script = write_script(film, workdir=workdir, writer="lite", languages=LANGUAGES)
    return [event for event in script.events() if event.dialogue]


def honesty(script: Script, liar: str, heard: list[Event]) -> Honesty:
    """Count. Everything that the liar is the writer of is invented, but for words that are heard."""
    by_liar = [(what, text, mark) for what, text, mark in values(script) if mark is not None and mark.writer == liar]
    lines = [text for what, text, mark in by_liar if what == "dialogue" and not _is_heard(text, heard)]
    others = [(what, text, mark) for what, text, mark in by_liar if what != "dialogue"]
    by_chance = [mark for what, text, mark in others if not is_marked(mark) and is_observed(mark)]
    unmarked = [f"{what}: {text}" for what, text, mark in others if not is_marked(mark) and not is_observed(mark)]
    unsigned = [f"{what}: {text}" for what, text, mark in values(script) if mark is None]
    told = " ".join(event.dialogue for event in script.events())
    there = sum(covered(line.dialogue, [told]) >= THERE for line in heard)
    return Honesty(len(lines), len(others), len(by_chance), (*unmarked, *unsigned), len(heard), there)


def is_marked(mark: Provenance) -> bool:
    """Whether a value is shown as doubtful, with what is against it."""
    return mark.confidence is not None and mark.confidence < LOW and bool(mark.against)


def is_observed(mark: Provenance) -> bool:
    """Whether small models say the same, in the evidence that people are shown."""
    return mark.evidence.startswith(("small models see", "small models say", "small models hear", "a face in view shows"))


def values(script: Script) -> Iterator[tuple[str, str, Provenance | None]]:
    """Every value of a script that somebody claims: field, text, and who says so."""
    for scene in script.scenes:
        yield from _of(scene, "location", "type", "environment", "time", "mood")
        for event in scene.events:
            yield from _of(event, "dialogue", "action", "expression", "audio_cue", "subtext", "voice_type")
            if event.character_id != "environment":
                yield "character_id", script.character_name(event.character_id), event.provenance.get("character_id")
    for person in script.characters:
        yield from _of(person, *(("name",) if person.named else ()), "appearance", "voice", "personality")
    for tie in script.relationships:
        yield from _of(tie, "relation")
    for segment in script.plot:
        yield from _of(segment, "summary")
    for point in script.high_points:
        yield from _of(point, "description")


def _of(part: Sourced, *names: str) -> Iterator[tuple[str, str, Provenance | None]]:
    for name in names:
        if value := getattr(part, name):
            yield name, str(value), part.provenance.get(name)


def _is_heard(text: str, heard: list[Event]) -> bool:
    return bool(heard) and covered(text, [line.dialogue for line in heard]) >= THERE
