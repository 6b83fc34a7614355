"""What faces tell of people who do not speak: a feeling that shows plainly, and listening while somebody else speaks.

The expression model was trained on posed faces: on film it finds sadness in every serious face. So a feeling is reported only where
it is well above what the model finds in this film's faces on the whole, and sadness needs most. Nobody listens to a narrator.

Times in seconds. Contents: :func:`expression_events`, :func:`listening_events`, :func:`face_expression`, :func:`usual_expression`.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from inference.evidence.joining.gather import Face, Gathered
from inference.evidence.joining.identity import MOUTH_MOVES, People
from inference.evidence.joining.reconcile import Utterance
from inference.evidence.spans import Span, overlap_s
from omniscript_mam.script import Event

from .attributes import Finding
from .drafting import draft_event, stamp

EXPRESSIONS = {
    "anger": "Angry", "disgust": "Disgusted", "fear": "Afraid", "happiness": "Happy", "sadness": "Sad", "surprise": "Surprised",
}  # fmt: skip
LEAST = {"sadness": 0.8, "disgust": 0.7}
"""Least probability of feelings that the model sees too often; the others need the caller's."""
ABOVE_USUAL = 0.3
"""By how much a feeling must exceed its usual probability in the film. Chosen."""
LEAST_LISTENED_S = 1.0
"""A face in view, or a line, shorter than this tells of no listening. Chosen."""


def usual_expression(faces: Iterable[Face]) -> dict[str, float]:
    """Label → median probability over the film's faces; empty with fewer than five."""
    shown = [face.expression for face in faces if face.expression]
    if len(shown) < 5:
        return {}
    return {label: float(np.median([row.get(label, 0.0) for row in shown])) for label in EXPRESSIONS}


def face_expression(face: Face, usual: dict[str, float], least: float = 0.5) -> Finding | None:
    """The feeling a face shows, if it shows one; a startled face shows two."""
    if not face.expression:
        return None
    fear, surprise = face.expression.get("fear", 0.0), face.expression.get("surprise", 0.0)
    if min(fear, surprise) >= 0.25 and fear + surprise >= 0.75:
        return Finding("Frightened", round(0.6 * (fear + surprise), 2), f"fear {fear:.2f} and surprise {surprise:.2f} on the face")
    label = max(sorted(face.expression), key=lambda name: face.expression[name])
    probability = face.expression[label]
    needed = max(least, LEAST.get(label, 0.0), usual.get(label, 0.0) + ABOVE_USUAL)
    if label not in EXPRESSIONS or probability < needed:
        return None
    return Finding(EXPRESSIONS[label], round(0.8 * probability, 2), f"{label} {probability:.2f} on the face")


def expression_events(film: Gathered, span: Span, people: People, version: str, usual: dict[str, float]) -> list[Event]:
    """Strong feelings on faces of people who do not speak meanwhile; once per person and feeling in a scene.

    Args:
        span: the scene, in seconds.
        usual: what the model finds in this film's faces on the whole (:func:`usual_expression`).
    """
    events = []
    done: set[tuple[str, str]] = set()
    owner = {face: speaker for speaker, face in people.ties.items()}
    for face in film.faces:
        start_s, end_s = max(face.start_s, span[0]), min(face.end_s, span[1])
        character = people.of_face(face.identity) if face.identity >= 0 else None
        expression = face_expression(face, usual, 0.6)
        if character is None or expression is None or end_s - start_s < 0.7:
            continue
        speaks = any(u.speaker == owner.get(face.identity, -2) and u.start_s < end_s and u.end_s > start_s for u in film.utterances)
        if speaks or (character, expression.value) in done:
            continue
        done.add((character, expression.value))
        provenance = {"expression": stamp(version, expression.confidence, expression.evidence)}
        events.append(draft_event(span, start_s, end_s, character_id=character, expression=expression.value, provenance=provenance))
    return events


def listening_events(film: Gathered, span: Span, people: People, version: str, narrators: set[int]) -> list[Event]:
    """Faces that keep their mouth still while a voice known to be another's speaks; once for each such stretch.

    Args:
        span: the scene, in seconds.
        narrators: voices that stand outside the picture: nobody listens to them.
    """
    events: list[Event] = []
    for face in film.faces:
        character = people.of_face(face.identity) if face.identity >= 0 else None
        if character is None or min(face.end_s, span[1]) - max(face.start_s, span[0]) < LEAST_LISTENED_S:
            continue
        heard = [u for u in film.utterances if _listens(face, u, people, narrators)]
        heard = [u for u in heard if min(u.end_s, span[1]) - max(u.start_s, span[0]) >= LEAST_LISTENED_S]
        if not heard:
            continue
        start_s, end_s = max(face.start_s, heard[0].start_s), min(face.end_s, heard[-1].end_s)
        evidence = "the mouth is still while somebody else speaks"
        provenance = {"action": stamp(version, 0.55, evidence)}
        events.append(draft_event(span, start_s, end_s, character_id=character, action="Listens.", provenance=provenance))
    return events


def _listens(face: Face, line: Utterance, people: People, narrators: set[int]) -> bool:
    """Whether the line is surely somebody else's, spoken in the story, and this mouth is seen not to move during it."""
    owner = people.ties.get(line.speaker)
    if line.speaker < 0 or line.speaker in narrators or owner is None or owner == face.identity:
        return False
    shared_s = overlap_s(face, line)
    if shared_s < max(LEAST_LISTENED_S, 0.5 * min(face.end_s - face.start_s, line.end_s - line.start_s)):
        return False
    mouth = face.mouth[(face.times_s >= line.start_s) & (face.times_s <= line.end_s)].astype(np.float32)
    mouth = mouth[~np.isnan(mouth)]
    return len(mouth) >= 4 and float(mouth.std()) < 0.7 * MOUTH_MOVES
