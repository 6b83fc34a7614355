"""What the speaker of a line feels: words by a linear head over sentence vectors, with voice, face and sounds as further evidence.

Score of the words (ridge regression, one column per emotion; ``benchmarks/emotion.py`` fits it):

    x = [v + c·mean(vectors of up to 3 lines on either side), marks];   s = (x − μ)·W
    log-odds = slope·s + word_gain·[a word that says so] + bias          (Platt 1999, on cross-validated scores)

Voice, face and sounds add to the log-odds (:data:`VOICE` …; chosen, small: each alone never makes an emotion). Where the sentence model
cannot read the line, words alone speak, and nothing is ever surer than :data:`WORDS_ALONE`. Below :data:`FLOOR` a line has no emotion.

Contents: :class:`Spoken`, :class:`Feeling`, :class:`EmotionHead`, :func:`feelings_of`, :func:`marks`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from .emotion_words import EMOTIONS, words_of

Array = npt.NDArray[np.float64]

HEAD_FILE = Path(__file__).with_name("emotions.json")
FLOOR = 0.45
"""Least probability of an emotion that is told: chosen on the development set for precision (docs/benchmarks.md)."""
MARGIN = 0.05
"""By how much the likeliest must lead."""
MOST_SURE = 0.85
"""Nobody is surer than that of what another feels."""
WORDS_ALONE = 0.5
"""Most that is claimed of a line that only the word list could read."""
WORD_BIAS, WORD_GAIN = -1.4, 1.4
"""Log-odds of an emotion in such a line, and what each word that says so adds. Chosen."""
NUM_MARKS = 6
NEAR_LINES = 3
MAX_CHARS = 2000
"""A line is read so far; nobody says more in one breath."""

VOICE: dict[str, dict[str, float]] = {
    "loud voice": {"anger": 0.5, "joy": 0.2, "fear": 0.2, "sadness": -0.5},
    "quiet voice": {"anger": -0.4, "sadness": 0.4},
    "high voice": {"joy": 0.3, "fear": 0.3, "anger": 0.2, "sadness": -0.2},
    "fast": {"fear": 0.2, "anger": 0.2, "sadness": -0.3},
    "slow": {"sadness": 0.3, "fear": -0.2, "joy": -0.1},
}
"""What a voice that differs from its usual adds to the log-odds. Chosen after what speech research agrees on (Juslin and Laukka 2003)."""
FACES = {"happiness": "joy", "anger": "anger", "fear": "fear", "sadness": "sadness"}
FACE_GAIN = 2.0
"""What a face adds per probability above its usual. Chosen."""
SOUNDS: tuple[tuple[str, str, float], ...] = (
    ("laughter", "joy", 1.2), ("giggle", "joy", 1.2), ("chuckle", "joy", 1.0), ("crying", "sadness", 1.5), ("sobbing", "sadness", 1.5),
    ("whimper", "sadness", 1.0), ("scream", "fear", 1.2), ("shout", "anger", 0.8), ("yell", "anger", 0.8),
)  # fmt: skip
"""(word in a sound's name, emotion, what it adds when it is heard during the line)."""


@dataclass(frozen=True)
class Spoken:
    """A line as far as feelings show in it.

    Attributes:
        speaker: who says it, by any key; "" where nobody knows.
        voice: keys of :data:`VOICE` that hold of it, against the speaker's other lines.
        face: expression → probability above the usual one, of the speaker's own face. sounds: names of what is heard during the line.
        vector: of the sentence model, or empty where there is none or it cannot read the line.
    """

    start_s: float
    end_s: float
    text: str
    speaker: str = ""
    voice: tuple[str, ...] = ()
    face: dict[str, float] = field(default_factory=dict)
    sounds: tuple[str, ...] = ()
    vector: npt.NDArray[np.float32] = field(default_factory=lambda: np.zeros(0, np.float32))


@dataclass(frozen=True)
class Feeling:
    """Of one line: the probability of each emotion, and the one that is told with its reasons ("" where none is)."""

    probabilities: dict[str, float]
    emotion: str = ""
    confidence: float = 0.0
    evidence: str = ""


@dataclass(frozen=True)
class EmotionHead:
    """Weights [num_dims + NUM_MARKS, emotions], means, scale of the marks, and per emotion slope, gain of a word, bias."""

    weights: Array
    means: Array
    mark_scale: Array
    context: float
    calibration: Array

    def log_odds(self, lines: Sequence[Spoken]) -> Array:
        """[lines, emotions] from words; rows of lines without a vector are those of the word list alone."""
        hits = [words_of(line.text[:MAX_CHARS]) for line in lines]
        known = np.array([len(line.vector) == len(self.means) - NUM_MARKS for line in lines], bool)
        counts = np.array([[len(found.get(emotion, ())) for emotion in EMOTIONS] for found in hits], float).reshape(
            len(lines), len(EMOTIONS)
        )
        result = WORD_BIAS + WORD_GAIN * np.minimum(counts, 2.0)
        if known.any():
            vectors = np.array([line.vector for line, is_known in zip(lines, known, strict=True) if is_known], float)
            texts = [line.text for line, is_known in zip(lines, known, strict=True) if is_known]
            scores = (inputs(vectors, texts, self.context, self.mark_scale) - self.means) @ self.weights
            slope, gain, bias = self.calibration
            result[known] = slope * scores + gain * (counts[known] > 0) + bias
        return result


def inputs(vectors: Array, texts: Sequence[str], context: float, mark_scale: Array) -> Array:
    """What the head is multiplied with, of the consecutive lines of one scene: [lines, num_dims + NUM_MARKS]."""
    num = len(vectors)
    near = np.zeros_like(vectors)
    for i in range(num):
        others = [j for j in range(max(0, i - NEAR_LINES), min(num, i + NEAR_LINES + 1)) if j != i]
        if others:
            near[i] = vectors[others].mean(axis=0)
    return np.hstack([vectors + context * near, np.array([marks(text) for text in texts]).reshape(num, NUM_MARKS) * mark_scale])


def marks(text: str) -> list[float]:
    """How a line is written: exclaimed, twice, asked, broken off, its length (log of words), in capitals."""
    text = text[:MAX_CHARS].replace("！", "!").replace("？", "?").replace("…", "...")
    words = text.split()
    capitals = any(len(word) > 1 and word.isupper() for word in words)
    broken = "..." in text or "- " in text
    return [float("!" in text), float(text.count("!") > 1), float("?" in text), float(broken), math.log1p(len(words)), float(capitals)]


@lru_cache(maxsize=1)
def emotion_head() -> EmotionHead:
    """The packaged head."""
    stored = json.loads(HEAD_FILE.read_text("utf-8"))
    unit = np.array(stored["units"])
    return EmotionHead(
        np.array([stored["weights"][emotion] for emotion in EMOTIONS], float).T * unit,
        np.array(stored["means"], float) * stored["mean_unit"],
        np.array(stored["mark_scale"], float),
        float(stored["context"]),
        np.array([stored["calibration"][emotion] for emotion in EMOTIONS], float).T,
    )


def feelings_of(lines: Sequence[Spoken]) -> list[Feeling]:
    """Of the consecutive lines of one scene, in order."""
    if not lines:
        return []
    return [_feeling(line, row) for line, row in zip(lines, emotion_head().log_odds(lines), strict=True)]


def _feeling(line: Spoken, words: Array) -> Feeling:
    added = {emotion: 0.0 for emotion in EMOTIONS}
    reasons: list[tuple[str, str]] = []
    for kind in line.voice:
        for emotion, gain in VOICE[kind].items():
            added[emotion] += gain
            reasons.append((emotion, kind if gain > 0 else ""))
    for label, emotion in FACES.items():
        if line.face.get(label, 0.0) > 0.1:
            added[emotion] += FACE_GAIN * min(1.0, line.face[label])
            reasons.append((emotion, f"face {label} +{line.face[label]:.2f}"))
    for needle, emotion, gain in SOUNDS:
        name = next((sound for sound in line.sounds if needle in sound.casefold()), "")
        if name:
            added[emotion] += gain
            reasons.append((emotion, name.casefold()))
    total = {emotion: _probability(float(words[i]) + added[emotion]) for i, emotion in enumerate(EMOTIONS)}
    if not re.search(r"\w", line.text):
        return Feeling(total)
    if not len(line.vector):
        total = {emotion: min(WORDS_ALONE, probability) for emotion, probability in total.items()}
    first, second = sorted(EMOTIONS, key=lambda emotion: (-total[emotion], emotion))[:2]
    if total[first] < FLOOR or total[first] - total[second] < MARGIN:
        return Feeling(total)
    said = words_of(line.text[:MAX_CHARS]).get(first, [])
    by_words = f"words {_probability(float(words[EMOTIONS.index(first)])):.2f}" + (f" (“{said[0]}”)" if said else "")
    others = [reason for emotion, reason in reasons if emotion == first and reason]
    return Feeling(total, first, round(min(MOST_SURE, total[first]), 2), ", ".join(dict.fromkeys([by_words, *others])))


def _probability(log_odds: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, log_odds))))
