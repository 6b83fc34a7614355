"""Scenes put into their time, and joined where two stretches of film meet: nothing lost, nothing doubled.

Two writers that saw either side of a border may both tell of what goes on across it (a line, a sound, a movement): the same character,
the same words, both at the border. That is one event. Everything else stays, so distinct events are never fewer than before. A scene that
goes on across the border (same place, time and mood) is one scene.

Times in seconds; scenes are gapless over their stretch. Contents: :class:`Placed`, :func:`place`, :func:`join`, :func:`join_parts`. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import Levenshtein

from inference.evidence.spans import Span
from inference.profiles import fold
from omniscript_mam.script import ENVIRONMENT_ID, EVENT_FIELDS, SCENE_FIELDS

from .drafts import DraftEvent, DraftScene

NEAR_S = 1.0
"""An event told on both sides ends, or begins, this near to the border. Chosen."""
TOUCHING_S = 0.3
"""Short words are the same only if they also leave no more than this between them: people say "no" twice."""
SHORT_CHARS = 10
"""Folded texts shorter than this are short words: they must be equal, not only alike."""
SAME_TEXT = 0.85
"""Normalised similarity (Levenshtein) above which two tellings are one event's. Chosen."""
SHORTEST_SCENE_S = 0.04
"""About a frame: what is shorter is no scene of its own."""
TELLING = (*(name for name in EVENT_FIELDS if name != "expression"), "on_screen_text", "expression")
"""What two tellings of one event are compared by, surest first: an expression is worded anew each time."""


@dataclass(frozen=True)
class Placed:
    """A scene with its time range; its events lie within."""

    scene: DraftScene
    start_s: float
    end_s: float


def place(scenes: Sequence[DraftScene], span: Span) -> list[Placed]:
    """The scenes of a stretch, gapless and in order; events clamped into their scene and sorted. No event is left out.

    A scene without events has no time of its own and is left out, unless its writer gave one, or it is all there is.
    """
    timed = [scene for scene in scenes if scene.events or scene.start_s is not None] or list(scenes[:1])
    placed: list[Placed] = []
    for scene in timed:
        events = [_clamped(event, span) for event in scene.events]
        begin_s = scene.start_s if scene.start_s is not None else min((event.start_s for event in events), default=span[0])
        begin_s = min(max(begin_s, placed[-1].start_s if placed else span[0]), span[1])
        told = scene.model_copy(update={"events": events})
        if not placed:
            placed.append(Placed(told, span[0], span[1]))
        elif min(begin_s - placed[-1].start_s, span[1] - begin_s) < SHORTEST_SCENE_S:
            both = [*placed[-1].scene.events, *events]
            placed[-1] = replace(placed[-1], scene=placed[-1].scene.model_copy(update={"events": both}))
        else:
            placed[-1] = replace(placed[-1], end_s=begin_s)
            placed.append(Placed(told, begin_s, span[1]))
    return [_settled(each) for each in placed]


def join(left: Sequence[Placed], right: Sequence[Placed]) -> list[Placed]:
    """Two neighbouring stretches as one: what both tell of the border is told once, a scene that goes on is one scene."""
    if not left or not right:
        return [*left, *right]
    border_s = right[0].start_s
    before, after = list(left), list(right)
    goes_on = _same_scene(before[-1].scene, after[0].scene)
    for first, second in _told_twice(before, after, border_s):
        before, after = _without(before, first), _without(after, second)
        one = _together(first, second)
        if not goes_on and second.end_s - border_s > border_s - first.start_s:
            after[0] = _with(after[0], one)
        else:
            before[-1] = _with(before[-1], one, clamp=not goes_on)
    if goes_on:
        scene = _filled(before[-1].scene, after[0].scene)
        events = [*before[-1].scene.events, *after[0].scene.events]
        whole = Placed(scene.model_copy(update={"events": events}), before[-1].start_s, after[0].end_s)
        return [*before[:-1], _settled(whole), *after[1:]]
    return [*before, *after]


def join_parts(parts: Sequence[tuple[Span, Sequence[DraftScene]]]) -> list[DraftScene]:
    """The scenes of a segment that was written in several pieces."""
    placed: list[Placed] = []
    for span, scenes in parts:
        placed = join(placed, place(scenes, span))
    return [each.scene.model_copy(update={"start_s": each.start_s}) for each in placed]


def same_event(left: DraftEvent, right: DraftEvent, border_s: float) -> bool:
    """Whether both sides of a border tell of one and the same event."""
    if abs(left.end_s - border_s) > NEAR_S or abs(right.start_s - border_s) > NEAR_S or not _same_person(left, right):
        return False
    kind = next((kind for kind in TELLING if getattr(left, kind) or getattr(right, kind)), "")
    one, other = sorted((fold(getattr(left, kind)), fold(getattr(right, kind))), key=len) if kind else ("", "")
    if not one:
        return False
    if len(one) < SHORT_CHARS:
        return one == other and right.start_s - left.end_s <= TOUCHING_S
    return other.startswith(one) or other.endswith(one) or Levenshtein.normalized_similarity(one, other) >= SAME_TEXT


def _same_person(left: DraftEvent, right: DraftEvent) -> bool:
    return fold(left.character or ENVIRONMENT_ID) == fold(right.character or ENVIRONMENT_ID)


def _told_twice(before: Sequence[Placed], after: Sequence[Placed], border_s: float) -> list[tuple[DraftEvent, DraftEvent]]:
    left = [event for placed in before[-2:] for event in placed.scene.events if border_s - event.end_s <= NEAR_S]
    right = [event for placed in after[:2] for event in placed.scene.events if event.start_s - border_s <= NEAR_S]
    pairs: list[tuple[DraftEvent, DraftEvent]] = []
    for second in right:
        free = [event for event in left if not any(event is first for first, _ in pairs)]
        first = next((event for event in reversed(free) if same_event(event, second, border_s)), None)
        if first is not None:
            pairs.append((first, second))
    return pairs


def _together(first: DraftEvent, second: DraftEvent) -> DraftEvent:
    """One event of two: the fuller text of each field, from the first's start to the second's end."""
    fields = ("character", *TELLING, "subtext", "emotion", "voice_type", "language")
    values = {name: max(getattr(first, name), getattr(second, name), key=len) for name in fields}
    provenance = {**second.provenance, **first.provenance}
    for name in fields:
        if values[name] != getattr(first, name) and name in second.provenance:
            provenance[name] = second.provenance[name]
    return first.model_copy(update={**values, "end_s": max(first.end_s, second.end_s), "provenance": provenance})


def _without(placed: Sequence[Placed], gone: DraftEvent) -> list[Placed]:
    return [
        replace(each, scene=each.scene.model_copy(update={"events": [event for event in each.scene.events if event is not gone]}))
        for each in placed
    ]


def _with(placed: Placed, event: DraftEvent, *, clamp: bool = True) -> Placed:
    grown = replace(placed, scene=placed.scene.model_copy(update={"events": [*placed.scene.events, event]}))
    return _settled(grown) if clamp else grown


def _same_scene(left: DraftScene, right: DraftScene) -> bool:
    """Same place, time and mood; what one side leaves open does not contradict, but a place or surroundings must be told by both."""
    pairs = {name: (fold(getattr(left, name)), fold(getattr(right, name))) for name in SCENE_FIELDS}
    agree = all(a == b or not a or not b for a, b in pairs.values())
    return agree and any(pairs[name][0] and pairs[name][0] == pairs[name][1] for name in ("location", "environment"))


def _filled(left: DraftScene, right: DraftScene) -> DraftScene:
    lacking = [name for name in SCENE_FIELDS if not getattr(left, name) and getattr(right, name)]
    sources = {name: right.provenance[name] for name in lacking if name in right.provenance}
    return left.model_copy(update={**{name: getattr(right, name) for name in lacking}, "provenance": {**left.provenance, **sources}})


def _settled(placed: Placed) -> Placed:
    events = sorted((_clamped(event, (placed.start_s, placed.end_s)) for event in placed.scene.events), key=lambda e: (e.start_s, e.end_s))
    return replace(placed, scene=placed.scene.model_copy(update={"events": events}))


def _clamped(event: DraftEvent, span: Span) -> DraftEvent:
    start_s = min(max(event.start_s, span[0]), span[1])
    end_s = min(max(event.end_s, start_s), span[1])
    if (start_s, end_s) == (event.start_s, event.end_s):
        return event
    return event.model_copy(update={"start_s": start_s, "end_s": end_s})
