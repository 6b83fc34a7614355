"""From the segments' evidence to the film as observed: everything that writers need of it, and nothing they do not.

Segments are read one after another; words, joints and boxes are turned into what the script needs (dialogue lines, actions, how often a
thing is seen in a shot) and dropped, embeddings are kept as float16. What crossed a segment border is joined again: a text that
stayed, a sound that went on, a line that both sides heard.

Times in seconds from the first displayed frame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from ..observed import Evidence, FaceTrack, Look, ObjectSample, Sound, SpeechSpan, SubtitleLine, TextSpan
from .actions import find_actions
from .movements import Action
from .reconcile import Utterance, reconcile
from .wordings import similarity


@dataclass
class Face:
    """A face track without its boxes: when, how the mouth moved, who it looks like."""

    start_s: float
    end_s: float
    times_s: np.ndarray
    mouth: np.ndarray
    embedding: np.ndarray
    expression: dict[str, float]
    age: float | None
    gender: str
    gender_confidence: float
    area: float
    identity: int = -1


@dataclass
class Shot:
    """A shot: how it looks, and which things are seen in it (label → share of samples)."""

    start_s: float
    end_s: float
    look: Look | None = None
    things: dict[str, float] = field(default_factory=dict)


@dataclass
class Gathered:
    """The film as observed. Lists are in time order; ``loudness`` is (times, dBFS); ``named_sounds`` are those that subtitles name."""

    duration_s: float
    language: str = ""
    shots: list[Shot] = field(default_factory=list)
    utterances: list[Utterance] = field(default_factory=list)
    faces: list[Face] = field(default_factory=list)
    texts: list[TextSpan] = field(default_factory=list)
    sounds: list[Sound] = field(default_factory=list)
    named_sounds: list[SubtitleLine] = field(default_factory=list)
    speech: list[SpeechSpan] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    loudness_times_s: list[float] = field(default_factory=list)
    loudness_db: list[float] = field(default_factory=list)
    models: dict[str, str] = field(default_factory=dict)


def gather(segments: Iterable[Evidence], duration_s: float, language: str, *, has_sound: bool) -> Gathered:
    """The film as observed, from the evidence of its segments in order; each is let go before the next is asked for.

    Args:
        language: the film's language, where it is known.
        has_sound: whether anything could be heard at all.
    """
    film = Gathered(duration_s, language)
    for segment in segments:
        _add(film, segment, has_sound)
    return film


def _add(film: Gathered, segment: Evidence, has_sound: bool) -> None:
    audio, visual = segment.audio, segment.visual
    utterances, texts = reconcile(audio.lines, visual.texts, audio.speech, film.language, has_sound=has_sound, filed=segment.subtitles)
    film.utterances += [u for u in utterances if u.text and u.end_s > u.start_s and not _heard_before(film, u)]
    for text in texts:
        if not _is_debris(text.text):
            _join_text(film.texts, text)
    for sound in sorted(audio.sounds, key=lambda s: (s.start_s, s.end_s, s.label)):
        _join_sound(film.sounds, sound)
    film.named_sounds += [line for line in segment.subtitles if line.kind == "sound"]
    film.speech += audio.speech
    film.loudness_times_s += [segment.start_s + i + 0.5 for i in range(len(audio.loudness_db))]
    film.loudness_db += audio.loudness_db
    first_face = len(film.faces)
    film.faces += [_face(track) for track in visual.faces]
    film.actions += find_actions(segment, first_face)
    film.shots += _shots(segment)
    film.models.update(segment.models)


def _heard_before(film: Gathered, utterance: Utterance) -> bool:
    """True if the segment before already ends with this line (both sides of a border heard it)."""
    return any(
        abs(before.start_s - utterance.start_s) < 1.0 and before.end_s > utterance.start_s and similarity(before.text, utterance.text) > 0.7
        for before in film.utterances[-3:]
    )


def _is_debris(text: str) -> bool:
    """True for what OCR makes of a title that is still fading in: a few single letters ("1 N T F")."""
    parts = text.split()
    return len(parts) >= 2 and text.isascii() and sum(len(part) == 1 for part in parts) > 0.6 * len(parts)


def _join_text(texts: list[TextSpan], text: TextSpan) -> None:
    for i in range(len(texts) - 1, max(-1, len(texts) - 8), -1):
        before = texts[i]
        if text.start_s - before.end_s < 0.6 and before.role == text.role and similarity(before.text, text.text) > 0.85:
            better = before.text if before.confidence >= text.confidence else text.text
            texts[i] = before.model_copy(
                update={
                    "end_s": max(before.end_s, text.end_s),
                    "text": better,
                    "confidence": max(before.confidence, text.confidence),
                }
            )
            return
    texts.append(text)


def _join_sound(sounds: list[Sound], sound: Sound) -> None:
    for i in range(len(sounds) - 1, max(-1, len(sounds) - 16), -1):
        before = sounds[i]
        if before.label == sound.label and sound.start_s - before.end_s < 1.0:
            sounds[i] = before.model_copy(update={"end_s": max(before.end_s, sound.end_s), "score": max(before.score, sound.score)})
            return
    sounds.append(sound)


def _face(track: FaceTrack) -> Face:
    mouth = [np.nan if sample.mouth_open is None else sample.mouth_open for sample in track.samples]
    return Face(
        track.start_s,
        track.end_s,
        np.array([sample.time_s for sample in track.samples], np.float32),
        np.array(mouth, np.float16),
        np.asarray(track.embedding, np.float16),
        track.expression,
        track.age,
        track.gender,
        track.gender_confidence,
        float(np.mean([sample.box[2] * sample.box[3] for sample in track.samples])) if track.samples else 0.0,
    )


def _shots(segment: Evidence) -> list[Shot]:
    shots = []
    for start_s, end_s in segment.shots:
        samples = [sample for sample in segment.visual.objects if start_s <= sample.time_s < end_s]
        looks = [look for look in segment.visual.looks if min(look.end_s, end_s) - max(look.start_s, start_s) > 0.5 * (end_s - start_s)]
        shots.append(Shot(start_s, end_s, looks[0] if looks else None, _things(samples)))
    return shots


def _things(samples: list[ObjectSample]) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for sample in samples:
        counts.update({label for label, score in zip(sample.labels, sample.scores, strict=True) if score >= 0.5})
    return {label: round(count / len(samples), 3) for label, count in sorted(counts.items())}
