"""Feelings of a film's lines, gathered from its evidence: what the models of :mod:`inference.evidence.feeling` need, and their answers.

A voice counts as loud, high, fast … against the same speaker's other lines, for nobody's microphone or nature is known. Loudness comes per
second, so that it tells little of short lines. Contents: :class:`Feelings`, :class:`SceneFeelings`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from inference.evidence.feeling.emotion_words import EMOTIONS
from inference.evidence.feeling.emotions import Feeling, Spoken, feelings_of
from inference.evidence.feeling.interactions import Passing, examples, interactions_of
from inference.evidence.joining.gather import Gathered
from inference.evidence.joining.identity import UNIDENTIFIED, People
from inference.evidence.joining.reconcile import Utterance
from inference.evidence.spans import Timed, overlap_s
from inference.film import SentenceVectors
from omniscript_mam.script import Interaction, InteractionKind

from .drafting import stamp

LOUD_DB, HIGH_SEMITONES, FAST = 5.0, 3.0, 1.35
"""How far from the median of a speaker's lines a line is told apart. Chosen."""
LEAST_LINES = 4
"""A speaker's usual voice is known from so many lines on."""
UNKNOWN_FACE = 0.4
"""What counts as usual on a face where a film has too few faces to tell."""
LEAST_WORDS = 3
"""Pace is told of lines of so many words."""
MAX_LINES = 20_000
"""Lines of a film that are read for feelings: more than any film has; subtitle files may hold anything."""


@dataclass(frozen=True)
class SceneFeelings:
    """Of one scene: a feeling per line in order, summed evidence per emotion (0..1), what passes between people."""

    lines: list[Feeling] = field(default_factory=list)
    sums: dict[str, float] = field(default_factory=dict)
    passings: list[Passing] = field(default_factory=list)

    def interactions(self, version: str, span: tuple[float, float]) -> list[Interaction]:
        """As parts of the script, within their scene; ids are given when all are known."""
        parts = []
        for each in self.passings:
            sure = {name: stamp(version, each.confidence, each.evidence) for name in ("kind", "source_id", "target_id")}
            start_s = round(min(max(each.start_s, span[0]), span[1]), 3)
            end_s = round(max(start_s, min(each.end_s, span[1])), 3)
            kind = InteractionKind(each.kind)
            ids = {"source_id": each.source, "target_id": each.target}
            parts.append(Interaction(id="interaction", start_s=start_s, end_s=end_s, kind=kind, provenance=sure, **ids))
        return parts


class Feelings:
    """Reads scene after scene of one film."""

    def __init__(self, film: Gathered, people: People, usual_face: dict[str, float], vectors: SentenceVectors | None) -> None:
        """Every line's vector is asked for at once; without ``vectors`` only the word lists speak."""
        self.film, self.people, self.usual_face = film, people, usual_face
        lines = film.utterances[:MAX_LINES]
        self._loudness = {id(line): self._level_db(line) for line in lines}
        self._usual = self._usual_voices(lines)
        self._vectors: dict[int, np.ndarray] = {}
        self._examples: np.ndarray | None = None
        readable = [line for line in lines if _is_english(line)]
        if vectors is not None and readable:
            made = vectors([line.text for line in readable] + examples())
            if made is not None:
                self._vectors = {id(line): vector for line, vector in zip(readable, made, strict=False)}
                self._examples = made[len(readable) :]

    def of_scene(self, utterances: Sequence[Utterance]) -> SceneFeelings:
        """Of the lines of one scene, in order."""
        lines = [self._spoken(utterance) for utterance in utterances]
        feelings = feelings_of(lines)
        return SceneFeelings(feelings, _sums(feelings), interactions_of(lines, feelings, self._examples))

    def _spoken(self, line: Utterance) -> Spoken:
        profile = self.people.of_speaker(line.speaker) if line.speaker >= 0 else ""
        known = profile and self.people.book.get(profile).label != UNIDENTIFIED
        return Spoken(
            line.start_s,
            line.end_s,
            line.text,
            profile if known else "",
            self._voice(line),
            self._face(line),
            tuple(s.label for s in self.film.sounds if s.score >= 0.4 and overlap_s(s, line) > 0.5 * min(_length_s(s), _length_s(line))),
            self._vectors.get(id(line), np.zeros(0, np.float32)),
        )

    def _level_db(self, line: Utterance) -> float:
        """Of the loudest second of a line; NaN where nothing was measured."""
        times = self.film.loudness_times_s
        first, last = np.searchsorted(times, [line.start_s - 0.5, line.end_s])
        heard = self.film.loudness_db[first:last]
        return max(heard) if heard and line.source != "subtitle" else float("nan")

    def _usual_voices(self, lines: Sequence[Utterance]) -> dict[int, tuple[float, float, float]]:
        """Speaker → medians of loudness in dB, pitch in octaves and words per second."""
        measured: dict[int, list[tuple[float, float, float]]] = defaultdict(list)
        for line in lines:
            if line.speaker >= 0:
                measured[line.speaker].append((self._loudness[id(line)], _octaves(line), _pace(line)))
        usual = {}
        for speaker, rows in measured.items():
            columns = [[value for value in column if value == value] for column in zip(*rows, strict=True)]
            loud, high, fast = (float(np.median(c)) if len(c) >= LEAST_LINES else float("nan") for c in columns)
            usual[speaker] = (loud, high, fast)
        return usual

    def _voice(self, line: Utterance) -> tuple[str, ...]:
        if line.speaker not in self._usual or id(line) not in self._loudness:
            return ()
        loud, high, fast = self._usual[line.speaker]
        level, pace = self._loudness[id(line)] - loud, _pace(line) / fast
        told = {
            "loud voice": level > LOUD_DB,
            "quiet voice": level < -LOUD_DB,
            "high voice": 12.0 * (_octaves(line) - high) > HIGH_SEMITONES,
            "fast": pace > FAST,
            "slow": pace < 1.0 / FAST,
        }
        return tuple(name for name, holds in told.items() if holds)

    def _face(self, line: Utterance) -> dict[str, float]:
        """What the speaker's own face shows above what faces of this film usually do."""
        number = self.people.ties.get(line.speaker)
        shown = [face for face in self.film.faces if number is not None and face.identity == number and overlap_s(face, line) > 0.3]
        labels = {label for face in shown for label in face.expression}
        means = {label: float(np.mean([face.expression.get(label, 0.0) for face in shown])) for label in labels}
        return {label: mean - self.usual_face.get(label, UNKNOWN_FACE) for label, mean in sorted(means.items())}


def _sums(feelings: Sequence[Feeling]) -> dict[str, float]:
    """Evidence of the scene per emotion, 0..1: mean probability of its lines, and a line that is told counts more."""
    if not feelings:
        return {}
    total = {emotion: sum(f.probabilities[emotion] * (2.0 if f.emotion == emotion else 1.0) for f in feelings) for emotion in EMOTIONS}
    return {emotion: min(1.0, value / max(3, len(feelings))) for emotion, value in total.items()}


def _is_english(line: Utterance) -> bool:
    """Whether the sentence model, which was trained on English, can read it."""
    letters = [letter for letter in line.text if letter.isalpha()]
    is_latin = bool(letters) and sum(letter < "\u0250" for letter in letters) >= 0.8 * len(letters)
    return is_latin and line.language.casefold().split("-")[0] in ("", "en")


def _octaves(line: Utterance) -> float:
    return float(np.log2(line.pitch_hz)) if line.pitch_hz > 0 and line.voiced_s >= 0.3 else float("nan")


def _pace(line: Utterance) -> float:
    """Words per second; NaN of short lines, subtitles and scripts without blanks."""
    num_words = len(line.text.split())
    return num_words / _length_s(line) if num_words >= LEAST_WORDS and line.source != "subtitle" else float("nan")


def _length_s(part: Timed) -> float:
    return max(0.1, part.end_s - part.start_s)
