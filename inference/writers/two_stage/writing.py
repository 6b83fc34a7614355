"""The second stage: each segment closely, with its pictures, sound, plot, characters and hints (paper, section 5.3).

Segments know nothing of each other, so any number may be written at once, anywhere, in any order. A segment that the model cannot write
is written by the lite writer, and its draft says so; where lite cannot either, that is an error, never an empty segment.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from inference.answers.event_stream import EventStream
from inference.answers.reading import Reading, read_script
from inference.answers.schema import ScriptAnswer, script_schema
from inference.checkpoints import Checkpoints
from inference.engines.base import Clip, Engine, Request, Usage
from inference.errors import MissingProgramError, WeightsError, WriterError
from inference.evidence.cutting import Span
from inference.evidence.observed import Evidence, TextSpan
from inference.profiles import Profile, ProfileBook, read_book
from inference.prompts import SCRIPT_SYSTEM, once_more, script_prompt
from inference.writers.base import Film, Plan, PlannedSegment, Report
from inference.writers.lite.merge import merge_drafts, title_card
from inference.writers.lite.writer import LiteWriter, lite_tools

from .asking import Outcome, Pulse, Replies, converse
from .borders import join_parts
from .drafts import Draft, DraftRepair, DraftUsage, from_answer, from_script, live_event
from .hints import evidence, hints_text, within
from .snapping import split
from .tracking import describe_all
from .two_stage_options import TwoStageOptions, attempt_of

FRAME_RATE_HZ = 2.0
MAX_SIDE_PX = 640
TOKENS_PER_MIN = 2500
"""Bound of an answer: the paper's films take about 2000 tokens a minute."""
MIN_NEW_TOKENS = 2048
MAX_RELATIONS = 24
MAX_OTHERS = 12
"""Characters listed for a segment beside those that the plan says are active: a plan may have missed somebody."""


@dataclass
class _Piece:
    """One request's stretch: of which segment, and the identifiers that its prompt lists."""

    segment: PlannedSegment
    span: Span
    known: frozenset[str] = frozenset()

    @property
    def duration_s(self) -> float:
        return self.span[1] - self.span[0]


def write_drafts(film: Film, engine: Engine, options: TwoStageOptions, plan: Plan, indexes: Sequence[int], report: Report) -> list[Draft]:
    """The drafts of these segments, in this order.

    Raises:
        WriterError: neither the model nor lite could write a segment.
    """
    book = read_book(plan.notes.get("profiles", {}))
    shots, speech = _spans(plan)
    pieces: list[_Piece] = []
    requests: list[Request] = []
    observed: dict[int, Evidence | None] = {}
    lacking: dict[int, str] = {}
    for number, index in enumerate(indexes):
        segment = plan.segments[index]
        report(0.3 * number / len(indexes), f"looking at segment {index + 1}")
        observed[index], lacking[index] = _observe(film, plan, segment, options)
        for span in split((segment.start_s, segment.end_s), shots, speech, engine.max_clip_s):
            piece = _Piece(segment, span)
            requests.append(_request(film, engine, plan, book, piece, observed[index]))
            pieces.append(piece)
    report(0.3, f"{engine.name} is writing")
    outcomes = _ask(film, engine, book, requests, pieces, report)
    drafts = []
    for number, index in enumerate(indexes):
        report(0.7 + 0.3 * number / len(indexes), f"segment {index + 1} written")
        mine = [(piece, outcome) for piece, outcome in zip(pieces, outcomes, strict=True) if piece.segment.index == index]
        draft = _draft(film, engine, plan, plan.segments[index], mine, observed[index])
        if lacking[index]:
            draft.repairs.append(DraftRepair(code="hints.none", place="", detail=lacking[index]))
        drafts.append(draft)
    return drafts


def _ask(
    film: Film, engine: Engine, book: ProfileBook, requests: Sequence[Request], pieces: Sequence[_Piece], report: Report
) -> list[Outcome[ScriptAnswer]]:
    names = {profile.id: profile.shown_name for profile in book.profiles}
    pulse = Pulse(lambda: report(0.3, f"{engine.name} is writing"))

    def read(number: int, text: str) -> Reading[ScriptAnswer]:
        return read_script(text, pieces[number].duration_s, pieces[number].known)

    def listen(number: int, begun: str) -> Callable[[str], None]:
        piece, stream = pieces[number], EventStream(pieces[number].duration_s)
        if begun:
            stream.feed(begun)  # these were told of already

        def hear(text: str) -> None:
            pulse.beat()
            events = stream.feed(text) if text else []
            if events:
                film.live(piece.segment.index, [live_event(event, piece.span[0], names) for event in events])

        return hear

    return converse(Replies(engine, Checkpoints(film.workdir / "replies")), requests, read, listen)


def _request(film: Film, engine: Engine, plan: Plan, book: ProfileBook, piece: _Piece, seen: Evidence | None) -> Request:
    segment, (start_s, end_s) = piece.segment, piece.span
    active = [book.get(identifier) for identifier in segment.active_characters]
    others = [profile for profile in _by_sightings(book) if profile not in active][:MAX_OTHERS]
    piece.known = frozenset(profile.id for profile in (*active, *others))
    people = describe_all(active, end_s)
    if others:
        people += "\nElsewhere in the film: " + ", ".join(f"{profile.id} {profile.shown_name[:40]}" for profile in others)
    notes = _segment_note(plan, segment.index)
    prompt = script_prompt(
        piece.duration_s,
        plot=segment.summary,
        characters=people.strip(),
        relations=_relations(book, [profile.id for profile in active]),
        continuity=str(notes.get("continuity", "")),
        language=plan.language,
        hints=_hints(film, plan, seen, piece.span),
    )
    sees = engine.sees and film.spool.has_video
    clip = Clip(film.spool, start_s, end_s, FRAME_RATE_HZ if sees else 0.0, MAX_SIDE_PX, engine.hears and film.spool.has_audio)
    prompt = once_more(prompt, attempt_of(film, segment.index))
    bound = MIN_NEW_TOKENS + math.ceil(TOKENS_PER_MIN * piece.duration_s / 60)
    return Request("script", SCRIPT_SYSTEM, prompt, clip, script_schema(piece.duration_s), True, "", bound)


def _observe(film: Film, plan: Plan, segment: PlannedSegment, options: TwoStageOptions) -> tuple[Evidence | None, str]:
    """What small models observed in the segment, if hints are wanted; else why there is nothing ("" = not wanted)."""
    if not options.hints:
        return None, ""
    try:
        return evidence(film, plan.notes, segment.start_s, segment.end_s), ""
    except (WeightsError, MissingProgramError) as error:
        return None, str(error)


def _hints(film: Film, plan: Plan, seen: Evidence | None, span: Span) -> str:
    return "" if seen is None else hints_text(within(seen, *span), plan.language, has_sound=film.spool.has_audio)


def _draft(
    film: Film,
    engine: Engine,
    plan: Plan,
    segment: PlannedSegment,
    pieces: Sequence[tuple[_Piece, Outcome[ScriptAnswer]]],
    seen: Evidence | None,
) -> Draft:
    usage = sum((outcome.usage for _, outcome in pieces), Usage(num_requests=0))
    draft = Draft(
        index=segment.index,
        start_s=segment.start_s,
        end_s=segment.end_s,
        writer=engine.name,
        version=engine.version,
        fault="",
        usage=DraftUsage.of(usage),
        title_card=_title(film, seen),
    )
    faults = [outcome.fault for _, outcome in pieces if outcome.reading is None]
    if faults:
        draft.fault = f"{engine.name} could not write this segment: {faults[0]}"
        return _by_lite(film, plan, segment, draft)
    parts = []
    for piece, outcome in pieces:
        reading = outcome.reading
        assert reading is not None
        scenes, points = from_answer(reading.answer, piece.span[0])
        parts.append((piece.span, scenes))
        draft.high_points += points
        draft.repairs += [DraftRepair(code=repair.code, place=repair.place, detail=repair.detail) for repair in reading.repairs]
        draft.thinking = "\n".join(part for part in (draft.thinking, reading.thinking) if part)
        if outcome.cut:
            last_s = max((event.end_s for scene in scenes for event in scene.events), default=piece.span[0])
            draft.repairs.append(DraftRepair(code="script.cut", place=f"{last_s:.1f} s", detail="the model stopped here"))
    draft.scenes = join_parts(parts)
    draft.plot = plot_of(draft.thinking)
    return draft


def plot_of(thinking: str) -> str:
    """The plot told in a model's thinking ("Plot: …"), or ""."""
    told = re.findall(r"Plot:\s*(.*?)\s*(?=\n\s*Relations:|\Z|\n\s*Plot:)", thinking, re.DOTALL)
    return " ".join(" ".join(part.split()) for part in told)


def _by_lite(film: Film, plan: Plan, segment: PlannedSegment, draft: Draft) -> Draft:
    """The segment as the lite writer writes it, from evidence that was kept or is observed now."""
    try:
        seen = evidence(film, plan.notes, segment.start_s, segment.end_s)
        alone = segment.model_copy(update={"index": 0})
        whole = Plan(segments=[alone], language=plan.language, notes=plan.notes)
        script = merge_drafts(film, whole, [seen.model_dump_json()], LiteWriter.version, lite_tools())
    except (WeightsError, MissingProgramError) as error:
        raise WriterError(f"{draft.fault} The lite writer could not either: {error}", remedy=error.remedy) from error
    draft = draft.model_copy(update={"writer": LiteWriter.name, "version": LiteWriter.version})
    draft = from_script(script, draft)
    draft.plot = script.plot[0].summary if script.plot else ""
    return draft


def _title(film: Film, seen: Evidence | None) -> TextSpan | None:
    return None if seen is None else title_card(seen.visual.texts, film.info.duration_s)


def _by_sightings(book: ProfileBook) -> list[Profile]:
    return sorted(book.profiles, key=lambda profile: (-len(profile.sightings), profile.id))


def _relations(book: ProfileBook, active: Sequence[str]) -> str:
    told = [(book.get(relation.source), book.get(relation.target), relation) for relation in book.relations]
    mine = [(a, b, relation) for a, b, relation in told if a.id in active or b.id in active][:MAX_RELATIONS]
    return "\n".join(
        f"{a.id} ({a.shown_name}) is {relation.relation} of {b.id} ({b.shown_name})" for a, b, relation in mine[:MAX_RELATIONS]
    )


def _segment_note(plan: Plan, index: int) -> dict[str, Any]:
    noted = plan.notes.get("segments")
    return noted[index] if isinstance(noted, list) and index < len(noted) else {}


def _spans(plan: Plan) -> tuple[list[Span], list[Span]]:
    shots, voices = plan.notes.get("shots"), plan.notes.get("voices")
    spoken = [voice for voice in voices if voice["kind"] in ("speech", "singing")] if isinstance(voices, list) else []
    return (
        [(float(a), float(b)) for a, b in shots] if isinstance(shots, list) else [],
        [(float(voice["start_s"]), float(voice["end_s"])) for voice in spoken],
    )
