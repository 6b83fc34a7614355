"""Who is tied to whom, as a picture (paper, figure 7): people on an ellipse, an arrow for each stated relation, dots for shared scenes.

Everything is computed here in the picture's own units; the template only prints. A label that finds no free place stays hidden until
one of its people is chosen.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, replace
from itertools import combinations

from omniscript_mam.script import Interaction, Relationship, Script

from .passing import passing
from .values import tones, value_of

MAX_NODES = 16
"""People in the picture: those with stated ties first, then the busiest. All are in the list below it."""

WIDTH, MARGIN = 580.0, 128.0
"""Width of the picture, and the room left and right of the circles for names."""

CHARACTER_WIDTH, LINE_HEIGHT = 6.2, 14.0
"""Size of a letter of a label, on average."""

LABEL_PLACES = (0.5, 0.4, 0.6, 0.32, 0.68, 0.25, 0.75)
"""Where along an edge its label may stand, best first."""

MAX_LABEL, MAX_NAME = 30, 16
"""Longest label of an edge and longest name, in characters; longer ones are cut."""

Box = tuple[float, float, float, float]
"""Left, top, right, bottom."""


@dataclass(frozen=True)
class Node:
    """A person: circle, initials, and the name beside it (``anchor`` is SVG's text-anchor)."""

    id: str
    name: str
    label: str
    initials: str
    tone: str
    x: float
    y: float
    radius: float
    label_x: float
    label_y: float
    anchor: str
    num_ties: int = 0


@dataclass(frozen=True)
class Edge:
    """A tie. ``path`` and ``head`` (the arrow) are SVG; ``sentence`` says it in words, ``why`` where that comes from.

    ``is_shared``: they only share scenes. ``is_crowded``: the label has no free place.
    """

    source: str
    target: str
    path: str
    head: str
    label: str
    label_x: float
    label_y: float
    is_shared: bool
    sentence: str
    why: str = ""
    is_crowded: bool = False


@dataclass(frozen=True)
class Picture:
    """The relationship picture; ``view_box`` is as large as its people need."""

    nodes: list[Node]
    edges: list[Edge]
    view_box: str
    num_left_out: int = 0


def picture(script: Script) -> Picture:
    """Who is tied to whom, for at most :data:`MAX_NODES` people."""
    num_events = {character.id: 0 for character in script.characters}
    for event in script.events():
        if event.character_id in num_events:
            num_events[event.character_id] += 1
    ties: list[Relationship | Interaction] = [*script.relationships, *script.interactions()]
    tied = {end for tie in ties for end in (tie.source_id, tie.target_id)}
    ranked = sorted(script.characters, key=lambda person: (person.id not in tied, -num_events[person.id]))[:MAX_NODES]
    height = 230.0 if len(ranked) <= 4 else 330.0 if len(ranked) <= 10 else 430.0
    largest = 28.0 if len(ranked) <= 8 else 21.0
    colours, busiest = tones(script), max([1, *num_events.values()])
    nodes = {}
    for position, character in enumerate(ranked):
        radius = largest * (0.6 + 0.4 * math.sqrt(num_events[character.id] / busiest))
        nodes[character.id] = _node(character.id, character.name, colours[character.id], position, len(ranked), height, radius)
    edges = _spread_labels(_edges(script, nodes), list(nodes.values()))
    ends = [end for edge in edges for end in (edge.source, edge.target)]
    people = [replace(node, num_ties=ends.count(node.id)) for node in nodes.values()]
    return Picture(people, edges, _view_box(people), len(script.characters) - len(people))


def _node(identifier: str, name: str, tone: str, position: int, count: int, height: float, radius: float) -> Node:
    angle = math.pi * (1 - position) if count == 2 else -math.pi / 2 + 2 * math.pi * position / count
    across, down = math.cos(angle), math.sin(angle)
    x = WIDTH / 2 + (WIDTH / 2 - MARGIN - radius) * across
    y = height / 2 + (height / 2 - 30 - radius) * down
    if abs(across) < 0.35 or count <= 2:  # above or below the circle
        below = down >= 0 or count <= 2
        label_x, label_y, anchor = x, y + (radius + 15 if below else -radius - 7), "middle"
    else:
        label_x, label_y, anchor = x + math.copysign(radius + 6, across), y + 4, "start" if across > 0 else "end"
    label = name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"
    x, y, radius, label_x, label_y = (round(value, 1) for value in (x, y, radius, label_x, label_y))
    return Node(identifier, name, label, _initials(name), tone, x, y, radius, label_x, label_y, anchor)


def _edges(script: Script, nodes: dict[str, Node]) -> list[Edge]:
    """One arrow for each pair and direction, with all that is stated of it or passes between them; a dotted line where nothing does."""
    words: dict[tuple[str, str], list[str]] = defaultdict(list)
    sentences: dict[tuple[str, str], list[str]] = defaultdict(list)
    whys: dict[tuple[str, str], list[str]] = defaultdict(list)
    for relation in script.relationships:
        source, target = relation.source_id, relation.target_id
        if source in nodes and target in nodes and source != target:
            words[source, target].append(relation.relation)
            said = f"{nodes[source].name} {relation.relation} {nodes[target].name}"
            sentences[source, target].append(said + (f": {relation.description}" if relation.description else ""))
            whys[source, target].append(value_of(relation, "relation").why)
    for each in passing(script, script.interactions()):
        source, target = each.source_id, each.target_id
        if source in nodes and target in nodes:
            words[source, target].append(each.words.text)
            sentences[source, target].append(each.sentence)
            whys[source, target].append(each.words.why)
    edges = []
    for (source, target), relations in words.items():
        label = " · ".join(dict.fromkeys(relations))
        why = "\n".join(dict.fromkeys(filter(None, whys[source, target])))
        edge = _edge(nodes[source], nodes[target], label, "; ".join(sentences[source, target]), is_shared=False)
        edges.append(replace(edge, why=why))
    for (source, target), count in _shared_scenes(script, set(nodes)).items():
        if (source, target) not in words and (target, source) not in words:
            scenes = "1 scene" if count == 1 else f"{count} scenes"
            first, second = nodes[source], nodes[target]
            edges.append(_edge(first, second, "", f"{first.name} and {second.name} share {scenes}", is_shared=True))
    return edges


def _shared_scenes(script: Script, wanted: set[str]) -> dict[tuple[str, str], int]:
    shared: dict[tuple[str, str], int] = defaultdict(int)
    for scene in script.scenes:
        for pair in combinations(sorted({event.character_id for event in scene.events} & wanted), 2):
            shared[pair] += 1
    return shared


def _edge(source: Node, target: Node, label: str, sentence: str, *, is_shared: bool) -> Edge:
    """A curve from circle to circle that bends to its left, so that the two directions of a pair lie apart."""
    across, down = target.x - source.x, target.y - source.y
    length = math.hypot(across, down) or 1.0
    bend = 0.0 if is_shared else min(34.0, 0.16 * length)
    middle = ((source.x + target.x) / 2 - bend * down / length, (source.y + target.y) / 2 + bend * across / length)
    start = _towards(source, middle, source.radius + 3)
    end = _towards(target, middle, target.radius + (3 if is_shared else 11))
    path = f"M{start[0]:.1f} {start[1]:.1f}Q{middle[0]:.1f} {middle[1]:.1f} {end[0]:.1f} {end[1]:.1f}"
    head = "" if is_shared else _arrow(end, _towards(target, middle, target.radius + 3))
    shown = label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1] + "…"
    x, y = _on_curve(start, middle, end, LABEL_PLACES[0])
    return Edge(source.id, target.id, path, head, shown, round(x, 1), round(y, 1), is_shared, sentence)


def _towards(node: Node, point: tuple[float, float], distance: float) -> tuple[float, float]:
    """The point so far from a circle's middle, in the direction of another point."""
    across, down = point[0] - node.x, point[1] - node.y
    length = math.hypot(across, down) or 1.0
    return node.x + distance * across / length, node.y + distance * down / length


def _arrow(base: tuple[float, float], tip: tuple[float, float]) -> str:
    across, down = (tip[0] - base[0]) * 0.55, (tip[1] - base[1]) * 0.55
    corners = ((base[0] - down, base[1] + across), tip, (base[0] + down, base[1] - across))
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "Z"


def _spread_labels(edges: list[Edge], nodes: list[Node]) -> list[Edge]:
    """Each label at the first of :data:`LABEL_PLACES` where it covers no circle, name or other label."""
    taken = [_circle_box(node) for node in nodes] + [_name_box(node) for node in nodes]
    placed = []
    for edge in edges:
        if not edge.label:
            placed.append(edge)
            continue
        start, middle, end = _points(edge.path)
        for place in LABEL_PLACES:
            x, y = _on_curve(start, middle, end, place)
            box = _label_box(edge.label, x, y)
            if box[0] >= 0 and box[2] <= WIDTH and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                placed.append(replace(edge, label_x=round(x, 1), label_y=round(y + 4, 1)))
                break
        else:
            placed.append(replace(edge, is_crowded=True))
    return placed


def _points(path: str) -> list[tuple[float, float]]:
    numbers = [float(each) for each in path.replace("M", "").replace("Q", " ").split()]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _on_curve(start: tuple[float, float], middle: tuple[float, float], end: tuple[float, float], place: float) -> tuple[float, float]:
    """A point of a quadratic Bézier curve, ``place`` from 0 to 1."""
    shares = ((1 - place) ** 2, 2 * place * (1 - place), place**2)
    return sum(s * p[0] for s, p in zip(shares, (start, middle, end), strict=True)), sum(
        s * p[1] for s, p in zip(shares, (start, middle, end), strict=True)
    )


def _label_box(text: str, x: float, y: float) -> Box:
    half = CHARACTER_WIDTH * len(text) / 2
    return x - half, y - LINE_HEIGHT / 2, x + half, y + LINE_HEIGHT / 2


def _circle_box(node: Node) -> Box:
    return node.x - node.radius, node.y - node.radius, node.x + node.radius, node.y + node.radius


def _name_box(node: Node) -> Box:
    width = 1.15 * CHARACTER_WIDTH * len(node.label)
    left = {"start": node.label_x, "end": node.label_x - width, "middle": node.label_x - width / 2}[node.anchor]
    return left, node.label_y - 11, left + width, node.label_y + 3


def _overlap(first: Box, second: Box) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def _view_box(nodes: list[Node]) -> str:
    """The whole width, and the height from the uppermost circle or name to the lowest."""
    top = min((min(node.y - node.radius, node.label_y - 12) for node in nodes), default=0.0) - 8
    bottom = max((max(node.y + node.radius, node.label_y) for node in nodes), default=0.0) + 10
    return f"0 {top:.0f} {WIDTH:.0f} {bottom - top:.0f}"


def _initials(name: str) -> str:
    words = name.split()
    return (words[0][:1] + (words[-1][:1] if len(words) > 1 else "")).upper()
