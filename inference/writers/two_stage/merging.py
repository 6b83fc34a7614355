"""The third stage: the segments' drafts as one Script: one cast, one order, one document (paper, section 5.3).

Pure and deterministic: the same plan and drafts give the same Script. Every value says who wrote it: the segment's writer, the planner for
what it found out (names, relations, plot), the stand-in where it had to help.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from inference.answers.clip_times import format_time
from inference.film import Film
from inference.plan import Plan
from inference.profiles import Profile, ProfileBook
from inference.writers.film_meta import describe_film, film_meta, largest
from omniscript_mam.script import (
    ENVIRONMENT_ID,
    EVENT_TEXTS,
    SCENE_FIELDS,
    SCENE_TEXTS,
    Character,
    Emotion,
    Event,
    HighPoint,
    Meta,
    PlotSegment,
    Provenance,
    Reasoning,
    Relationship,
    Scene,
    SceneType,
    Script,
    VoiceType,
)

from .borders import TELLING, Placed, join, place
from .casting import Cast
from .drafts import Draft, DraftScene
from .weighing.whole_film import FilmMarks

SECOND_LANGUAGE = 0.15
"""Share of the vote from which a language counts as spoken in the film. Chosen."""


def merge_script(film: Film, plan: Plan, drafts: Sequence[Draft]) -> Script:
    """One Script from the drafts, in order."""
    planner = Provenance(writer=plan.planner.name, version=plan.planner.version) if plan.planner else Provenance(writer="")
    cast = Cast(plan.profiles.model_copy(deep=True))  # the cast grows by whom the planner did not know; the plan stays as it is
    placed: list[Placed] = []
    for draft in drafts:
        cast.enter(draft)
        placed = join(placed, place(_told(draft, cast), (draft.start_s, draft.end_s)))
    scenes = _scenes(placed, film.info.duration_s)
    marks = FilmMarks(drafts, scenes)
    plot = _plot(plan, drafts, scenes, cast.book, planner, marks)
    relationships = _relationships(cast.book, planner, marks)
    characters = _characters(cast, scenes, plot, relationships, planner, marks)
    return Script(
        meta=_meta(film, plan, drafts, scenes, characters, planner),
        plot=plot,
        characters=characters,
        relationships=relationships,
        scenes=scenes,
        high_points=_high_points(drafts),
    )


def _told(draft: Draft, cast: Cast) -> list[DraftScene]:
    """The draft's scenes with profiles for characters and a source for every value; events that say nothing are left out."""
    by = Provenance(writer=draft.writer, version=draft.version, evidence=draft.fault[:500])
    scenes = []
    for scene in draft.scenes:
        events = []
        for event in scene.events:
            if not any(getattr(event, name) for name in TELLING):
                continue
            character = cast.of(draft, event)
            meant = (
                by
                if event.character in ("", character)
                else by.model_copy(update={"evidence": by.evidence or f"called “{event.character[:200]}”"})
            )
            sources = {name: by for name in (*EVENT_TEXTS, "voice_type", "emotion") if getattr(event, name)}
            sources = {**sources, "character_id": meant, **event.provenance}
            events.append(event.model_copy(update={"character": character, "provenance": sources}))
        sources = {**{name: by for name in SCENE_FIELDS if getattr(scene, name)}, **scene.provenance}
        scenes.append(scene.model_copy(update={"events": events, "provenance": sources}))
    return scenes


def _scenes(placed: Sequence[Placed], duration_s: float) -> list[Scene]:
    scenes: list[Scene] = []
    count = 0
    for number, each in enumerate(placed, start=1):
        events = []
        for event in each.scene.events:
            count += 1
            values: dict[str, Any] = event.model_dump(include={*EVENT_TEXTS, "language"})
            values |= {"expression": values["expression"][:500], "audio_cue": values["audio_cue"][:500]}
            events.append(
                Event(
                    id=f"event-{count:05d}",
                    start_s=round(event.start_s, 3),
                    end_s=round(event.end_s, 3),
                    character_id=event.character,
                    voice_type=VoiceType(event.voice_type) if event.voice_type else None,
                    emotion=Emotion(event.emotion) if event.emotion else None,
                    provenance=event.provenance,
                    **values,
                )
            )
        scenes.append(
            Scene(
                id=f"scene-{number:04d}",
                start_s=round(each.start_s, 3),
                end_s=min(round(each.end_s, 3), duration_s),
                type=SceneType(each.scene.type) if each.scene.type else None,
                events=events,
                provenance=each.scene.provenance,
                **{name: getattr(each.scene, name)[:500] for name in SCENE_TEXTS},
            )
        )
    return scenes


def _plot(
    plan: Plan, drafts: Sequence[Draft], scenes: Sequence[Scene], book: ProfileBook, planner: Provenance, marks: FilmMarks
) -> list[PlotSegment]:
    """The planner's plot; where it had none, the plot in the segment writer's thinking. Active: whom the plan names, then who acts."""
    plot = []
    for segment, draft in zip(plan.segments, drafts, strict=True):
        acting = [
            event.character_id
            for scene in scenes
            for event in scene.events
            if segment.start_s <= event.start_s < segment.end_s and event.character_id != ENVIRONMENT_ID
        ]
        known = {profile.id for profile in book.profiles}
        named = [book.resolve(identifier) for identifier in segment.active_characters]
        by = marks.story(planner if segment.summary else Provenance(writer=draft.writer, version=draft.version))
        plot.append(
            PlotSegment(
                id=f"plot-{segment.index + 1:03d}",
                start_s=round(segment.start_s, 3),
                end_s=round(segment.end_s, 3),
                summary=(segment.summary or draft.plot)[:8000],
                active_characters=[identifier for identifier in dict.fromkeys([*named, *acting]) if identifier in known],
                provenance={"summary": by} if segment.summary or draft.plot else {},
            )
        )
    return plot


def _relationships(book: ProfileBook, planner: Provenance, marks: FilmMarks) -> list[Relationship]:
    relationships: dict[tuple[str, str, str], Relationship] = {}
    for told in book.relations:
        source, target = book.resolve(told.source), book.resolve(told.target)
        by = marks.story(planner).model_copy(update={"evidence": f"told from {format_time(told.start_s)} on"})
        if source != target:
            made = Relationship(
                source_id=source,
                target_id=target,
                relation=told.relation[:500],
                description=told.description[:8000],
                provenance={"relation": by},
            )
            relationships.setdefault((source, target, told.relation.casefold()), made)
    return list(relationships.values())


def _characters(
    cast: Cast,
    scenes: Sequence[Scene],
    plot: Sequence[PlotSegment],
    relationships: Sequence[Relationship],
    planner: Provenance,
    marks: FilmMarks,
) -> list[Character]:
    """Everybody who is in an event, a plot line or a relationship, in order of first appearance."""
    first: dict[str, float] = {}
    for scene in scenes:
        for event in scene.events:
            first.setdefault(event.character_id, event.start_s)
    for segment in plot:
        for identifier in segment.active_characters:
            first[identifier] = min(first.get(identifier, segment.start_s), segment.start_s)
    for relationship in relationships:
        for identifier in (relationship.source_id, relationship.target_id):
            first.setdefault(identifier, float("inf"))
    people = [profile for profile in cast.book.profiles if profile.id in first]
    return [_character(profile, cast, planner, marks) for profile in sorted(people, key=lambda profile: (first[profile.id], profile.id))]


def _character(profile: Profile, cast: Cast, planner: Provenance, marks: FilmMarks) -> Character:
    naming = {"confidence": profile.naming_confidence, "evidence": profile.naming_evidence[:500]}
    sure = [seen.confidence for seen in profile.sightings if seen.confidence is not None]
    reasons = "; ".join(dict.fromkeys(seen.reason for seen in profile.sightings if seen.reason))
    recognition = {"confidence": min(sure, default=None), "evidence": reasons[:500]}
    sources = {"name": planner.model_copy(update=naming)}
    if profile.appearance:
        sources["appearance"] = marks.looks(planner.model_copy(update=recognition))
    told_of = {"voice": marks.voice(planner), "personality": marks.story(planner)}
    sources |= {name: by for name, by in told_of.items() if getattr(profile, name)}
    sources |= cast.sources.get(profile.id, {})
    if profile.named and profile.id not in cast.witnessed:
        sources["name"] = marks.name(profile.name, sources["name"])
    told = profile.appearances()
    later = [f"From {format_time(from_s)}: {text}" for from_s, text in told[1:]]
    return Character(
        id=profile.id,
        name=profile.shown_name[:200],
        named=profile.named,
        aliases=[alias[:500] for alias in dict.fromkeys(profile.aliases) if alias != profile.shown_name],
        appearance="\n".join([told[0][1], *later])[:8000] if told else "",
        voice=profile.voice[:8000],
        personality=profile.personality[:8000],
        naming_evidence=profile.naming_evidence[:8000],
        provenance=sources,
    )


def _high_points(drafts: Sequence[Draft]) -> list[HighPoint]:
    points = []
    for draft in drafts:
        by = Provenance(writer=draft.writer, version=draft.version)
        for point in draft.high_points:
            start_s = min(max(point.start_s, draft.start_s), draft.end_s)
            points.append(
                HighPoint(
                    type=(point.type or "High point")[:500],
                    start_s=round(start_s, 3),
                    end_s=round(min(max(point.end_s, start_s), draft.end_s), 3),
                    description=point.description[:8000],
                    reasoning=Reasoning(**point.reasoning),
                    score=min(max(point.score, 0.0), 10.0),
                    provenance=point.provenance or {"description": by, "score": by},
                )
            )
    return sorted(points, key=lambda point: (point.start_s, point.end_s))


def _meta(film: Film, plan: Plan, drafts: Sequence[Draft], scenes: list[Scene], characters: list[Character], planner: Provenance) -> Meta:
    voted = [code for code, share in plan.outline.languages.items() if share >= SECOND_LANGUAGE]
    spoken = any(event.dialogue for scene in scenes for event in scene.events)
    languages = voted or ([plan.language] if plan.language and spoken else [])
    cards = [draft.title_card for draft in drafts if draft.title_card is not None]
    description = describe_film(scenes, characters, film.info.duration_s, languages)
    return film_meta(film, description=description, languages=languages, card=largest(cards), by=planner, notes=plan.outline.notes)
