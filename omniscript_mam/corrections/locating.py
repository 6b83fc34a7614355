"""Which part of a script an anchor means.

Within a lineage its id says so. In a script that was written anew, ids say nothing, and it is
    - the event at that time with those words: half the overlap of the times, half the likeness of the words;
    - the interaction at that time of that kind between those two: half the overlap of the times, half what else is the same;
    - the scene or plot segment that overlaps most, the high point that does and is of that type;
    - the relationship between those two people that is called so;
    - the character who says what the anchor's character said, line by line; real names, looks and voice weigh in, labels ("Man 1") hardly.

A part is only meant if it fits well, and clearly better than the next: a correction in a wrong place is worse than one that waits.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from omniscript_mam.script import Character, Event, HighPoint, Interaction, PlotSegment, Scene, Script

from .people import folded
from .records import Anchor, Kind, Line, Part, fields_of, key_of, words_of
from .whole import parts_of

Scores = list[tuple[float, Part]]
"""Parts that fit, the best first, each with 0..1: how well."""

NEAR_S = 5.0
"""Farthest that a line with the same words may have moved."""

LEAST_S = 0.2
"""Shortest time a point in time counts for when overlaps are measured."""

LEAST_EVENT, LEAST_SCENE, LEAST_LINE, LEAST_CHARACTER, LEAST_RELATION, LEAST_HIGH_POINT = 0.5, 0.4, 0.3, 0.4, 0.5, 0.4
LEAST_TWIN = 0.7
CLEARLY = 0.08
"""By how much the best must be better than the next."""


class Parts:
    """The parts of one script, found by anchors.

    Args:
        ids: ``None`` for a script of another lineage; else what became of ids since the anchors were made.
    """

    def __init__(self, script: Script, ids: Mapping[str, str] | None = None) -> None:
        self.script = script
        self.ids = None if ids is None else dict(ids)
        self._events = sorted((event for scene in script.scenes for event in scene.events), key=lambda event: event.start_s)
        self._starts_s = [event.start_s for event in self._events]
        self._longest_s = max((event.duration_s for event in self._events), default=0.0)
        self._said: dict[tuple[Line, ...], list[tuple[float, Event]]] = {}

    def part(self, anchor: Anchor) -> Part | None:
        """The part that is meant, or ``None``."""
        fits = self.fits(anchor)
        return None if not fits or (len(fits) > 1 and fits[0][0] - fits[1][0] < CLEARLY) else fits[0][1]

    def fits(self, anchor: Anchor) -> Scores:
        """Every part that may be meant, the best first."""
        if anchor.kind == "meta":
            return [(1.0, self.script.meta)]
        if anchor.kind == "relationship":
            return _ranked(self._relationships(anchor), LEAST_RELATION)
        if self.ids is not None:
            part = self.keyed(anchor.kind, self.now(anchor.id))
            return [] if part is None else [(1.0, part)]
        if anchor.kind == "event":
            return _ranked(self._events_like(anchor), LEAST_EVENT)
        if anchor.kind == "character":
            return _ranked(self._characters(anchor), LEAST_CHARACTER)
        if anchor.kind == "interaction":
            return _ranked(self._interactions(anchor), LEAST_EVENT)
        if anchor.kind == "high_point":
            same = ((0.7 * _overlap(anchor, each) + 0.3 * (folded(each.type) == folded(anchor.text)), each) for each in self._high_points())
            return _ranked(same, LEAST_HIGH_POINT)
        return _ranked(((_overlap(anchor, span), span) for span in self._spans(anchor.kind)), LEAST_SCENE)

    def keyed(self, kind: Kind, key: str) -> Part | None:
        """The part with this id (:func:`key_of`)."""
        return next((part for part in parts_of(self.script, kind) if key_of(part) == key), None)

    def now(self, identifier: str) -> str:
        """What an id became, in a lineage."""
        seen: set[str] = set()
        while self.ids and identifier in self.ids and identifier not in seen:
            seen.add(identifier)
            identifier = self.ids[identifier]
        return identifier

    def _spans(self, kind: str) -> list[Scene] | list[PlotSegment]:
        return self.script.scenes if kind == "scene" else self.script.plot

    def _high_points(self) -> list[HighPoint]:
        return self.script.high_points

    def _interactions(self, anchor: Anchor) -> Iterator[tuple[float, Part]]:
        for each in self.script.interactions():
            both = self.script.character_name(each.source_id), self.script.character_name(each.target_id)
            num_same = sum(folded(mine) == folded(other) for mine, other in zip(anchor.names, both, strict=False))
            yield 0.5 * _overlap(anchor, each) + 0.2 * num_same + 0.1 * (anchor.text == each.kind), each

    def _relationships(self, anchor: Anchor) -> Iterator[tuple[float, Part]]:
        ends = [self.part(end) for end in anchor.ends]
        if len(ends) == 2 and all(isinstance(end, Character) for end in ends):
            wanted = tuple(key_of(end) for end in ends if end is not None)
            for tie in self.script.relationships:
                if (tie.source_id, tie.target_id) == wanted:
                    yield (1.0 if tie.relation == anchor.text else 0.9 * likeness(anchor.text, tie.relation)), tie

    def near(self, start_s: float, end_s: float) -> list[Event]:
        """Events that are not farther from a stretch than :data:`NEAR_S`."""
        first = bisect_left(self._starts_s, start_s - NEAR_S - self._longest_s)
        last = bisect_left(self._starts_s, end_s + NEAR_S)
        return [event for event in self._events[first:last] if event.end_s >= start_s - NEAR_S]

    def _events_like(self, anchor: Anchor) -> Iterator[tuple[float, Part]]:
        for event in self.near(anchor.start_s, anchor.end_s):
            mine, other = set(anchor.fields), set(fields_of(event))
            shared = len(mine & other) / len(mine | other) if mine | other else 1.0
            score = 0.45 * _overlap(anchor, event) + 0.45 * likeness(anchor.text, words_of(event)) + 0.1 * shared
            yield score, event

    def _characters(self, anchor: Anchor) -> Iterator[tuple[float, Part]]:
        votes = self._votes(anchor.lines)
        names = {folded(name) for name in anchor.names}
        for person in self.script.characters:
            score = votes[person.id] / len(anchor.lines) if anchor.lines else 0.0
            if names & {folded(name) for name in (person.name, *person.aliases)}:
                score += (0.3 if anchor.lines else 0.5) if anchor.named and person.named else 0.05 if anchor.lines else 0.4
            score += 0.1 * likeness(anchor.text, f"{person.appearance} {person.voice}") if anchor.text else 0.0
            yield score, person

    def _votes(self, lines: tuple[Line, ...]) -> Counter[str]:
        """Character id → how many of the lines are theirs, each counted as well as it fits."""
        if lines not in self._said:
            fits = [
                max(
                    ((_line_fit(line, event), event) for event in self.near(line.start_s, line.end_s)), key=lambda fit: fit[0], default=None
                )
                for line in lines
            ]
            self._said[lines] = [fit for fit in fits if fit is not None and fit[0] >= LEAST_LINE]
        votes: Counter[str] = Counter()
        for score, event in self._said[lines]:  # whose it is may change while corrections are put in
            votes[event.character_id] += score  # type: ignore[assignment]
        return votes


def is_twin(anchor: Anchor, part: Part) -> bool:
    """Whether a writer has by now what a person added: the same words at that time, a person of that name, that relationship."""
    if isinstance(part, Event):
        return likeness(anchor.text, words_of(part)) >= LEAST_TWIN
    if isinstance(part, Character):
        return anchor.named and part.named and bool({folded(name) for name in anchor.names} & {folded(part.name)})
    return isinstance(part, (HighPoint, Interaction, PlotSegment)) or key_of(part).endswith(f":{anchor.text}")


def likeness(one: str, other: str) -> float:
    """0..1: how many of the words of two texts are the same; scripts without spaces are compared by characters."""
    if one == other:
        return 1.0
    mine, others = Counter(_tokens(one)), Counter(_tokens(other))
    total = mine.total() + others.total()
    return 2 * (mine & others).total() / total if total else 0.0


def _tokens(text: str) -> list[str]:
    words = folded(text).split()
    return [token for word in words for token in (word if not word.isascii() and len(word) > 3 else [word.strip(".,;:!?…“”\"'()")])]


def _overlap(one: Anchor | Line, other: Event | Interaction | Scene | PlotSegment | HighPoint) -> float:
    """Intersection over union of two stretches, 0..1."""
    ends = max(one.end_s, one.start_s + LEAST_S), max(other.end_s, other.start_s + LEAST_S)
    both = min(ends) - max(one.start_s, other.start_s)
    whole = max(ends) - min(one.start_s, other.start_s)
    return max(0.0, both) / whole


def _line_fit(line: Line, event: Event) -> float:
    return max(_overlap(line, event), 0.95 * likeness(line.text, words_of(event)[:80]) if line.text else 0.0)


def _ranked(scores: Iterable[tuple[float, Part]], least: float) -> Scores:
    return sorted((each for each in scores if each[0] >= least), key=lambda each: -each[0])
