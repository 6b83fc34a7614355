"""What passes between people, in words: one line for each pair and kind, with every time it happens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from omniscript_mam.script import Interaction, InteractionKind, Script

from .clock import elapsed
from .values import Value, value_of

MAX_TIMES = 6
"""Times named in one line; of more, how many there are."""

WORDS = {
    InteractionKind.AGREE: "agrees with",
    InteractionKind.APOLOGISE: "apologises to",
    InteractionKind.ARGUE: "argues with",
    InteractionKind.ASK: "asks",
    InteractionKind.COMFORT: "comforts",
    InteractionKind.COMMAND: "commands",
    InteractionKind.CONFESS: "confesses to",
    InteractionKind.FLIRT: "flirts with",
    InteractionKind.GREET: "greets",
    InteractionKind.PRAISE: "praises",
    InteractionKind.REFUSE: "refuses",
    InteractionKind.TEASE: "teases",
    InteractionKind.THANK: "thanks",
    InteractionKind.THREATEN: "threatens",
    InteractionKind.WARN: "warns",
}


@dataclass(frozen=True)
class Passing:
    """What one does to another; ``words`` is the verb, ``sentence`` all of it with the times."""

    source_id: str
    target_id: str
    words: Value
    sentence: str


def passing(script: Script, interactions: Iterable[Interaction]) -> list[Passing]:
    """Lines for interactions, in the order in which each first happens."""
    groups: dict[tuple[str, str, InteractionKind], list[Interaction]] = {}
    for each in interactions:
        groups.setdefault((each.source_id, each.target_id, each.kind), []).append(each)
    lines = []
    for (source_id, target_id, kind), members in groups.items():
        surest = max(members, key=lambda each: each.confidence_of("kind") or 0.0)
        times = ", ".join(elapsed(each.start_s) for each in members[:MAX_TIMES])
        more = f" and {len(members) - MAX_TIMES} more times" if len(members) > MAX_TIMES else ""
        said = f"{script.character_name(source_id)} {WORDS[kind]} {script.character_name(target_id)}"
        lines.append(Passing(source_id, target_id, value_of(surest, "kind", WORDS[kind]), f"{said} ({times}{more})"))
    return lines
