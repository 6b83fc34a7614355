"""The third stage: evidence in, one Script out (paper, section 5.3: names, coreference, order).

Order of work: read the segments' evidence one after another; find out who is who over the whole film; group shots into
scenes; put events into scenes; plot lines, relationships and high points from the finished scenes; meta. Pure given its
inputs, and deterministic.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from inference.evidence.joining.gather import Gathered, gather
from inference.evidence.joining.identity import UNIDENTIFIED, Cluster, People, identify
from inference.evidence.observed import Evidence
from inference.film import Film, Report, no_report
from inference.plan import Plan
from inference.profiles import Profile
from inference.writers.film_meta import describe_film, film_meta, title_card
from omniscript_mam.script import ENVIRONMENT_ID, Character, Meta, Scene, Script

from .compose import compose_scenes
from .cues import SoundPhrase
from .drafting import stamp
from .high_points import find_high_points
from .plot import plot_segments, relationships
from .scenes import find_scenes


@dataclass(frozen=True)
class Tools:
    """What merge borrows from the models' modules: clustering of voices and faces, and words for sounds."""

    cluster_voices: Cluster
    cluster_faces: Cluster
    sound_phrase: SoundPhrase


def merge_evidence(film: Film, plan: Plan, segments: Iterable[Evidence], version: str, tools: Tools, report: Report = no_report) -> Script:
    """One Script from what was observed of the segments, in order; each is let go before the next is asked for.

    Args:
        segments: read one after another, so that a long film needs the memory of one.
        tools: what clusters voices and faces, and words sounds.
    """
    report(0.0, "reading drafts")
    gathered = gather(segments, film.info.duration_s, plan.language, has_sound=bool(film.info.audio))
    report(0.4, "who is who")
    people = identify(gathered, tools.cluster_voices, tools.cluster_faces)
    report(0.6, "scenes")
    scenes = compose_scenes(gathered, find_scenes(gathered), people, version, tools.sound_phrase, film.sentence_vectors)
    report(0.8, "plot and high points")
    characters = _characters(people, scenes, version)
    script = Script(
        meta=_meta(film, plan, gathered, scenes, characters, version),
        plot=plot_segments(plan.segments, scenes, characters, version),
        characters=characters,
        relationships=relationships(scenes, characters, version),
        scenes=scenes,
        high_points=find_high_points(gathered, scenes, version) if scenes else [],
    )
    report(1.0, "merged")
    return script


def _characters(people: People, scenes: list[Scene], version: str) -> list[Character]:
    """Profiles of everybody who is in an event, in order of appearance."""
    used = {event.character_id for scene in scenes for event in scene.events} - {ENVIRONMENT_ID}
    profiles = [profile for profile in people.book.profiles if profile.id in used]
    labels = _labels(profiles)
    characters = []
    for profile in profiles:
        provenance = {"name": stamp(version, profile.naming_confidence, profile.naming_evidence)}
        if profile.appearance:
            provenance["appearance"] = stamp(version, 0.5, "age and gender of the face, mean over its appearances")
        if profile.voice:
            provenance["voice"] = stamp(version, 0.6, "median pitch of the lines")
        characters.append(
            Character(
                id=profile.id,
                name=profile.name or labels[profile.label],
                named=profile.named,
                aliases=list(dict.fromkeys(labels.get(alias, alias) for alias in profile.aliases if alias != UNIDENTIFIED)),
                appearance=profile.appearance,
                voice=profile.voice,
                naming_evidence=profile.naming_evidence,
                provenance=provenance,
            )
        )
    return characters


def _labels(profiles: list[Profile]) -> dict[str, str]:
    """Labels numbered anew, without gaps, because some profiles are in no event: former label → label."""
    labels: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for profile in profiles:
        word, _, number = profile.label.rpartition(" ")
        if number.isdigit():
            counts[word] += 1
            labels[profile.label] = f"{word} {counts[word]}"
        else:
            labels[profile.label] = profile.label
    return labels


def _meta(film: Film, plan: Plan, gathered: Gathered, scenes: list[Scene], characters: list[Character], version: str) -> Meta:
    spoken = Counter(utterance.language for utterance in gathered.utterances if utterance.language)
    # A language of one or two short lines is more often a slip of recognition than a second language.
    languages = [
        language
        for language, count in sorted(spoken.items(), key=lambda item: (-item[1], item[0]))
        if count > 2 or count * 10 >= spoken.total()
    ]
    return film_meta(
        film,
        description=describe_film(scenes, characters, film.info.duration_s, languages),
        languages=languages or ([plan.language] if plan.language and gathered.utterances else []),
        card=title_card(gathered.texts, film.info.duration_s),
        by=stamp(version),
        notes=plan.outline.notes,
    )
