"""Characters as the page shows them: profiles with their share of the talking, and the picture of who is tied to whom."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

from omniscript_mam.script import Character, Event, Script

from .clock import Clock, elapsed, seconds_text
from .timeline import Mark, presence
from .values import Value, tones, value_of

MAX_NODES = 10
"""Characters in the picture: the busiest, so that names do not cover each other."""

WIDTH, HEIGHT = 480.0, 300.0
"""Size of the picture in its own units."""


@dataclass(frozen=True)
class Profile:
    """One character. ``share`` is the part of all spoken time, in per cent; ``first`` is where they first appear."""

    id: str
    name: str
    named: bool
    tone: str
    naming_evidence: str
    aliases: list[str]
    appearance: Value
    voice: Value
    personality: Value
    num_lines: int
    num_events: int
    share: int
    first: str
    first_elapsed: str
    first_timecode: str
    marks: list[Mark]


@dataclass(frozen=True)
class Node:
    """A character in the picture."""

    name: str
    initials: str
    tone: str
    x: float
    y: float
    radius: float
    label_y: float


@dataclass(frozen=True)
class Edge:
    """A tie. ``path`` is SVG; ``is_shared`` means that they only share scenes; ``sentence`` says the same in words."""

    path: str
    label: str
    label_x: float
    label_y: float
    is_shared: bool
    sentence: str


@dataclass(frozen=True)
class Picture:
    """The relationship picture; ``view_box`` is as large as its nodes need."""

    nodes: list[Node]
    edges: list[Edge]
    view_box: str


def profiles(script: Script, duration_s: float, clock: Clock) -> list[Profile]:
    """Every character, those with most events first."""
    colours = tones(script)
    by_character: dict[str, list[Event]] = {character.id: [] for character in script.characters}
    for event in script.events():
        if event.character_id in by_character:
            by_character[event.character_id].append(event)
    spoken_s = {identifier: sum(e.duration_s for e in events if e.dialogue) for identifier, events in by_character.items()}
    whole_s = sum(spoken_s.values())
    found = []
    for character in sorted(script.characters, key=lambda each: -len(by_character[each.id])):
        events = by_character[character.id]
        share = round(100 * spoken_s[character.id] / whole_s) if whole_s else 0
        found.append(_profile(character, events, share, colours[character.id], duration_s, clock))
    return found


def _profile(character: Character, events: list[Event], share: int, tone: str, duration_s: float, clock: Clock) -> Profile:
    first_s = events[0].start_s if events else None
    return Profile(
        id=character.id,
        name=character.name,
        named=character.named,
        tone=tone,
        naming_evidence=character.naming_evidence,
        aliases=[alias for alias in character.aliases if alias != character.name],
        appearance=value_of(character, "appearance"),
        voice=value_of(character, "voice"),
        personality=value_of(character, "personality"),
        num_lines=sum(bool(event.dialogue) for event in events),
        num_events=len(events),
        share=share,
        first="" if first_s is None else seconds_text(first_s),
        first_elapsed="" if first_s is None else elapsed(first_s),
        first_timecode="" if first_s is None else clock.label(first_s),
        marks=presence(events, duration_s),
    )


def picture(script: Script) -> Picture:
    """Who is tied to whom: stated relationships as lines, shared scenes as dotted lines, characters on an ellipse."""
    num_events = {character.id: 0 for character in script.characters}
    for event in script.events():
        if event.character_id in num_events:
            num_events[event.character_id] += 1
    tied = {end for relation in script.relationships for end in (relation.source_id, relation.target_id)}
    ranked = sorted(script.characters, key=lambda found: (found.id not in tied, -num_events[found.id]))[:MAX_NODES]
    colours, busiest = tones(script), max([1, *num_events.values()])
    nodes: dict[str, Node] = {}
    for position, character in enumerate(ranked):
        angle = -math.pi / 2 + 2 * math.pi * position / len(ranked) if len(ranked) != 2 else math.pi * (1 - position)
        x, y = WIDTH / 2 + 0.36 * WIDTH * math.cos(angle), HEIGHT / 2 - 10 + 0.34 * HEIGHT * math.sin(angle)
        radius = 17 + 11 * math.sqrt(num_events[character.id] / busiest)
        nodes[character.id] = Node(
            character.name[:22], _initials(character.name), colours[character.id], round(x, 1), round(y, 1), round(radius, 1),
            round(y + radius + 15, 1),
        )  # fmt: skip
    return Picture(list(nodes.values()), _edges(script, nodes), _view_box(list(nodes.values())))


def _view_box(nodes: list[Node]) -> str:
    """The whole width, and the height from the uppermost circle to the lowest name."""
    top = min((node.y - node.radius for node in nodes), default=0.0) - 8
    bottom = max((node.label_y for node in nodes), default=0.0) + 10
    return f"0 {top:.0f} {WIDTH:.0f} {bottom - top:.0f}"


def _edges(script: Script, nodes: dict[str, Node]) -> list[Edge]:
    stated: dict[tuple[str, str], list[str]] = {}
    sentences: dict[tuple[str, str], list[str]] = {}
    for relation in script.relationships:
        if relation.source_id in nodes and relation.target_id in nodes and relation.source_id != relation.target_id:
            first, second = sorted((relation.source_id, relation.target_id))
            stated.setdefault((first, second), []).append(relation.relation)
            said = f"{nodes[relation.source_id].name} {relation.relation} {nodes[relation.target_id].name}"
            sentences.setdefault((first, second), []).append(said + (f": {relation.description}" if relation.description else ""))
    edges = [
        _edge(nodes[pair[0]], nodes[pair[1]], " · ".join(dict.fromkeys(words)), "; ".join(sentences[pair]), is_shared=False)
        for pair, words in stated.items()
    ]
    for pair, count in _shared_scenes(script, set(nodes)).items():
        if pair not in stated:
            scenes = "1 scene" if count == 1 else f"{count} scenes"
            first_node, second_node = nodes[pair[0]], nodes[pair[1]]
            edges.append(_edge(first_node, second_node, "", f"{first_node.name} and {second_node.name} share {scenes}", is_shared=True))
    return edges


def _shared_scenes(script: Script, wanted: set[str]) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for scene in script.scenes:
        present = sorted({event.character_id for event in scene.events} & wanted)
        for first, second in combinations(present, 2):
            found[first, second] = found.get((first, second), 0) + 1
    return found


def _edge(source: Node, target: Node, label: str, sentence: str, *, is_shared: bool) -> Edge:
    """A gentle curve between two nodes, bent towards the middle of the picture."""
    middle_x, middle_y = (source.x + target.x) / 2, (source.y + target.y) / 2
    bend_x, bend_y = middle_x + 0.18 * (WIDTH / 2 - middle_x), middle_y + 0.18 * (HEIGHT / 2 - middle_y) - 8
    path = f"M{source.x:.1f} {source.y:.1f}Q{bend_x:.1f} {bend_y:.1f} {target.x:.1f} {target.y:.1f}"
    shown = label if len(label) <= 40 else label[:39] + "…"
    label_y = round((middle_y + bend_y) / 2 - 4, 1)
    return Edge(path, shown, round((middle_x + bend_x) / 2, 1), label_y, is_shared, sentence)


def _initials(name: str) -> str:
    words = name.split()
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()
