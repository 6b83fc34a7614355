"""The third stage: drafts in, one Script out (paper, section 5.3: names, coreference, order).

Order of work: read the drafts one after another; find out who is who over the whole film; group shots into scenes; put events into scenes;
plot lines, relationships and high points from the finished scenes; meta. Pure given its inputs, and deterministic.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inference.evidence.joining.gather import Gathered, gather
from inference.evidence.joining.identity import UNIDENTIFIED, Cluster, People, identify
from inference.evidence.observed import TextSpan
from inference.profiles import Profile
from inference.writers.base import Film, Plan, Report, no_report
from omniscript_mam.script import ENVIRONMENT_ID, Character, Meta, Provenance, Scene, Script

from .compose import compose_scenes
from .cues import SoundPhrase
from .drafting import stamp
from .high_points import find_high_points
from .plot import describe_film, plot_segments, relationships
from .scenes import find_scenes


@dataclass(frozen=True)
class Tools:
    """What merge borrows from the models' modules: clustering of voices and faces, and words for sounds."""

    cluster_voices: Cluster
    cluster_faces: Cluster
    sound_phrase: SoundPhrase


def merge_drafts(film: Film, plan: Plan, drafts: Iterable[str], version: str, tools: Tools, report: Report = no_report) -> Script:
    """One Script from the segments' drafts, in order.

    Raises:
        pydantic.ValidationError: a draft is not the lite writer's.
    """
    report(0.0, "reading drafts")
    gathered = gather(drafts, film.info.duration_s, plan.language, has_sound=bool(film.info.audio))
    report(0.4, "who is who")
    people = identify(gathered, tools.cluster_voices, tools.cluster_faces)
    report(0.6, "scenes")
    scenes = compose_scenes(gathered, find_scenes(gathered), people, version, tools.sound_phrase)
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
    )


def film_meta(film: Film, *, description: str, languages: list[str], card: TextSpan | None, by: Provenance) -> Meta:
    """What every writer says of a film as a whole.

    Args:
        card: the title card, taken where nobody gave a title.
        by: who says it.
    """
    video = film.info.video
    rate = ""
    if video is not None and video.frame_rate > 0:
        rate = (
            f"{video.frame_rate.numerator}/{video.frame_rate.denominator}" if video.frame_rate.denominator != 1 else str(video.frame_rate)
        )
    provenance = {"description": by.model_copy(update={"evidence": "counted"})}
    if languages:
        provenance["languages"] = by.model_copy(update={"confidence": 0.8, "evidence": "vote over the film"})
    title = film.title
    if not title and card is not None:
        title = " ".join(card.text.split())
        provenance["title"] = by.model_copy(update={"confidence": 0.5, "evidence": f"title card at {card.start_s:.1f} s"})
    return Meta(
        title=title[:500],
        description=description,
        duration_s=film.info.duration_s,
        frame_rate=rate,
        start_timecode=film.info.start_timecode,
        languages=languages,
        provenance=provenance,
    )


def title_card(texts: list[TextSpan], duration_s: float) -> TextSpan | None:
    """The film's own title, where a card shows it: large, short, in the first fifth, and nobody's name or notice."""
    notices = re.compile(
        r"present|produc|direct|studio|pictures|films?\b|copyright|©|\d{4}|rated|www|\.com|\.org|foundation|\bby\b", re.IGNORECASE
    )
    fit = [
        text
        for text in texts
        if text.role == "title"
        and text.start_s < max(20.0, 0.2 * duration_s)
        and text.confidence >= 0.8
        and 2 <= len(text.text.split()) + (len(text.text) > 3) <= 7
        and not notices.search(text.text)
    ]
    return largest(fit)


def largest(cards: Sequence[TextSpan]) -> TextSpan | None:
    """The card with the largest letters, the first of several."""
    return max(cards, key=lambda text: (text.box[3], -text.start_s), default=None)
