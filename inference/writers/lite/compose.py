"""Scenes and their events: the film as observed, put into the Script's words.

Dialogue lies whole in its scene (borders were moved off speech); everything else is clipped to the scene it is seen or heard in. Texts
say what was observed, in the present tense, and leave out the name of whoever does it: the event names its character by id, so that
a later name reaches every sentence. Each field says how sure it is and why.

Contents: :func:`compose_scenes`, :func:`scene_evidence`, :func:`stamp`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from omniscript_mam.script import ENVIRONMENT_ID, Event, Provenance, Scene, SceneType, VoiceType

from .attributes import Finding, SceneEvidence, describe
from .evidence import Sound, TextSpan
from .gather import Face, Gathered
from .identity import MOUTH_MOVES, People
from .mood import find_mood
from .plan import Span
from .reconcile import Utterance

WRITER = "lite"
SoundPhrase = Callable[[str], str]
"""AudioSet display name → a phrase a person would write, or "" for sounds not worth a cue (speech, silence)."""

EXPRESSIONS = {
    "anger": "Angry", "disgust": "Disgusted", "fear": "Afraid", "happiness": "Happy", "neutral": "Neutral", "sadness": "Sad",
    "surprise": "Surprised",
}  # fmt: skip
VOCAL = {"shout": "Shouting", "yell": "Shouting", "scream": "Screaming", "whisper": "Whispering", "crying": "Crying", "sobbing": "Sobbing",
         "laughter": "Laughing", "giggle": "Giggling", "chuckle": "Chuckling"}  # fmt: skip
LEAST_CUE_S = 0.4
QUICK_SHOT_S = 1.5


def stamp(version: str, confidence: float | None = None, evidence: str = "") -> Provenance:
    """Provenance of a value this writer wrote."""
    rounded = None if confidence is None else round(min(1.0, max(0.0, confidence)), 2)
    return Provenance(writer=WRITER, version=version, confidence=rounded, evidence=evidence[:500])


def compose_scenes(film: Gathered, spans: Sequence[Span], people: People, version: str, sound_phrase: SoundPhrase) -> list[Scene]:
    """All scenes with their events, ids in time order."""
    drafts: list[tuple[Scene, list[Event]]] = []
    for number, span in enumerate(spans, start=1):
        evidence = scene_evidence(film, span)
        events = [
            *_dialogue(film, evidence, people, version),
            *_actions(film, span, people, version),
            *_expressions(film, span, people, version),
            *_cues(film, span, version, sound_phrase),
            *_texts(film, span, version),
            *_editing(evidence, version),
        ]
        events.sort(key=lambda e: (e.start_s, e.end_s, e.dialogue, e.action, e.audio_cue, e.on_screen_text, e.expression, e.character_id))
        drafts.append((_scene(number, evidence, version), events))
    scenes = []
    count = 0
    for scene, events in drafts:
        for event in events:
            count += 1
            event.id = f"event-{count:05d}"
        scene.events = events
        scenes.append(scene)
    return scenes


def scene_evidence(film: Gathered, span: Span) -> SceneEvidence:
    """What was observed between a scene's borders."""
    start_s, end_s = span
    shots = [s for s in film.shots if min(s.end_s, end_s) - max(s.start_s, start_s) > 0.1]
    faces = [f for f in film.faces if f.start_s < end_s and f.end_s > start_s]
    weights: dict[str, float] = defaultdict(float)
    for face in faces:
        for label, probability in face.expression.items():
            weights[label] += probability * (face.end_s - face.start_s)
    total_s = sum(face.end_s - face.start_s for face in faces if face.expression)
    music_s = sum(max(0.0, min(s.end_s, end_s) - max(s.start_s, start_s)) for s in film.speech if s.kind == "music")
    return SceneEvidence(
        start_s,
        end_s,
        shots,
        [u for u in film.utterances if start_s - 0.01 <= (u.start_s + u.end_s) / 2 < end_s],
        [t for t in film.texts if min(t.end_s, end_s) - max(t.start_s, start_s) > 0.1],
        [s for s in film.sounds if min(s.end_s, end_s) - max(s.start_s, start_s) > 0.1],
        [db for time_s, db in zip(film.loudness_times_s, film.loudness_db, strict=True) if start_s <= time_s < end_s],
        {label: weight / total_s for label, weight in weights.items()} if total_s else {},
        sum(start_s < shot.start_s < end_s for shot in shots),
        min(1.0, music_s / max(0.1, end_s - start_s)),
    )


def _scene(number: int, evidence: SceneEvidence, version: str) -> Scene:
    findings: dict[str, Finding] = describe(evidence)
    mood = find_mood(evidence)
    if mood is not None:
        findings["mood"] = mood
    values = {name: finding.value for name, finding in findings.items() if name != "type"}
    return Scene(
        id=f"scene-{number:04d}",
        start_s=round(evidence.start_s, 3),
        end_s=round(evidence.end_s, 3),
        type=SceneType(findings["type"].value) if "type" in findings else None,
        provenance={name: stamp(version, finding.confidence, finding.evidence) for name, finding in sorted(findings.items())},
        **values,
    )


def _event(span: Span, start_s: float, end_s: float, **fields: object) -> Event:
    start_s = min(max(start_s, span[0]), span[1])
    end_s = min(max(end_s, start_s), span[1])
    return Event.model_validate({"id": "event", "start_s": round(start_s, 3), "end_s": round(end_s, 3), **fields})


def _dialogue(film: Gathered, evidence: SceneEvidence, people: People, version: str) -> list[Event]:
    events = []
    for utterance in evidence.utterances:
        faces = [f for f in film.faces if f.start_s < utterance.end_s and f.end_s > utterance.start_s]
        fields: dict[str, object] = {"dialogue": utterance.text, "language": utterance.language}
        how = {"speech": "heard", "subtitle": "read from a burnt-in subtitle", "both": "heard, worded after the burnt-in subtitle"}
        provenance = {"dialogue": stamp(version, utterance.confidence, how[utterance.source])}
        character, confidence, reason = _speaker(utterance, people)
        provenance["character_id"] = stamp(version, confidence, reason)
        expression = _spoken_expression(utterance, film, people)
        if expression is not None:
            fields["expression"] = expression.value
            provenance["expression"] = stamp(version, expression.confidence, expression.evidence)
        voice = _voice_type(utterance, faces, film, people)
        if voice is not None:
            fields["voice_type"] = VoiceType(voice.value)
            provenance["voice_type"] = stamp(version, voice.confidence, voice.evidence)
        if utterance.translation:
            fields["on_screen_text"] = utterance.translation
            provenance["on_screen_text"] = stamp(version, utterance.confidence, "burnt-in subtitle in another language")
        span = (evidence.start_s, evidence.end_s)
        events.append(_event(span, utterance.start_s, utterance.end_s, character_id=character, provenance=provenance, **fields))
    return events


def _speaker(utterance: Utterance, people: People) -> tuple[str, float, str]:
    if utterance.label:
        return people.of_speaker(utterance.speaker), 0.9, f"the subtitle names {utterance.label}"
    if utterance.speaker < 0:
        return people.of_speaker(utterance.speaker), 0.1, "too short or too noisy to tell the voice"
    tied = utterance.speaker in people.ties
    # Voices of film speech are told apart right in a little over half of the cases; a face that speaks makes it surer.
    return people.of_speaker(utterance.speaker), 0.65 if tied else 0.5, "voice and moving mouth" if tied else "voice"


def _spoken_expression(utterance: Utterance, film: Gathered, people: People) -> Finding | None:
    """From the speaker's own face, else from how the voice sounds."""
    face_number = people.ties.get(utterance.speaker)
    for face in film.faces:
        own = face_number is not None and face.identity == face_number
        if own and min(face.end_s, utterance.end_s) - max(face.start_s, utterance.start_s) > 0.3:
            found = _face_expression(face)
            if found is not None:
                return found
    return _vocal_expression(utterance, film.sounds)


def _face_expression(face: Face, least: float = 0.5) -> Finding | None:
    if not face.expression:
        return None
    label = max(sorted(face.expression), key=lambda name: face.expression[name])
    probability = face.expression[label]
    if probability < least or label not in EXPRESSIONS:
        return None
    return Finding(EXPRESSIONS[label], round(0.8 * probability, 2), f"{label} {probability:.2f} on the face")


def _vocal_expression(utterance: Utterance, sounds: Iterable[Sound]) -> Finding | None:
    for sound in sounds:
        shared_s = min(sound.end_s, utterance.end_s) - max(sound.start_s, utterance.start_s)
        word = next((word for needle, word in VOCAL.items() if needle in sound.label.casefold()), "")
        if word and sound.score >= 0.4 and shared_s > 0.5 * min(sound.end_s - sound.start_s, utterance.end_s - utterance.start_s):
            return Finding(word, round(0.7 * sound.score, 2), f"{sound.label} {sound.score:.2f} during the line")
    return None


def _voice_type(utterance: Utterance, faces: Sequence[Face], film: Gathered, people: People) -> Finding | None:
    """On screen: the tied face's mouth moves. Off screen: a voice seen elsewhere, with its face not in view though others are.

    Voice-over: a voice that never once coincides with a moving mouth, though faces are often in view while it speaks.
    """
    face_number = people.ties.get(utterance.speaker)
    own = [face for face in faces if face_number is not None and face.identity == face_number]
    moving = [face for face in own if _mouth_moves(face, utterance)]
    if moving:
        return Finding("OnScreen", 0.8, "the speaker's mouth moves during the line")
    if own:
        return Finding("OnScreen", 0.6, "the speaker's face is in view during the line")
    if face_number is not None and faces:
        return Finding("OS", 0.5, "the speaker's face is known, and only others are in view")
    if face_number is None and utterance.speaker >= 0 and _is_narrator(utterance.speaker, film):
        return Finding("VO", 0.5, "this voice never coincides with a moving mouth")
    return None


def _mouth_moves(face: Face, utterance: Utterance) -> bool:
    during = face.mouth[(face.times_s >= utterance.start_s) & (face.times_s <= utterance.end_s)].astype(np.float32)
    during = during[~np.isnan(during)]
    return len(during) >= 3 and float(during.std()) >= MOUTH_MOVES


def _is_narrator(speaker: int, film: Gathered) -> bool:
    lines = [u for u in film.utterances if u.speaker == speaker]
    watched = 0
    for line in lines:
        shown = [f for f in film.faces if f.start_s < line.end_s and f.end_s > line.start_s]
        if any(_mouth_moves(face, line) for face in shown):
            return False
        watched += bool(shown)
    return watched >= 3


def _actions(film: Gathered, span: Span, people: People, version: str) -> list[Event]:
    events = []
    for action in film.actions:
        if not span[0] <= action.start_s < span[1]:
            continue
        identity = film.faces[action.subject].identity if 0 <= action.subject < len(film.faces) else -1
        character = people.of_face(identity) if identity >= 0 else None
        text = action.phrase.replace("{who} ", "") if character else action.phrase.replace("{who}", "A person")
        text = text[0].upper() + text[1:]
        provenance = {"action": stamp(version, action.confidence, action.evidence)}
        events.append(
            _event(span, action.start_s, action.end_s, character_id=character or ENVIRONMENT_ID, action=text, provenance=provenance)
        )
    return _joined(events)


def _joined(events: list[Event]) -> list[Event]:
    """The same sentence about the same one, shot after shot, said once over its whole stretch."""
    joined: list[Event] = []
    latest: dict[tuple[str, str], Event] = {}
    for event in events:
        before = latest.get((event.character_id, event.action))
        if before is not None and event.start_s - before.end_s < 3.0:
            before.end_s = max(before.end_s, event.end_s)
            continue
        latest[event.character_id, event.action] = event
        joined.append(event)
    return joined


def _expressions(film: Gathered, span: Span, people: People, version: str) -> list[Event]:
    """Strong feelings on faces of people who do not speak meanwhile; once per person and feeling in a scene."""
    events = []
    done: set[tuple[str, str]] = set()
    owner = {face: speaker for speaker, face in people.ties.items()}
    for face in film.faces:
        start_s, end_s = max(face.start_s, span[0]), min(face.end_s, span[1])
        character = people.of_face(face.identity) if face.identity >= 0 else None
        found = _face_expression(face, 0.6)
        if character is None or found is None or found.value == "Neutral" or end_s - start_s < 1.0:
            continue
        speaks = any(u.speaker == owner.get(face.identity, -2) and u.start_s < end_s and u.end_s > start_s for u in film.utterances)
        if speaks or (character, found.value) in done:
            continue
        done.add((character, found.value))
        provenance = {"expression": stamp(version, found.confidence, found.evidence)}
        events.append(_event(span, start_s, end_s, character_id=character, expression=found.value, provenance=provenance))
    return events


def _cues(film: Gathered, span: Span, version: str, sound_phrase: SoundPhrase) -> list[Event]:
    """Sounds worth a cue. The same phrase within two seconds is one cue."""
    cues: list[tuple[float, float, str, float, str]] = []
    for sound in film.sounds:
        start_s, end_s = max(sound.start_s, span[0]), min(sound.end_s, span[1])
        phrase = sound_phrase(sound.label)
        phrase = phrase[:1].upper() + phrase[1:]
        if not phrase or end_s - start_s < LEAST_CUE_S or not _belongs(start_s, end_s, sound):
            continue
        same = next((i for i in range(len(cues) - 1, -1, -1) if cues[i][2] == phrase and start_s - cues[i][1] < 2.0), None)
        if same is None:
            cues.append((start_s, end_s, phrase, sound.score, sound.label))
        else:
            before = cues[same]
            cues[same] = (before[0], max(before[1], end_s), phrase, max(before[3], sound.score), before[4])
    return [
        _event(span, start_s, end_s, audio_cue=phrase, provenance={"audio_cue": stamp(version, 0.9 * score, f"{label} {score:.2f}")})
        for start_s, end_s, phrase, score, label in cues
    ]


def _belongs(start_s: float, end_s: float, whole: Sound | TextSpan) -> bool:
    """Whether the part of a sound or text in this scene is worth an event here: most of it, or a while of it."""
    return end_s - start_s >= 1.5 or end_s - start_s >= 0.5 * (whole.end_s - whole.start_s)


def _texts(film: Gathered, span: Span, version: str) -> list[Event]:
    """Titles, signs, credits; rows that stand together are one event. Subtitles nobody speaks are kept the same way."""
    groups: list[tuple[float, float, str, list[tuple[float, str, float]]]] = []
    for text in film.texts:
        start_s, end_s = max(text.start_s, span[0]), min(text.end_s, span[1])
        if end_s - start_s < 0.1 or not _belongs(start_s, end_s, text):
            continue
        row = (text.box[1], " ".join(text.text.split()), text.confidence)
        last = groups[-1] if groups else None
        together = last is not None and last[2] == text.role and abs(last[0] - start_s) < 0.6 and abs(last[1] - end_s) < 1.5
        if last is not None and together:
            groups[-1] = (last[0], max(last[1], end_s), text.role, [*last[3], row])
        else:
            groups.append((start_s, end_s, text.role, [row]))
    events = []
    for start_s, end_s, role, rows in groups:
        lines = "\n".join(dict.fromkeys(row[1] for row in sorted(rows)))[:8000]
        confidence = float(np.mean([row[2] for row in rows]))
        events.append(_event(span, start_s, end_s, on_screen_text=lines, provenance={"on_screen_text": stamp(version, confidence, role)}))
    return events


def _editing(evidence: SceneEvidence, version: str) -> list[Event]:
    """Quick cutting and black pictures: the only camera facts that cuts and light prove."""
    span = (evidence.start_s, evidence.end_s)
    events = []
    run: list[Span] = []
    for shot in [*evidence.shots, None]:
        if shot is not None and shot.end_s - shot.start_s < QUICK_SHOT_S:
            run.append((shot.start_s, shot.end_s))
            continue
        if len(run) >= 4:
            provenance = {"action": stamp(version, 0.7, f"{len(run)} shots in {run[-1][1] - run[0][0]:.1f} s")}
            events.append(_event(span, run[0][0], run[-1][1], action="A quick succession of shots.", provenance=provenance))
        run = []
    for shot in evidence.shots:
        if shot.look is not None and shot.look.brightness < 0.02 and shot.end_s - shot.start_s >= 1.0:
            provenance = {"action": stamp(version, 0.9, f"brightness {shot.look.brightness:.3f}")}
            events.append(_event(span, shot.start_s, shot.end_s, action="The screen is black.", provenance=provenance))
    return events
