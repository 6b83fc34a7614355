"""The first stage: the film in windows, each looked at coarsely, in order, with a memory of who is who (paper, sections 3.2 and 5.3).

Windows are cut as the lite writer cuts segments (silent shot borders, under five minutes). Each is one question; what it finds goes into
the profile book, and the next question tells of it. The model's plot steps, moved to good borders, are the segments to be written. A
window that the model cannot plan is one plain segment, and the plan's remarks say so. Every reply is kept, so a run that was killed
asks only for the windows that it had not yet planned.

Notes of the plan: ``shots``, ``language``, ``languages``, ``voices`` (as the lite writer's), ``strategy``, ``engine`` {name, version},
``profiles`` (the book's document), ``relations``, ``segments`` (per segment: ``window``, ``planned``, ``continuity``), ``remarks``,
``usage``.
"""

from __future__ import annotations

import itertools
from dataclasses import asdict, dataclass, replace
from typing import Any

from inference.answers.reading import AnswerError, Reading, read_plan
from inference.answers.schema import PlanAnswer, SegmentAnswer, plan_schema
from inference.checkpoints import Checkpoints
from inference.engines.base import Clip, Engine, Request, Usage
from inference.errors import MissingProgramError, WeightsError
from inference.evidence.cutting import Span, cut_segments, quietest, shot_change
from inference.profiles import ProfileBook
from inference.prompts import PLAN_SYSTEM, first_prompt, tracking_prompt
from inference.writers.base import Film, Plan, PlannedSegment, Report
from inference.writers.lite.writer import LiteWriter

from .asking import Pulse, Replies, converse
from .hints import evidence, hints_text
from .snapping import loud_spans, snap
from .tracking import Known, character_context, track
from .two_stage_options import TwoStageOptions

FRAME_RATE_HZ = 0.5
SHORT_FRAME_RATE_HZ = 1.0
SHORT_S = 60.0
"""Windows up to this length are looked at twice as closely."""
MAX_SIDE_PX = 448
MAX_PREVIOUS_CHARS = 1200
MAX_NEW_TOKENS = 4096


@dataclass
class _Window:
    """One window and what came of it."""

    span: Span
    answer: PlanAnswer | None = None
    known: Known | None = None
    fault: str = ""


def make_plan(film: Film, engine: Engine, options: TwoStageOptions, report: Report) -> Plan:
    """The film's plan.

    Raises:
        WriterError: the film cannot be cut.
    """
    spans, notes = _windows(film, options, report)
    remarks: list[str] = [*notes.pop("remarks", []), *([options.remark] if options.remark else [])]
    book, usage = ProfileBook(), Usage(num_requests=0)
    windows = [_Window(span) for span in spans]
    replies = Replies(engine, Checkpoints(film.workdir / "replies"))
    for number, window in enumerate([] if options.one_pass else windows):
        share, message = 0.3 + 0.7 * number / len(windows), f"plot of stretch {number + 1} of {len(windows)}"
        report(share, message)
        pulse = Pulse(lambda share=share, message=message: report(share, message))  # type: ignore[misc]
        previous = windows[number - 1].answer if number else None
        usage += _ask(film, replies, options, window, book, previous, notes, remarks, pulse)
    rows = _segments(windows, options, [(a, b) for a, b in notes["shots"]], _speech(notes))
    segments = [
        PlannedSegment(index=i, start_s=a, end_s=b, summary=plot, active_characters=_unique(book, active))
        for i, ((a, b), plot, active, _) in enumerate(rows)
    ]
    notes |= {
        "strategy": "lce" if options.one_pass else "tsg",
        "engine": {"name": engine.name, "version": engine.version},
        "profiles": book.document(),
        "relations": [relation.model_dump() for relation in book.relations],
        "segments": [_note(window, number) for *_, (number, window) in rows],
        "remarks": remarks,
        "usage": asdict(usage),
    }
    report(1.0, f"{len(segments)} segment{'s' if len(segments) != 1 else ''}")
    return Plan(segments=segments, language=str(notes["language"]), notes=notes)


def _windows(film: Film, options: TwoStageOptions, report: Report) -> tuple[list[Span], dict[str, Any]]:
    """Where the windows are, and the lite writer's notes (shots, voices, languages)."""
    duration_s = film.info.duration_s
    short = replace(film, options={"segment_s": max(5.0, options.longest_s)})
    try:
        plain = LiteWriter().plan(short, lambda share, message: report(0.3 * share, message))
    except (WeightsError, MissingProgramError) as error:
        shots, loud = film.spool.shots(), loud_spans(film.spool)
        notes: dict[str, Any] = {
            "shots": [[round(a, 4), round(b, 4)] for a, b in shots],
            "language": film.languages[0] if film.languages else "",
            "languages": {},
            "voices": [{"start_s": a, "end_s": b, "kind": "speech"} for a, b in loud],
            "remarks": [f"Cut by shots and loudness, because nobody could listen for voices: {error}"],
        }
        cuts = cut_segments(
            duration_s,
            shots,
            loud,
            lambda time_s: shot_change(film.spool, time_s),
            lambda start_s, end_s: quietest(film.spool, start_s, end_s),
            longest_s=options.longest_s,
        )
        edges = [0.0, *(cut.time_s for cut in cuts), duration_s]
    else:
        notes, edges = dict(plain.notes), [0.0, *(segment.end_s for segment in plain.segments)]
    if options.one_pass:
        notes["remarks"] = []
        edges = [0.0, duration_s]
    notes.pop("cuts", None)
    return list(itertools.pairwise(edges)), notes


def _ask(
    film: Film,
    replies: Replies,
    options: TwoStageOptions,
    window: _Window,
    book: ProfileBook,
    previous: PlanAnswer | None,
    notes: dict[str, Any],
    remarks: list[str],
    pulse: Pulse,
) -> Usage:
    """Ask about one window and put what was found into the book; what went wrong goes into the remarks."""
    start_s, end_s = window.span
    duration_s = end_s - start_s
    hints = _hints(film, replies.engine, options, window.span, notes, remarks)
    people, shown = character_context(book)
    if start_s == 0.0:
        prompt = first_prompt(duration_s, str(notes["language"]), hints)
    else:
        told = (previous.summary or " ".join(segment.plot for segment in previous.segments)) if previous is not None else ""
        prompt = tracking_prompt(duration_s, people, told[:MAX_PREVIOUS_CHARS], str(notes["language"]), hints)
    request = Request(
        "plan", PLAN_SYSTEM, prompt, _clip(film, replies.engine, window.span), plan_schema(duration_s), False, "", MAX_NEW_TOKENS
    )
    (outcome,) = converse(replies, [request], lambda _, text: _read(text, duration_s, shown), lambda *_: lambda piece: pulse.beat())
    if outcome.reading is None:
        window.fault = outcome.fault
        remarks.append(
            f"From {start_s:.1f} to {end_s:.1f} s the film is cut plainly, because {replies.engine.name} could not plan it: {outcome.fault}"
        )
    else:
        window.answer = outcome.reading.answer
        window.known = track(book, window.answer, start_s, end_s, shown)
    return outcome.usage


def _read(text: str, duration_s: float, shown: frozenset[str]) -> Reading[PlanAnswer]:
    reading = read_plan(text, duration_s, shown)
    if not reading.answer.segments:
        raise AnswerError("segments", "there is no segment")
    return reading


def _hints(film: Film, engine: Engine, options: TwoStageOptions, span: Span, notes: dict[str, Any], remarks: list[str]) -> str:
    """For an engine that hears there are none yet: they are made when segments are written, which many workers do side by side."""
    if not options.hints or engine.hears or not film.spool.has_audio:
        return ""
    try:
        found = evidence(film, notes, *span)
    except (WeightsError, MissingProgramError) as error:
        remark = f"Planned without hints: {error}"
        if remark not in remarks:
            remarks.append(remark)
        return ""
    return hints_text(found, str(notes["language"]), has_sound=True)


def _clip(film: Film, engine: Engine, span: Span) -> Clip:
    rate_hz = SHORT_FRAME_RATE_HZ if span[1] - span[0] <= SHORT_S else FRAME_RATE_HZ
    sees = engine.sees and film.spool.has_video
    return Clip(film.spool, span[0], span[1], rate_hz if sees else 0.0, MAX_SIDE_PX, engine.hears and film.spool.has_audio)


_Row = tuple[Span, str, list[str], tuple[int, _Window]]


def _segments(windows: list[_Window], options: TwoStageOptions, shots: list[Span], speech: list[Span]) -> list[_Row]:
    """Every segment: its span, plot, who is active (identifiers as the book had them then), and its window."""
    rows: list[_Row] = []
    for number, window in enumerate(windows):
        if window.answer is None or window.known is None:
            rows.append((window.span, "", [], (number, window)))
            continue
        offset_s = window.span[0]
        steps = sorted(window.answer.segments, key=lambda step: (step.start, step.end))
        borders = [offset_s + step.start for step in steps if step.start > 0.0]
        for span in snap(borders, window.span, shots, speech, options.shortest_s, options.longest_s):
            mine = _belonging(steps, span[0] - offset_s, span[1] - offset_s)
            called = [name for step in mine for name in step.active_characters] or [person.id for person in window.answer.characters]
            met = [window.known.meet(name) for name in called]
            plot = " ".join(dict.fromkeys(step.plot.strip() for step in mine if step.plot.strip()))
            rows.append((span, plot, [profile.id for profile in met if profile is not None], (number, window)))
    return rows


def _belonging(steps: list[SegmentAnswer], start_s: float, end_s: float) -> list[SegmentAnswer]:
    """The plot steps that a stretch tells: those mostly inside it, or else the one that covers most of it."""

    def shared(step: SegmentAnswer) -> float:
        return min(step.end, end_s) - max(step.start, start_s)

    inside = [step for step in steps if shared(step) > 0 and shared(step) >= 0.5 * (step.end - step.start)]
    return inside or [step for step in [max(steps, key=shared)] if shared(step) > 0]


def _note(window: _Window, number: int) -> dict[str, Any]:
    continuity = window.answer.continuity_note if window.answer is not None else ""
    return {"window": number, "planned": window.answer is not None, "continuity": continuity}


def _unique(book: ProfileBook, identifiers: list[str]) -> list[str]:
    return list(dict.fromkeys(book.resolve(identifier) for identifier in identifiers))


def _speech(notes: dict[str, Any]) -> list[Span]:
    return [(voice["start_s"], voice["end_s"]) for voice in notes["voices"] if voice["kind"] in ("speech", "singing")]
