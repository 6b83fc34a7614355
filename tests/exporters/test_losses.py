"""What a format says it loses, it loses, and nothing else: each thing that a Script holds is changed, and the output looked at."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from omniscript_mam.exporters import FORMATS, Deliverable, export, format_named
from omniscript_mam.exporters.formats import CONTENT
from omniscript_mam.script import (
    Character,
    Event,
    HighPoint,
    Interaction,
    Meta,
    PlotSegment,
    Provenance,
    Relationship,
    Scene,
    Script,
    loads,
    to_data,
    validate,
)


def full() -> Script:
    """A script with something in every field."""
    sure = {"mood": Provenance(writer="lite", version="1", confidence=0.5, evidence="music")}
    events = [
        Event(
            id="e1", start_s=1.21, end_s=3.0, character_id="char_ann", dialogue="Good night.", action="Locks the door", expression="weary",
            emotion="fear", audio_cue="a lock", subtext="she is afraid", voice_type="VO", language="en", on_screen_text="EXIT",
        ),
        Event(id="e2", start_s=4.0, end_s=5.0, character_id="char_bob", dialogue="Wait!"),
    ]  # fmt: skip
    return validate(
        Script(
            meta=Meta(
                title="Doors", description="A night.", duration_s=20.0, frame_rate="25", start_timecode="10:00:00:00", languages=["en"]
            ),
            plot=[PlotSegment(id="p1", start_s=0, end_s=10, summary="She leaves.", active_characters=["char_ann"])],
            characters=[Character(id="char_ann", name="Ann", named=True, appearance="tall"), Character(id="char_bob", name="Bob")],
            relationships=[Relationship(source_id="char_ann", target_id="char_bob", relation="sister of")],
            scenes=[
                Scene(
                    id="s1", start_s=0, end_s=10, location="Hall", type="Interior", environment="dark", time="Night", mood="tense",
                    events=events, provenance=sure,
                    interactions=[Interaction(id="i1", start_s=1, end_s=5, source_id="char_ann", target_id="char_bob", kind="argue")],
                )
            ],
            high_points=[HighPoint(type="twist", start_s=1, end_s=2, description="It is locked.", score=7)],
        )
    )  # fmt: skip


def setting(path: str, value: object) -> Callable[[Script], None]:
    """A change of one field: ``scenes.0.mood``."""

    def change(script: Script) -> None:
        *steps, name = path.split(".")
        part: object = script
        for step in steps:
            part = part[int(step)] if isinstance(part, list) else getattr(part, step)
        assert getattr(part, name) != value
        setattr(part, name, value)

    return change


EVENT = "scenes.0.events.0"
CHANGES: dict[str, Callable[[Script], None]] = {
    "title": setting("meta.title", "Locks"),
    "description": setting("meta.description", "A day."),
    "duration": setting("meta.duration_s", 30.0),
    "languages": setting("meta.languages", ["zh"]),
    "frame rate and start timecode": setting("meta.frame_rate", "50"),
    "plot segments": setting("plot.0.summary", "She stays."),
    "names of characters": setting("characters.0.name", "Eve"),
    "profiles beyond the name": setting("characters.0.appearance", "small"),
    "relationships": setting("relationships.0.relation", "aunt of"),
    "interactions": setting("scenes.0.interactions.0.kind", "comfort"),
    "scene headings": setting("scenes.0.location", "Attic"),
    "environment": setting("scenes.0.environment", "bright"),
    "mood": setting("scenes.0.mood", "calm"),
    "ends of scenes": setting("scenes.0.end_s", 9.0),
    "dialogue": setting(f"{EVENT}.dialogue", "Good morning."),
    "who speaks": setting(f"{EVENT}.character_id", "char_bob"),
    "voice types": setting(f"{EVENT}.voice_type", "OS"),
    "action": setting(f"{EVENT}.action", "Opens the door"),
    "expression": setting(f"{EVENT}.expression", "glad"),
    "emotions": setting(f"{EVENT}.emotion", "joy"),
    "sounds": setting(f"{EVENT}.audio_cue", "a bell"),
    "subtext": setting(f"{EVENT}.subtext", "she is glad"),
    "on-screen text": setting(f"{EVENT}.on_screen_text", "ENTRY"),
    "languages of lines": setting(f"{EVENT}.language", "zh"),
    "ends of events": setting(f"{EVENT}.end_s", 3.5),
    "times finer than a second": setting(f"{EVENT}.start_s", 1.91),
    "times finer than a tenth of a second": setting(f"{EVENT}.start_s", 1.23),
    "high points": setting("high_points.0.description", "It is open."),
    "ids": setting("scenes.0.id", "s9"),
    "provenance and confidence": setting("scenes.0.provenance", {}),
}


def test_every_word_of_what_can_be_lost_has_a_change() -> None:
    assert list(CHANGES) == list(CONTENT)


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("word", CONTENT)
def test_what_is_lost_is_lost_and_what_is_not_is_not(name: str, word: str) -> None:
    before, after = full(), full()
    CHANGES[word](after)
    is_lost = export(name, Deliverable.of(before)) == export(name, Deliverable.of(after))
    assert is_lost == (word in format_named(name).loses), f"{name} {'loses' if is_lost else 'keeps'} {word}"


@pytest.mark.parametrize("name", FORMATS)
def test_losses_are_said_in_the_words_that_there_are(name: str) -> None:
    assert set(format_named(name).loses) <= set(CONTENT)
    assert len(set(format_named(name).loses)) == len(format_named(name).loses)


def test_our_json_comes_back_equal() -> None:
    assert to_data(loads(export("json", Deliverable.of(full())))) == to_data(full())
