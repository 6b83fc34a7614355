"""Moments worth a trailer: where loudness, motion, cutting, faces and words peak together.

Each channel is a curve with one value a second, measured against the film itself (how far above its own median, in units of its own
spread), so that a quiet film has high points too, and a film without any contrast has none. The reasoning states the measured facts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.evidence.joining.gather import Gathered
from omniscript_mam.script import HighPoint, Reasoning, Scene

from .drafting import stamp
from .mood import WORDS

PEAK = 1.6
"""Least combined strength of a high point. Chosen, like the numbers below."""
APART_S = 20.0
"""Least distance between two high points."""
SMOOTH_S = 5
"""Width of the window over which curves are smoothed, and cuts counted."""
PER_MINUTE = 0.75
"""Most high points a minute of film; a film has at least one if anything reaches :data:`PEAK`."""
WEIGHTS = {"loudness": 0.8, "motion": 0.6, "cuts": 0.5, "faces": 0.6, "words": 1.0}
"""What a channel counts, by its spread above the film's own median. Chosen."""


@dataclass
class Curves:
    """One value per second of film for each channel, in units of the channel's own spread."""

    values: dict[str, np.ndarray]
    raw: dict[str, np.ndarray]

    def strength(self) -> np.ndarray:
        """Weighted sum of the channels, one value a second; a channel adds nothing below its median, and at most three spreads above it."""
        return sum((WEIGHTS[name] * np.clip(curve, 0.0, 3.0) for name, curve in self.values.items()), np.zeros(len(self.values["words"])))


def find_high_points(film: Gathered, scenes: Sequence[Scene], version: str) -> list[HighPoint]:
    """The strongest moments in time order, at most one per 20 s and :data:`PER_MINUTE` per minute."""
    num_s = int(film.duration_s)
    if num_s < 10:
        return []
    curves = _curves(film, num_s)
    strength = _smooth(curves.strength())
    wanted = max(1, round(PER_MINUTE * film.duration_s / 60))
    peaks: list[int] = []
    for second in np.argsort(-strength, kind="stable"):
        if strength[second] < PEAK or len(peaks) >= wanted:
            break
        if all(abs(int(second) - peak) >= APART_S for peak in peaks):
            peaks.append(int(second))
    return [_high_point(film, scenes, curves, peak, float(strength[peak]), version) for peak in sorted(peaks)]


def _curves(film: Gathered, num_s: int) -> Curves:
    raw = {name: np.zeros(num_s) for name in WEIGHTS}
    raw["loudness"] = np.full(num_s, -60.0)
    for time_s, level in zip(film.loudness_times_s, film.loudness_db, strict=True):
        if 0 <= int(time_s) < num_s:
            raw["loudness"][int(time_s)] = max(-60.0, level)
    for shot in film.shots:
        span = slice(max(0, int(shot.start_s)), min(num_s, int(shot.end_s) + 1))
        if shot.look is not None:
            raw["motion"][span] = np.maximum(raw["motion"][span], shot.look.motion)
        if 0 < int(shot.start_s) < num_s:
            raw["cuts"][int(shot.start_s)] += 1
    for face in film.faces:
        feeling = 1.0 - face.expression.get("neutral", 1.0)
        span = slice(max(0, int(face.start_s)), min(num_s, int(face.end_s) + 1))
        raw["faces"][span] = np.maximum(raw["faces"][span], feeling)
    for utterance in film.utterances:
        hits = 0.5 * ("!" in utterance.text or "！" in utterance.text)
        hits += sum(len(re.findall(WORDS[name], utterance.text, re.IGNORECASE)) for name in ("threat", "anger", "sad", "joy"))
        span = slice(max(0, int(utterance.start_s)), min(num_s, int(utterance.end_s) + 1))
        raw["words"][span] += hits
    raw["cuts"] = np.convolve(raw["cuts"], np.ones(SMOOTH_S), "same")
    return Curves({name: _standard(curve) for name, curve in raw.items()}, raw)


def _standard(curve: np.ndarray) -> np.ndarray:
    """How far above the film's median, in units of its spread (0 for a flat curve)."""
    spread = float(curve.std())
    return np.zeros_like(curve) if spread < 1e-6 else (curve - np.median(curve)) / spread


def _smooth(curve: np.ndarray) -> np.ndarray:
    kernel = np.hanning(SMOOTH_S + 2)[1:-1]
    return np.convolve(curve, kernel / kernel.sum(), "same")


def _high_point(film: Gathered, scenes: Sequence[Scene], curves: Curves, peak: int, strength: float, version: str) -> HighPoint:
    scene = next((s for s in scenes if s.start_s <= peak < s.end_s), scenes[-1])
    start_s, end_s = max(scene.start_s, peak - 4.0), min(scene.end_s, peak + 5.0)
    events = [e for e in scene.events if e.start_s < end_s and e.end_s > start_s]
    lines = [e for e in events if e.dialogue]
    for line in lines:
        # A moment begins and ends with whole lines.
        start_s = min(start_s, max(line.start_s, start_s - 4.0))
        end_s = max(end_s, min(line.end_s, end_s + 4.0))
    strongest = max(sorted(curves.values), key=lambda name: WEIGHTS[name] * float(curves.values[name][peak]))
    kind = _kind(strongest, lines, film, peak)
    quote = max((line.dialogue for line in lines), key=lambda text: (_charge(text), -len(text)), default="")
    cues = list(dict.fromkeys(e.audio_cue for e in events if e.audio_cue))
    reasoning = Reasoning(
        visual=_visual(curves, peak),
        audio=f"{curves.raw['loudness'][peak]:.0f} dBFS, film median {np.median(curves.raw['loudness']):.0f} dBFS."
        + (f" Heard: {', '.join(cues[:3])}." if cues else ""),
        text=f"“{quote}”" if quote else "",
        psychology=_faces(film, start_s, end_s),
    )
    seen = next((e.action for e in events if e.action), "")
    measured = "" if quote else _visual(curves, peak)
    heard = f"{', '.join(cues[:2])}." if cues else ""
    description = " ".join(part for part in (f"“{quote[:160]}”" if quote else "", heard, seen, measured) if part)
    description = description or f"Strongest in {strongest}."
    score = round(float(10.0 * (1.0 - np.exp(-strength / 2.5))), 1)
    stamped = {"score": stamp(version, 0.4, f"combined strength {strength:.2f}; strongest channel {strongest}")}
    return HighPoint(
        start_s=round(start_s, 3),
        end_s=round(min(end_s, film.duration_s), 3),
        type=kind,
        description=description,
        reasoning=reasoning,
        score=score,
        provenance=stamped,
    )


def _kind(strongest: str, lines: Sequence[object], film: Gathered, peak: int) -> str:
    near = " ".join(u.text for u in film.utterances if u.start_s < peak + 5 and u.end_s > peak - 4)
    counts = {name: len(re.findall(WORDS[name], near, re.IGNORECASE)) for name in ("anger", "threat", "sad", "joy")}
    if lines and max(counts.values()) >= 2:
        best = max(counts, key=lambda name: counts[name])
        return {"anger": "Confrontation", "threat": "Threat", "sad": "Emotional Moment", "joy": "Joyful Moment"}[best]
    return {"faces": "Emotional Moment", "words": "Key Line", "loudness": "Climax", "motion": "Action", "cuts": "Action"}[strongest]


def _charge(text: str) -> int:
    return sum(len(re.findall(pattern, text, re.IGNORECASE)) for pattern in WORDS.values()) + ("!" in text)


def _visual(curves: Curves, peak: int) -> str:
    cuts, motion = curves.raw["cuts"][peak], curves.raw["motion"][peak]
    parts = []
    if cuts:
        parts.append(f"{cuts:.0f} cut{'s' if cuts > 1 else ''} within {SMOOTH_S} s")
    if motion:
        parts.append(f"motion {motion:.2f} per second, film median {np.median(curves.raw['motion']):.2f}")
    return f"{'; '.join(parts)}.".capitalize() if parts else ""


def _faces(film: Gathered, start_s: float, end_s: float) -> str:
    best = ("", 0.0)
    for face in film.faces:
        if face.start_s < end_s and face.end_s > start_s:
            for label, probability in sorted(face.expression.items()):
                if label != "neutral" and probability > max(0.4, best[1]):
                    best = (label, probability)
    return f"A face shows {best[0]} ({best[1]:.2f})." if best[0] else ""
