"""Scenes and their events: the film as observed, put into the Script's words.

Dialogue lies whole in its scene (borders were moved off speech); everything else is clipped to the scene it is seen or heard in. Texts
say what was observed, in the present tense, and leave out the name of whoever does it: the event names its character by id, so that
a later name reaches every sentence. Each field says how sure it is and why.

Contents: :func:`compose_scenes`, :func:`scene_evidence`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from inference.evidence.feeling.emotions import Feeling
from inference.evidence.joining.gather import Face, Gathered
from inference.evidence.joining.identity import MOUTH_MOVES, People, gender_of
from inference.evidence.joining.movements import Action
from inference.evidence.joining.reconcile import Utterance
from inference.evidence.observed import Sound
from inference.evidence.spans import Span, overlap_s
from inference.film import SentenceVectors
from omniscript_mam.script import ENVIRONMENT_ID, Emotion, Event, Scene, SceneType, VoiceType

from .attributes import Finding, SceneEvidence, describe
from .cues import SoundPhrase, continuous_sounds, cue_events, named_cue_events
from .drafting import belongs, draft_event, stamp
from .feelings import Feelings
from .mood import find_mood
from .onlookers import expression_events, face_expression, listening_events, usual_expression

VOCAL = {"shout": "Shouting", "yell": "Shouting", "scream": "Screaming", "whisper": "Whispering", "crying": "Crying", "sobbing": "Sobbing",
         "laughter": "Laughing", "giggle": "Giggling", "chuckle": "Chuckling"}  # fmt: skip
QUICK_SHOT_S = 1.5
"""Four shots in a row that are shorter than this are told as a quick succession. Chosen."""
LEAST_NARRATION_S = 12.0
"""A voice is called a narrator's after this much speech. Chosen."""


def compose_scenes(
    film: Gathered,
    spans: Sequence[Span],
    people: People,
    version: str,
    sound_phrase: SoundPhrase,
    sentence_vectors: SentenceVectors | None = None,
) -> list[Scene]:
    """All scenes with their events, ids in time order.

    Args:
        spans: (start, end) of each scene in seconds, in order.
        version: of the writer, for the provenance of every value.
        sound_phrase: how a screenplay calls a sound.
        sentence_vectors: what reads the meaning of lines; word lists alone do without.
    """
    drafts: list[tuple[Scene, list[Event]]] = []
    cues = continuous_sounds(film.sounds, sound_phrase)
    usual = usual_expression(film.faces)
    narrators = {speaker for speaker in {u.speaker for u in film.utterances if u.speaker >= 0} if _is_narrator(speaker, film, people)}
    feelings = Feelings(film, people, usual, sentence_vectors)
    for number, span in enumerate(spans, start=1):
        evidence = scene_evidence(film, span)
        felt = feelings.of_scene(evidence.utterances)
        evidence.emotions = felt.sums
        events = [
            *_dialogue(film, evidence, people, version, usual, narrators, felt.lines),
            *_actions(film, span, people, version),
            *listening_events(film, span, people, version, narrators),
            *expression_events(film, span, people, version, usual),
            *cue_events(cues, span, version),
            *named_cue_events(film.named_sounds, cues, span, version),
            *_texts(film, span, version),
            *_editing(evidence, version),
        ]
        events.sort(key=lambda e: (e.start_s, e.end_s, e.dialogue, e.action, e.audio_cue, e.on_screen_text, e.expression, e.character_id))
        scene = _scene(number, evidence, version)
        scene.interactions = felt.interactions(version, span)
        drafts.append((scene, events))
    scenes = []
    count = 0
    for number, each in enumerate((each for scene, _ in drafts for each in scene.interactions), start=1):
        each.id = f"interaction-{number:04d}"
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
            # The model finds sadness in every serious face: half of it says nothing.
            sure = max(0.0, 2.0 * probability - 1.0) if label == "sadness" else probability
            weights[label] += sure * (face.end_s - face.start_s)
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


def _dialogue(
    film: Gathered,
    evidence: SceneEvidence,
    people: People,
    version: str,
    usual: dict[str, float],
    narrators: set[int],
    feelings: Sequence[Feeling],
) -> list[Event]:
    """The lines of a scene: who, how, what they feel, and how each reaches us."""
    events = []
    for utterance, feeling in zip(evidence.utterances, feelings, strict=True):
        faces = [f for f in film.faces if f.start_s < utterance.end_s and f.end_s > utterance.start_s]
        fields: dict[str, object] = {"dialogue": utterance.text, "language": utterance.language}
        provenance = {"dialogue": stamp(version, utterance.confidence, _how(utterance))}
        character, confidence, reason = _speaker(utterance, people)
        provenance["character_id"] = stamp(version, confidence, reason)
        expression = _spoken_expression(utterance, film, people, usual)
        if expression is not None:
            fields["expression"] = expression.value
            provenance["expression"] = stamp(version, expression.confidence, expression.evidence)
        if feeling.emotion:
            fields["emotion"] = Emotion(feeling.emotion)
            provenance["emotion"] = stamp(version, feeling.confidence, feeling.evidence)
        voice = _voice_type(utterance, faces, people, narrators)
        if voice is not None:
            fields["voice_type"] = VoiceType(voice.value)
            provenance["voice_type"] = stamp(version, voice.confidence, voice.evidence)
        if utterance.translation:
            fields["on_screen_text"] = utterance.translation
            where = f"sign or foreign words in {utterance.origin}" if utterance.origin else "burnt-in subtitle in another language"
            provenance["on_screen_text"] = stamp(version, utterance.confidence, where)
        span = (evidence.start_s, evidence.end_s)
        events.append(draft_event(span, utterance.start_s, utterance.end_s, character_id=character, provenance=provenance, **fields))
    return events


def _how(utterance: Utterance) -> str:
    """Where the words of a line come from."""
    subtitle = utterance.origin or "the burnt-in subtitle"
    if utterance.source == "speech":
        return "heard"
    return f"heard, worded after {subtitle}" if utterance.source == "both" else f"read from {utterance.origin or 'a burnt-in subtitle'}"


def _speaker(utterance: Utterance, people: People) -> tuple[str, float, str]:
    if utterance.label:
        return people.of_speaker(utterance.speaker), 0.9, f"the subtitle names {utterance.label}"
    if utterance.speaker < 0:
        return people.of_speaker(utterance.speaker), 0.1, "too short or too noisy to tell the voice"
    tied = utterance.speaker in people.ties
    # Voices of film speech are told apart right in a little over half of the cases; a face that speaks makes it surer.
    return people.of_speaker(utterance.speaker), 0.65 if tied else 0.5, "voice and moving mouth" if tied else "voice"


def _spoken_expression(utterance: Utterance, film: Gathered, people: People, usual: dict[str, float]) -> Finding | None:
    """From the speaker's own face, else from how the voice sounds."""
    face_number = people.ties.get(utterance.speaker)
    for face in film.faces:
        own = face_number is not None and face.identity == face_number
        if own and overlap_s(face, utterance) > 0.3:
            expression = face_expression(face, usual)
            if expression is not None:
                return expression
    return _vocal_expression(utterance, film.sounds)


def _vocal_expression(utterance: Utterance, sounds: Iterable[Sound]) -> Finding | None:
    for sound in sounds:
        shared_s = overlap_s(sound, utterance)
        word = next((word for needle, word in VOCAL.items() if needle in sound.label.casefold()), "")
        if word and sound.score >= 0.4 and shared_s > 0.5 * min(sound.end_s - sound.start_s, utterance.end_s - utterance.start_s):
            return Finding(word, round(0.7 * sound.score, 2), f"{sound.label} {sound.score:.2f} during the line")
    return None


def _voice_type(utterance: Utterance, faces: Sequence[Face], people: People, narrators: set[int]) -> Finding | None:
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
    if utterance.speaker in narrators and face_number is None:
        return Finding("VO", 0.5, "this voice never coincides with a moving mouth")
    return None


def _mouth_moves(face: Face, utterance: Utterance) -> bool:
    during = face.mouth[(face.times_s >= utterance.start_s) & (face.times_s <= utterance.end_s)].astype(np.float32)
    during = during[~np.isnan(during)]
    return len(during) >= 3 and float(during.std()) >= MOUTH_MOVES


def _is_narrator(speaker: int, film: Gathered, people: People) -> bool:
    """Whether this voice stands outside the picture: it never coincides with a moving mouth, though faces are often in view.

    Where no mouth can be watched (drawn faces, faces far off) that says nothing; so either the voice does most of the film's speaking,
    or mouths were seen to speak with other voices.
    """
    own = [u for u in film.utterances if u.speaker == speaker]
    watched = 0
    for line in own:
        shown = [f for f in film.faces if f.start_s < line.end_s and f.end_s > line.start_s]
        if any(_mouth_moves(face, line) for face in shown):
            return False
        watched += bool(shown)
    spoken_s = sum(line.end_s - line.start_s for line in own)
    everything_s = sum(line.end_s - line.start_s for line in film.utterances)
    believable = spoken_s > 0.6 * everything_s or len(people.ties) >= 2
    return watched >= 3 and spoken_s >= LEAST_NARRATION_S and believable


IN_VIEW = " in view."
"""How a sentence ends that only counts who is there."""


def _actions(film: Gathered, span: Span, people: People, version: str) -> list[Event]:
    events = []
    for action in film.actions:
        if not span[0] <= action.start_s < span[1]:
            continue
        identity = film.faces[action.subject].identity if 0 <= action.subject < len(film.faces) else -1
        character = people.of_face(identity) if identity >= 0 else None
        if action.kind == "person" and _spoken_share(film, action) > 0.5:
            continue  # whoever is in view while there is speech is told by the lines
        gender = gender_of([film.faces[action.subject]]) if action.subject >= 0 else ""
        if action.kind == "person" and character is None and not gender:
            continue
        who = {"female": "A woman", "male": "A man"}.get(gender, "A person")
        text = action.phrase.replace("{who} ", "") if character else action.phrase.replace("{who}", who)
        text = text[0].upper() + text[1:]
        provenance = {"action": stamp(version, action.confidence, action.evidence)}
        events.append(
            draft_event(span, action.start_s, action.end_s, character_id=character or ENVIRONMENT_ID, action=text, provenance=provenance)
        )
    return _joined(events)


def _spoken_share(film: Gathered, action: Action) -> float:
    """Share of an action's time during which somebody speaks."""
    spoken_s = sum(max(0.0, overlap_s(u, action)) for u in film.utterances)
    return spoken_s / max(0.1, action.end_s - action.start_s)


def _joined(events: list[Event]) -> list[Event]:
    """The same sentence about the same one, shot after shot, said once over its whole stretch.

    Who is in view is told when it changes: the same count again, with nothing else seen in between, is no news, however long the pause.
    """
    joined: list[Event] = []
    latest: dict[tuple[str, str], Event] = {}
    in_view: tuple[str, str] | None = None
    for event in events:
        told = event.character_id, event.action
        before = latest.get(told)
        is_no_news = told == in_view
        if event.action.endswith(IN_VIEW):
            in_view = told
        if before is not None and (is_no_news or event.start_s - before.end_s < 3.0):
            before.end_s = max(before.end_s, event.end_s)
            continue
        latest[told] = event
        joined.append(event)
    return joined


def _texts(film: Gathered, span: Span, version: str) -> list[Event]:
    """Titles, signs, credits; rows that stand together are one event. Subtitles nobody speaks are kept the same way."""
    groups: list[tuple[float, float, str, list[tuple[float, str, float]]]] = []
    for text in film.texts:
        start_s, end_s = max(text.start_s, span[0]), min(text.end_s, span[1])
        if end_s - start_s < 0.1 or not belongs(start_s, end_s, (text.start_s, text.end_s)):
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
        wording = "\n".join(dict.fromkeys(row[1] for row in sorted(rows)))[:8000]
        confidence = float(np.mean([row[2] for row in rows]))
        events.append(
            draft_event(span, start_s, end_s, on_screen_text=wording, provenance={"on_screen_text": stamp(version, confidence, role)})
        )
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
            events.append(draft_event(span, run[0][0], run[-1][1], action="A quick succession of shots.", provenance=provenance))
        run = []
    for shot in evidence.shots:
        if shot.look is not None and shot.look.brightness < 0.02 and shot.end_s - shot.start_s >= 1.0:
            provenance = {"action": stamp(version, 0.9, f"brightness {shot.look.brightness:.3f}")}
            events.append(draft_event(span, shot.start_s, shot.end_s, action="The screen is black.", provenance=provenance))
    return events
