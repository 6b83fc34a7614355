"""The V2S score of one script against a reference: align, map characters, score fields and times; then the same for scenes.

    >>> score = evaluate(reference, estimate, Judges.lexical())
    >>> score.events.overall, score.events.time.tiou(0.1)

Results keep their counts and add up over films (``+``): a corpus score is the score of the sums, never a mean of means. ``Overall`` is the
mean of the F1s of the fields that anybody filled; a field without an item on either side of the whole data set is null.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from omniscript_mam.script import SCENE_FIELDS

from . import alignment, characters, fields, temporal
from .alignment import AlignmentOptions, Group
from .characters import Category, CharacterMap
from .errors import ScoresError
from .fields import FieldCount, PrecisionOver
from .inputs import SCORED_FIELDS, ScoredScript, Unit
from .judges import ExactJudge, Judge, LexicalJudge
from .judges.synonyms import SynonymJudge
from .temporal import TemporalCount
from .text import fold

CharacterJudge = Callable[[Sequence[str], Sequence[str]], tuple[Mapping[str, str], Mapping[str, Category]] | None]
"""(reference names, estimated names) → (estimated → reference, name → category), or ``None`` if unjudged."""

SCENES_WITHOUT_EVENTS = (("location", 5.0), ("environment", 3.0))
"""What aligns two scenes where neither script has events (ours)."""


@dataclass(frozen=True)
class Options:
    """Named choices of the scorer; the defaults are our reading of the paper."""

    alignment: AlignmentOptions = field(default_factory=AlignmentOptions)
    precision_over: PrecisionOver = "all"
    character_threshold: float = 0.05


@dataclass(frozen=True)
class Judges:
    """Which judge scores which field. ``name`` is printed beside every figure."""

    name: str
    events: Mapping[str, Judge]
    scenes: Mapping[str, Judge]
    characters: CharacterJudge | None = None
    """Maps and categorises names (stage 2); ``None``, or an answer of ``None``, leaves it to the rules."""

    @classmethod
    def of(cls, semantic: Judge, characters: CharacterJudge | None = None) -> Judges:
        """Names exactly, dialogue by edit distance, everything else by ``semantic`` (scene type and time through the synonym table)."""
        behind = SynonymJudge(semantic)
        return cls(
            semantic.name,
            {"character": ExactJudge(), "dialogue": LexicalJudge(), **dict.fromkeys(SCORED_FIELDS[2:], semantic)},
            {name: behind if name in ("type", "time") else semantic for name in SCENE_FIELDS},
            characters,
        )

    @classmethod
    def lexical(cls) -> Judges:
        """Edit distance for everything."""
        return cls.of(LexicalJudge())


@dataclass(frozen=True)
class LevelScore:
    """Events or scenes: counts per field and over time. ``groups`` is the alignment of one film (empty in a sum)."""

    fields: Mapping[str, FieldCount]
    time: TemporalCount
    groups: tuple[Group, ...] = ()

    def __add__(self, other: LevelScore) -> LevelScore:
        return LevelScore({name: count + other.fields[name] for name, count in self.fields.items()}, self.time + other.time)

    @property
    def overall(self) -> float:
        """Mean F1 of the fields present."""
        present = [count.f1 for count in self.fields.values() if count.is_present]
        return sum(present) / len(present) if present else 0.0

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON: ``{field: {precision, recall, f1} | null, …, "overall", "tiou": {"0.1": …}, "counts"}``."""
        scores: dict[str, Any] = {
            name: {"precision": c.precision, "recall": c.recall, "f1": c.f1} if c.is_present else None for name, c in self.fields.items()
        }
        counts = {name: vars(count) for name, count in self.fields.items()}
        time = {"num_aligned": self.time.num_aligned, "num_missed": self.time.num_missed, "num_invented": self.time.num_invented}
        tiou = {str(t): self.time.tiou(t) for t in self.time.hits}
        return {**scores, "overall": self.overall, "tiou": tiou, "counts": {**counts, **time}}


@dataclass(frozen=True)
class ScriptScore:
    """A whole score. ``characters`` is the mapping of one film (empty in a sum)."""

    judge: str
    events: LevelScore
    scenes: LevelScore
    characters: CharacterMap | None = None

    def __add__(self, other: ScriptScore) -> ScriptScore:
        if self.judge != other.judge:
            raise ScoresError(f"Scores of two judges do not add: {self.judge} and {other.judge}.")
        return ScriptScore(self.judge, self.events + other.events, self.scenes + other.scenes)

    def to_data(self) -> dict[str, Any]:
        """Plain data for JSON."""
        data = {"judge": self.judge, "events": self.events.to_data(), "scenes": self.scenes.to_data()}
        if self.characters is not None:
            data["characters"] = dict(self.characters.names)
        return data


def evaluate(
    reference: ScoredScript,
    estimate: ScoredScript,
    judges: Judges | None = None,
    options: Options | None = None,
    *,
    character_map: Mapping[str, str] | None = None,
    categories: Mapping[str, Category] | None = None,
) -> ScriptScore:
    """Score an estimate against a reference.

    Args:
        character_map: estimated name → reference name, from a judge or a person; replaces the rules' initial mapping.
        categories: name → category, from a judge.

    Raises:
        JudgeError: a judge answered out of range.
    """
    judges, options = judges or Judges.lexical(), options or Options()
    groups = alignment.evaluate(reference.events, estimate.events, options.alignment)
    if character_map is None and judges.characters is not None:
        character_map, categories = judges.characters(_names(reference), _names(estimate)) or (None, categories)
    mapping = characters.evaluate(
        reference.events,
        estimate.events,
        {**estimate.names, **reference.names},
        initial=None if character_map is None else {fold(e): fold(r) for e, r in character_map.items()},
        categories={fold(name): category for name, category in (categories or {}).items()},
        threshold=options.character_threshold,
    )
    mapped = [_renamed(event, mapping) for event in estimate.events]
    events = LevelScore(
        fields.evaluate(reference.events, mapped, groups, judges.events, precision_over=options.precision_over),
        temporal.evaluate(reference.events, mapped, groups),
        tuple(groups),
    )
    return ScriptScore(judges.name, events, _scenes(reference, estimate, judges, options), mapping)


def _names(script: ScoredScript) -> list[str]:
    return [script.names.get(name, name) for name in dict.fromkeys(event.character for event in script.events if event.character)]


def _scenes(reference: ScoredScript, estimate: ScoredScript, judges: Judges, options: Options) -> LevelScore:
    chosen = options.alignment
    if not reference.events and not estimate.events:
        chosen = replace(chosen, weights=SCENES_WITHOUT_EVENTS)
    groups = alignment.evaluate(reference.scenes, estimate.scenes, chosen)
    counts = fields.evaluate(
        reference.scenes, estimate.scenes, groups, judges.scenes, per_character=False, precision_over=options.precision_over
    )
    return LevelScore(counts, temporal.evaluate(reference.scenes, estimate.scenes, groups), tuple(groups))


def _renamed(event: Unit, mapping: CharacterMap) -> Unit:
    if not event.character:
        return event
    name = mapping.apply(event.character)
    return Unit(event.start_s, event.end_s, {**event.texts, "character": name}, name)
