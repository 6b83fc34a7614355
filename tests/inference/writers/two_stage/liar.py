"""Engines for tests of honesty: one that answers every question with fluent inventions, one that answers rightly.

Both see nothing and hear nothing in truth; what they are *declared* to perceive is the test's choice.
"""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from inference.answers.clip_times import read_tenths
from inference.answers.schema import (
    CharacterAnswer,
    EventAnswer,
    HighPointAnswer,
    PlanAnswer,
    ReasoningAnswer,
    RelationAnswer,
    SceneAnswer,
    ScriptAnswer,
    SegmentAnswer,
    to_wire,
)
from inference.engines.base import OnText, OnWait, Reply, Request, ignore_text, ignore_wait
from omniscript_mam.script import Script

NAMES = ("Marcus", "Helena", "Viktor", "Ophelia", "Dmitri")
LINES = (
    "I told you never to come back to this house.", "The treasure was never yours to begin with.", "We have until sunrise to find him.",
    "Your father would be ashamed of what you did.", "Nobody leaves until I know the truth.", "I have loved you since the war ended.",
    "The detective already knows about the poison.", "Put the briefcase on the table, slowly.", "It was raining the night she vanished.",
)  # fmt: skip
ACTIONS = (
    "pours a glass of whisky and turns to the window", "slams the ledger shut", "draws a revolver from the drawer",
    "kneels beside the grave",
    "tears the letter into pieces", "lights a cigarette with shaking hands", "embraces the child", "walks across the ballroom",
)  # fmt: skip
EXPRESSIONS = ("furious scowl", "tears of joy", "terrified", "smirking", "heartbroken")
SOUNDS = ("church bells ring", "a distant train whistle", "wolves howl", "glass shatters")
PLACES = ("Ballroom", "Detective's office", "Harbour warehouse", "Mountain monastery")


@dataclass
class Liar:
    """An engine (:class:`inference.engines.base.Engine`) whose every answer is invented; the same question gets the same answer."""

    hears: bool = False
    sees: bool = False
    name: str = "remote-liar"
    version: str = "1"
    batch_size: int = 1
    thinks: bool = False
    max_clip_s: float = 300.0
    asked: list[Request] = field(default_factory=list)

    def generate(self, requests: Sequence[Request], on_text: OnText = ignore_text, on_wait: OnWait = ignore_wait) -> list[Reply]:
        """Inventions."""
        replies = []
        for number, request in enumerate(requests):
            self.asked.append(request)
            text = to_wire(self.answer(request))
            on_text(number, text)
            replies.append(Reply(text, "stop"))
        return replies

    def answer(self, request: Request) -> PlanAnswer | ScriptAnswer:
        """What it says to one question."""
        chance = random.Random(request.key)
        duration_s = length_s(request)
        return _plan(duration_s) if request.purpose == "plan" else _script(duration_s, chance)


@dataclass
class Knower(Liar):
    """An engine that knows the film: the plan and script of ``known``, of the stretch that it is asked about."""

    known: Script = field(default_factory=Script)
    name: str = "remote-knower"

    def answer(self, request: Request) -> PlanAnswer | ScriptAnswer:
        """What is true of the stretch."""
        from tests.inference.engines.remote.answers import plan_of, script_of

        assert request.clip is not None
        span = (request.clip.start_s, request.clip.end_s)
        return plan_of(self.known, *span) if request.purpose == "plan" else script_of(self.known, *span, request.prompt)


def length_s(request: Request) -> float:
    """How long the clip is, as the prompt says."""
    found = re.search(r"(\d{2,3}:\d\d(?:\.\d)?) long", request.prompt)
    assert found, "the prompt does not say how long the clip is"
    return (read_tenths(found[1]) or 0) / 10


def _plan(duration_s: float) -> PlanAnswer:
    people = [
        CharacterAnswer(
            id=f"char_{n + 1:03d}", name=name, appearance=f"{30 + 7 * n}, tall, with a scar", voice="low and hoarse",
            personality="ruthless", match_confidence=0.95, match_reason="the same scar",
        )
        for n, name in enumerate(NAMES)
    ]  # fmt: skip
    ids = [person.id for person in people]
    plot = "Marcus hides the poison while Helena burns the will."
    return PlanAnswer(
        characters=people,
        relations=[
            RelationAnswer(source=ids[0], target=ids[1], relation="secretly married to"),
            RelationAnswer(source=ids[2], target=ids[0], relation="hunts"),
        ],
        segments=[SegmentAnswer(start=0.0, end=duration_s, plot=plot, active_characters=ids)],
        summary="Marcus and Helena murdered the count.",
        continuity_note="The murder is still unsolved.",
    )


def _script(duration_s: float, chance: random.Random) -> ScriptAnswer:
    scenes = []
    num_scenes = max(1, round(duration_s / 25))
    for number in range(num_scenes):
        begin_s, end_s = duration_s * number / num_scenes, duration_s * (number + 1) / num_scenes
        events, at_s = [], begin_s + 0.2
        while at_s + 2.4 < end_s:
            who = f"char_{chance.randrange(len(NAMES)) + 1:03d}"
            fields = {
                "dialogue": chance.choice(LINES),
                "expression": chance.choice(EXPRESSIONS),
                "voice_type": "OnScreen",
                "subtext": "hides guilt",
            }
            if len(events) % 3 == 1:
                fields = {"action": chance.choice(ACTIONS)}
            elif len(events) % 5 == 4:
                fields, who = {"audio_cue": chance.choice(SOUNDS)}, "Environment"
            events.append(EventAnswer(start=round(at_s, 1), end=round(at_s + 2.0, 1), character=who, **fields))
            at_s += 2.5
        place = chance.choice(PLACES)
        kind, time = chance.choice(["Interior", "Exterior"]), chance.choice(["Night", "Morning"])
        scenes.append(SceneAnswer(location=place, type=kind, environment="candlelit", time=time, mood="Vengeful", events=events))
    point = HighPointAnswer(
        type="Betrayal", start=0.5, end=min(3.0, duration_s), description="Helena reveals the poison.", score=9.0,
        reasoning=ReasoningAnswer(visual="A vial glints.", audio="A gasp."),
    )  # fmt: skip
    return ScriptAnswer(scenes=scenes, high_points=[point])
