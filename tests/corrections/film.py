"""A film written again and again: the same people and lines, other ids, other words, other cuts."""

from __future__ import annotations

import random
from itertools import pairwise

from omniscript_mam.script import Character, Event, Interaction, Meta, PlotSegment, Provenance, Scene, Script

LINES = [
    "Who is standing there at the door", "I have come about the silver key", "Nobody told me of any key", "Then read this letter",
    "The ink is still wet", "My brother wrote it this morning", "He has been dead for a year", "Not in this house he has not",
    "Give me the lamp", "Mind the third step", "It has always been broken", "Like everything your father built",
    "Leave my father out of this", "Look behind the painting", "There is only dust here", "Dust does not shine like that",
    "Put it back at once", "Too late for that now", "I hear somebody on the stairs", "Blow out the candle quickly",
]  # fmt: skip
STEP_S = 3.0


def written(seed: int = 0, *, swapped: bool = False) -> Script:
    """The film as a writer wrote it; another seed is another run: times a little off, words misheard, ids in another order."""
    chance = random.Random(seed)
    by = {"dialogue": Provenance(writer="lite", version=str(seed), confidence=0.8)}
    ids = ["unknown_001", "unknown_002", "unknown_003"]
    if swapped:
        ids = [ids[1], ids[2], ids[0]]
    events = []
    for number, line in enumerate(LINES):
        words = line.split()
        if seed and chance.random() < 0.3:
            words[chance.randrange(len(words))] = "hm"
        start_s = STEP_S * number + (chance.uniform(0, 0.3) if seed else 0.0)
        events.append(
            Event(
                id=f"e{seed}_{number}",
                start_s=start_s,
                end_s=start_s + 2.4,
                character_id=ids[number % 3],
                dialogue=" ".join(words),
                provenance=by,
            )
        )
    cuts_s = [0.0, 21.0, 42.0, 60.0]
    scenes = [
        Scene(
            id=f"s{seed}_{number}",
            start_s=start_s,
            end_s=end_s,
            location="A room",
            time="Day",
            events=[event for event in events if start_s <= event.start_s < end_s],
            interactions=[
                Interaction(
                    id=f"i{seed}_{number}",
                    start_s=start_s,
                    end_s=start_s + 12,
                    source_id=ids[0],
                    target_id=ids[1],
                    kind="warn",
                )
            ],
        )
        for number, (start_s, end_s) in enumerate(pairwise(cuts_s))
    ]
    people = [
        Character(id=identifier, name=f"Man {number + 1}", appearance=f"coat {number}" if not seed else "")
        for number, identifier in enumerate(sorted(ids))
    ]
    plot = [PlotSegment(id=f"p{seed}_0", start_s=0, end_s=60, summary="Three people look for a key.", active_characters=ids)]
    return Script(meta=Meta(title="The silver key", duration_s=60.0), characters=people, scenes=scenes, plot=plot)


def says(script: Script, number: int) -> Event:
    """The event of a line of the film."""
    return min(script.events(), key=lambda event: abs(event.start_s - STEP_S * number))


def own(part, field: str, value, author: str = "eve") -> None:
    """A person's value, as whoever corrects stores it."""
    setattr(part, field, value)
    part.provenance = {**part.provenance, field: Provenance(writer="person", version=author)}
