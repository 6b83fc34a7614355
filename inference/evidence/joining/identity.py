"""Who is who: voices and faces clustered over the whole film, tied to one another, labelled, and named late.

A voice cluster and a face cluster are one person when the face's mouth moves while the voice speaks, clearly more than any other
face's. A subtitle that names its speaker outranks the voice cluster. Whoever speaks or is seen for a while gets a profile; labels say
only what was observed: "Man 1" and "Woman 1" need a face that the gender model is sure of, a voice alone is "Voice 1".

Times in seconds. Contents: :class:`People`, :func:`identify`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from inference.evidence.spans import overlap_s
from inference.profiles import Profile, ProfileBook

from ..hearing.prosody import NUM_SPECTRAL, Prosody, describe_voice
from .gather import Face, Gathered
from .naming import Naming, Turn, Vote, caption_name, decide, votes_of
from .reconcile import Utterance
from .whole_sentences import join_sentences

Cluster = Callable[[list[np.ndarray], list[tuple[float, float]]], list[int]]
"""Clusters unit vectors (empty ones get -1); the ranges are when each was observed."""

MOUTH_MOVES = 0.035
"""Standard deviation of mouth opening (0..1) above which a mouth speaks. Chosen."""
TIED = 0.5
"""Least share of a voice's weighted seconds that one face must have to be its owner. Chosen."""
LEAST_TIE_S = 1.5
"""Least weighted seconds of a voice beside a face that tie the two. Chosen, like the next."""
LEAST_MOVING_S = 0.8
"""Least seconds in which that face's mouth must move; a face that never speaks must hold most of the voice's weight instead."""
LEAST_SEEN_S = 2.0
"""A face that never speaks gets a profile if it is seen this long."""
SURE_GENDER = 0.75
"""Least confidence of the gender model for "Man 1" and "Woman 1". Chosen."""
LEAST_VOICED_S = 3.0
"""A voice is described after it has sounded this long."""
UNIDENTIFIED = "Unidentified voice"


@dataclass
class People:
    """The result: the profile book, and the profile of each speaker and each face (by identity number)."""

    book: ProfileBook
    speakers: dict[int, str] = field(default_factory=dict)
    faces: dict[int, str] = field(default_factory=dict)
    votes: list[Vote] = field(default_factory=list)
    ties: dict[int, int] = field(default_factory=dict)

    def of_speaker(self, number: int) -> str:
        """Present profile id of an utterance's speaker."""
        return self.book.resolve(self.speakers[number])

    def of_face(self, number: int) -> str | None:
        """Present profile id of a face cluster, or ``None`` if it has no profile."""
        return self.book.resolve(self.faces[number]) if number in self.faces else None


def identify(film: Gathered, cluster_voices: Cluster, cluster_faces: Cluster) -> People:
    """Cluster, tie, label and name. Fills in ``speaker`` of utterances and ``identity`` of faces."""
    film.utterances = join_sentences(film.utterances)
    assign_speakers(film.utterances, cluster_voices)
    numbers = cluster_faces([face.embedding for face in film.faces], [(f.start_s, f.end_s) for f in film.faces])
    for face, number in zip(film.faces, numbers, strict=True):
        face.identity = number
    ties = tie(film.utterances, film.faces)
    people = _profiles(film, ties)
    people.votes = _all_votes(film, people)
    _name(people, decide(people.votes))
    return people


def assign_speakers(utterances: Sequence[Utterance], cluster: Cluster) -> None:
    """Give each utterance its speaker number: by label where there is one, else by voice, else by its neighbours, else -1."""
    numbers = cluster([u.voice for u in utterances], [(u.start_s, u.end_s) for u in utterances])
    for utterance, number in zip(utterances, numbers, strict=True):
        utterance.speaker = number
    # Neighbours within a breath are most likely one speaker's; beyond, nobody knows.
    for i, utterance in enumerate(utterances):
        if utterance.speaker < 0:
            near = [u for u in utterances[max(0, i - 1) : i + 2] if u is not utterance and u.speaker >= 0 and _gap(u, utterance) < 0.7]
            if len({u.speaker for u in near}) == 1:
                utterance.speaker = near[0].speaker
    _apply_labels(utterances)
    order: dict[int, int] = {}
    for utterance in utterances:
        if utterance.speaker >= 0:
            utterance.speaker = order.setdefault(utterance.speaker, len(order))


def _apply_labels(utterances: Sequence[Utterance]) -> None:
    """Speakers that subtitles name: each label is one speaker; a voice cluster that one label owns goes to it whole."""
    labels = sorted({u.label.casefold() for u in utterances if u.label})
    if not labels:
        return
    base = 1 + max(u.speaker for u in utterances)
    owners: dict[int, Counter[str]] = defaultdict(Counter)
    for utterance in utterances:
        if utterance.label and utterance.speaker >= 0:
            owners[utterance.speaker][utterance.label.casefold()] += 1
    for utterance in utterances:
        if utterance.label:
            utterance.speaker = base + labels.index(utterance.label.casefold())
        elif utterance.speaker in owners:
            label, count = owners[utterance.speaker].most_common(1)[0]
            if count >= 0.7 * owners[utterance.speaker].total():
                utterance.speaker = base + labels.index(label)


def _gap(left: Utterance, right: Utterance) -> float:
    return max(left.start_s, right.start_s) - min(left.end_s, right.end_s)


def tie(utterances: Sequence[Utterance], faces: Sequence[Face]) -> dict[int, int]:
    """Speaker number → face identity, where one face clearly speaks with that voice; each face has at most one voice."""
    weights: dict[tuple[int, int], float] = defaultdict(float)
    totals: dict[int, float] = defaultdict(float)
    moving_s: dict[tuple[int, int], float] = defaultdict(float)
    ordered = sorted((face for face in faces if face.identity >= 0), key=lambda face: face.start_s)
    for utterance in utterances:
        if utterance.speaker < 0:
            continue
        shown = [face for face in ordered if face.start_s < utterance.end_s and face.end_s > utterance.start_s]
        for face in shown:
            shared_s = overlap_s(face, utterance)
            likely = speaking_weight(face, utterance.start_s, utterance.end_s, alone=len(shown) == 1)
            moving_s[utterance.speaker, face.identity] += shared_s * (likely >= 1.0)
            weight = shared_s * likely
            weights[utterance.speaker, face.identity] += weight
            totals[utterance.speaker] += weight
    ties: dict[int, int] = {}
    for (speaker, identity), weight in sorted(weights.items(), key=lambda item: (-item[1], item[0])):
        taken = speaker in ties or identity in ties.values()
        # A face that is merely there while a voice is heard may be whom it tells of: without a moving mouth, more is asked.
        seen = moving_s[speaker, identity] >= LEAST_MOVING_S or (weight >= 2 * LEAST_TIE_S and weight >= 0.75 * totals[speaker])
        if not taken and seen and weight >= LEAST_TIE_S and weight >= TIED * totals[speaker]:
            ties[speaker] = identity
    return ties


def speaking_weight(face: Face, start_s: float, end_s: float, *, alone: bool) -> float:
    """How likely this face speaks between two times, 0..1, from how much its mouth moves.

    Args:
        alone: whether no other face is in view then; a face that cannot be judged counts for more.
    """
    during = face.mouth[(face.times_s >= start_s) & (face.times_s <= end_s)].astype(np.float32)
    during = during[~np.isnan(during)]
    if len(during) < 3:
        return 0.4 if alone else 0.15
    movement = float(during.std())
    if movement >= MOUTH_MOVES:
        return 1.0
    return 0.3 if alone and movement >= MOUTH_MOVES / 2 else 0.05


def _profiles(film: Gathered, ties: dict[int, int]) -> People:
    """A profile for whoever speaks or is seen for a while, in order of first appearance."""
    people = People(ProfileBook(), ties=ties)
    seen_s: dict[int, float] = defaultdict(float)
    for face in film.faces:
        if face.identity >= 0:
            seen_s[face.identity] += face.end_s - face.start_s
    firsts: dict[tuple[str, int], float] = {}
    for utterance in film.utterances:
        firsts.setdefault(("speaker", utterance.speaker), utterance.start_s)
    owner = {face: speaker for speaker, face in ties.items()}
    for face in film.faces:
        if face.identity in owner:
            key = ("speaker", owner[face.identity])
            firsts[key] = min(firsts[key], face.start_s)
        elif seen_s.get(face.identity, 0.0) >= LEAST_SEEN_S:
            firsts.setdefault(("face", face.identity), face.start_s)
    counts: Counter[str] = Counter()
    for (kind, number), _ in sorted(firsts.items(), key=lambda item: (item[1], item[0])):
        identity = ties.get(number, -1) if kind == "speaker" else number
        profile = people.book.add(_label(kind, number, [f for f in film.faces if identity >= 0 and f.identity == identity], counts))
        if kind == "speaker":
            people.speakers[number] = profile.id
        if identity >= 0:
            people.faces[identity] = profile.id
            _describe(profile, [f for f in film.faces if f.identity == identity])
        if kind == "speaker" and number >= 0:
            profile.voice = describe_pitch([(u.pitch_hz, u.voiced_s) for u in film.utterances if u.speaker == number], profile.appearance)
    return people


def describe_pitch(pitches: Sequence[tuple[float, float]], appearance: str = "") -> str:
    """A voice in a few words, from the (median pitch in hertz, voiced seconds) of a speaker's lines; "" where that does not tell.

    Nothing is said of a voice heard for a moment only, of one whose pitch is not the same from line to line, nor against the face.
    """
    known = sorted((hertz, voiced_s) for hertz, voiced_s in pitches if hertz > 0 and voiced_s > 0)
    total_s = sum(voiced_s for _, voiced_s in known)
    if total_s < LEAST_VOICED_S:
        return ""
    middle = next(hertz for i, (hertz, _) in enumerate(known) if sum(s for _, s in known[: i + 1]) >= total_s / 2)
    spread = [s for hertz, s in known if abs(np.log2(hertz / middle)) < 0.25]
    if sum(spread) < 0.6 * total_s:
        return ""  # two voices in one, or a pitch that was not found
    text = describe_voice(Prosody(middle, 0.0, total_s, np.zeros(NUM_SPECTRAL, np.float32)))
    if not text or (" male " in text and "woman" in appearance):
        return ""
    return text[0].upper() + text[1:] + "."


def _label(kind: str, number: int, faces: Sequence[Face], counts: Counter[str]) -> str:
    if kind == "speaker" and number < 0:
        return UNIDENTIFIED
    gender, age = gender_of(faces), _age(faces)
    word = {"female": "Woman", "male": "Man"}.get(gender, "Person" if kind == "face" else "Voice")
    if age is not None and age < 12:
        word = {"female": "Girl", "male": "Boy"}.get(gender, "Child")
    counts[word] += 1
    return f"{word} {counts[word]}"


def gender_of(faces: Sequence[Face]) -> str:
    """What the sure tracks agree on, weighted by time: "female", "male", or ""."""
    weights: dict[str, float] = defaultdict(float)
    for face in faces:
        if face.gender and face.gender_confidence >= SURE_GENDER:
            weights[face.gender] += face.end_s - face.start_s
    if not weights:
        return ""
    gender, weight = max(sorted(weights.items()), key=lambda item: item[1])
    return gender if weight >= 0.7 * sum(weights.values()) and weight >= 1.0 else ""


def _age(faces: Sequence[Face]) -> float | None:
    ages = [face.age for face in faces if face.age is not None]
    return float(np.median(ages)) if len(ages) >= 2 or (ages and gender_of(faces)) else None


def _describe(profile: Profile, faces: Sequence[Face]) -> None:
    """What the face models can honestly say about how somebody looks."""
    gender, age = gender_of(faces), _age(faces)
    noun = {"female": "woman", "male": "man"}.get(gender, "person")
    if age is not None:
        low = int(age // 10 * 10)
        about = "looks younger than ten" if low == 0 else f"looks between {low} and {low + 9} years old"
        profile.appearance = f"A {noun} who {about}."
    elif gender:
        profile.appearance = f"A {noun}."


def _all_votes(film: Gathered, people: People) -> list[Vote]:
    """Votes over profiles numbered as speakers; faces without a voice are numbered below -1."""
    turns = [Turn(u.start_s, u.end_s, u.speaker, u.text) for u in film.utterances]
    votes = votes_of(turns)
    for utterance in film.utterances:
        if utterance.label:
            evidence = f"the subtitle at {utterance.start_s:.1f} s names the speaker"
            votes.append(Vote(utterance.speaker, utterance.label, 0.9, "label", evidence, utterance.start_s))
    owner = {face: speaker for speaker, face in people.ties.items()}
    for text in film.texts:
        name = caption_name(text.text) if text.role in ("title", "sign", "caption", "subtitle") else ""
        if not name:
            continue
        evidence = f"caption “{' '.join(text.text.split())}” at {text.start_s:.1f} s"
        faces = {f.identity for f in film.faces if f.start_s < text.end_s and f.end_s > text.start_s and f.identity >= 0}
        speakers = {u.speaker for u in film.utterances if u.start_s < text.end_s + 2.0 and u.end_s > text.start_s - 0.5 and u.speaker >= 0}
        if len(faces) == 1:
            face = next(iter(faces))
            weight = 0.85 if owner.get(face) in speakers else 0.65
            votes.append(Vote(owner.get(face, -2 - face), name, weight, "caption", evidence, text.start_s))
        elif not faces and len(speakers) == 1:
            votes.append(Vote(next(iter(speakers)), name, 0.65, "caption", evidence, text.start_s))
    return votes


def _name(people: People, decided: dict[int, Naming]) -> None:
    """Write the decisions into the book, and make one profile of two that prove to have the same name."""
    owners: dict[str, tuple[str, float]] = {}
    for number, naming in sorted(decided.items(), key=lambda item: (-item[1].confidence, item[0])):
        identifier = people.speakers.get(number) if number >= -1 else people.faces.get(-2 - number)
        if identifier is None:
            continue
        key = naming.name.casefold()
        if key in owners:
            # Only strong evidence on both sides makes two identities one: voices alone are confused too easily.
            if min(naming.confidence, owners[key][1]) >= 0.75:
                people.book.merge(owners[key][0], identifier, f"also {naming.evidence}")
            continue
        profile = people.book.rename(identifier, naming.name, evidence=naming.evidence, confidence=naming.confidence, time_s=naming.time_s)
        profile.aliases += [alias for alias in naming.aliases if alias not in profile.aliases]
        owners[key] = (profile.id, naming.confidence)
