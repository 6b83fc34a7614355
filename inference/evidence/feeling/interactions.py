"""What passes between two people who speak in turn: who argues with, comforts, thanks … whom, from words, feelings and voice.

Each line is said to whoever spoke last, within :data:`TURN_S` seconds, else to whoever answers. A line gives each kind some weight:

    weight = [its words] + CLOSE_WEIGHT · closeness to example lines + FEELING_WEIGHT · what both feel + loud or interrupting

Weights of one pair, kind and stretch add up; below :data:`NEEDED` nothing is told. An argument takes two: both directions count together.
Times in seconds. Contents: :class:`Passing`, :func:`interactions_of`, :func:`pair_weights`, :func:`examples`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from .emotions import Feeling, Spoken
from .interaction_words import EXAMPLES, said

Array = npt.NDArray[np.float32]

TURN_S = 6.0
"""Longest pause between two lines of one exchange. Chosen, like the next three."""
STRETCH_S = 60.0
"""What is further apart is not the same argument."""
CLOSE_WEIGHT, FEELING_WEIGHT = 0.6, 0.8
CLOSE_FROM, CLOSE_TO = 0.45, 0.75
"""Cosines with the nearest example between which closeness grows from 0 to 1."""
LOUD, INTERRUPTS = 0.3, 0.3
"""What a loud line, and one that begins before the other's ends, adds to an argument."""
LIKELY = 0.25
"""A feeling counts from this probability on."""
NEEDED = {"argue": 1.6, "ask": 5.0, "agree": 2.0, "command": 2.0}
"""Least summed weight of kinds that one line does not make; 1 for others."""
FELT = {"argue": ("anger", ""), "threaten": ("anger", "fear"), "comfort": ("", "sadness")}
"""Kind → what the one who does it and the one it is done to feel."""
MUTUAL = frozenset({"argue"})
MOST_SURE = 0.75
MAX_PER_PAIR = 3
"""Kinds told of one pair in one scene: few and sure rather than many."""


@dataclass(frozen=True)
class Passing:
    """``source`` does ``kind`` to ``target`` (keys of :class:`.emotions.Spoken`)."""

    source: str
    target: str
    kind: str
    start_s: float
    end_s: float
    confidence: float
    evidence: str


@dataclass(frozen=True)
class Weight:
    """What one line gives to one kind; ``is_said`` if its words do, not only how it is said."""

    line: Spoken
    target: str
    kind: str
    value: float
    reason: str
    is_said: bool


def examples() -> list[str]:
    """The example lines, in the order in which :func:`interactions_of` takes their vectors."""
    return [line for lines in EXAMPLES.values() for line in lines]


def interactions_of(lines: Sequence[Spoken], feelings: Sequence[Feeling], example_vectors: Array | None = None) -> list[Passing]:
    """Of the consecutive lines of one scene.

    Args:
        lines: in time order. feelings: one each.
        example_vectors: [len(examples()), num_dims] of the sentence model, or ``None``.
    """
    groups: dict[tuple[str, str, str], list[Weight]] = defaultdict(list)
    for weight in pair_weights(lines, feelings, example_vectors):
        pair = (weight.line.speaker, weight.target)
        key = tuple(sorted(pair)) if weight.kind in MUTUAL else pair
        groups[key[0], key[1], weight.kind].append(weight)
    found: dict[frozenset[str], list[Passing]] = defaultdict(list)
    for (one, other, kind), weights in groups.items():
        for stretch in _stretches(weights):
            passing = _passing(kind, stretch)
            if passing is not None:
                found[frozenset((one, other))].append(passing)
    told = [passing for each in found.values() for passing in sorted(each, key=lambda p: (-p.confidence, p.start_s, p.kind))[:MAX_PER_PAIR]]
    return sorted(told, key=lambda p: (p.start_s, p.end_s, p.kind, p.source))


def pair_weights(lines: Sequence[Spoken], feelings: Sequence[Feeling], example_vectors: Array | None = None) -> list[Weight]:
    """What each line gives to each kind, where it is known to whom it is said."""
    owners = [kind for kind, listed in EXAMPLES.items() for _ in listed]
    weights = []
    for i, line in enumerate(lines):
        j = _other(lines, i)
        if j is None:
            continue
        words = said(line.text)
        close = _closeness(line, owners, example_vectors)
        for kind in sorted({*words, *close, *FELT}):
            felt, why = _felt(kind, feelings[i], feelings[j])
            value = float(kind in words) + CLOSE_WEIGHT * close.get(kind, 0.0) + FEELING_WEIGHT * felt
            reasons = [f"“{words.get(kind, '')[:60]}”"] * (kind in words) + [why] * bool(why)
            if kind == "argue" and value > 0.0:
                is_loud, interrupts = "loud voice" in line.voice, j < i and line.start_s < lines[j].end_s - 0.2
                value += LOUD * is_loud + INTERRUPTS * interrupts
                reasons += ["loud"] * is_loud + ["interrupts"] * interrupts
            if value > 0.0:
                is_said = kind in words or close.get(kind, 0.0) > 0.8
                weights.append(Weight(line, lines[j].speaker, kind, value, ", ".join(reasons), is_said))
    return weights


def _other(lines: Sequence[Spoken], i: int) -> int | None:
    """The line of the one spoken to: the last other speaker's before, else the next one's after."""
    line = lines[i]
    if not line.speaker:
        return None
    for j in range(i - 1, max(-1, i - 4), -1):
        if line.start_s - lines[j].end_s > TURN_S:
            break
        if lines[j].speaker and lines[j].speaker != line.speaker:
            return j
    for j in range(i + 1, min(len(lines), i + 4)):
        if lines[j].start_s - line.end_s > TURN_S:
            break
        if lines[j].speaker and lines[j].speaker != line.speaker:
            return j
    return None


def _closeness(line: Spoken, owners: Sequence[str], example_vectors: Array | None) -> dict[str, float]:
    """The kind whose example is nearest → how near, in (0, 1]; empty where none is near."""
    if example_vectors is None or example_vectors.shape[1:] != line.vector.shape:
        return {}
    cosines = example_vectors @ line.vector
    best = int(cosines.argmax())
    close = (float(cosines[best]) - CLOSE_FROM) / (CLOSE_TO - CLOSE_FROM)
    return {owners[best]: min(1.0, close)} if close > 0.0 else {}


def _felt(kind: str, own: Feeling, other: Feeling) -> tuple[float, str]:
    total, reasons = 0.0, []
    for emotion, feeling, whose in zip(FELT.get(kind, ("", "")), (own, other), ("", "the other's "), strict=True):
        probability = feeling.probabilities.get(emotion, 0.0)
        if probability >= LIKELY:
            total += probability
            reasons.append(f"{whose}{emotion} {probability:.2f}")
    return total, ", ".join(reasons)


def _stretches(weights: Sequence[Weight]) -> list[list[Weight]]:
    stretches: list[list[Weight]] = []
    for weight in weights:
        if stretches and weight.line.start_s - stretches[-1][-1].line.end_s <= STRETCH_S:
            stretches[-1].append(weight)
        else:
            stretches.append([weight])
    return stretches


def _passing(kind: str, stretch: Sequence[Weight]) -> Passing | None:
    total, needed = sum(weight.value for weight in stretch), NEEDED.get(kind, 1.0)
    if total < needed or not any(weight.is_said for weight in stretch):
        return None
    shares: dict[tuple[str, str], float] = defaultdict(float)
    for weight in stretch:
        shares[weight.line.speaker, weight.target] += weight.value
    source, target = max(sorted(shares), key=lambda pair: shares[pair])
    confidence = round(min(MOST_SURE, 0.3 + 0.2 * total / needed), 2)
    reasons = [weight.reason for weight in sorted(stretch, key=lambda w: -w.value) if weight.reason]
    evidence = (
        f"{len(stretch)} line{'s' if len(stretch) != 1 else ''}: {'; '.join(dict.fromkeys(reasons))}"
        if reasons
        else f"{len(stretch)} lines like it"
    )
    return Passing(source, target, kind, stretch[0].line.start_s, max(w.line.end_s for w in stretch), confidence, evidence[:300])
