"""The first stage: the film in windows, each looked at coarsely, in order, with a memory of who is who (paper, sections 3.2 and 5.3).

Windows are the stretches between the cuts of the film's outline (silent shot borders, under five minutes). Each is one question; what it
finds goes into the profile book, and the next question tells of it. The model's plot steps, moved to good borders, are the segments to be
written. A window that the model cannot plan is one plain segment, and the plan's faults say so; a server that nothing can be asked is an
error. Every reply is kept, so a run that was killed asks only for the windows that it had not yet planned.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

from inference.answers.reading import Reading, read_plan
from inference.answers.schema import PlanAnswer, SegmentAnswer, plan_schema
from inference.checkpoints import Checkpoints
from inference.engines.base import Clip, Engine, Request, Senses, Usage
from inference.errors import AnswerError, MissingProgramError, WeightsError
from inference.evidence import Evidence, Outline, hints_text, observe, outline, outline_by_loudness
from inference.evidence.spans import Span
from inference.film import Film, Report
from inference.plan import Plan, PlanFault, PlannedSegment, Planner, TotalUsage
from inference.profiles import ProfileBook
from inference.prompts import FORM_TEXTS, plan_system, planner_prompt

from .asking import Pulse, Replies, answered_version, answered_words, converse
from .snapping import snap
from .tracking import Known, track
from .two_stage_options import TwoStageOptions
from .weighing.echoes import Form, without_echoes

FRAME_RATE_HZ = 0.5
"""Pictures a second that the planner sees: a window of five minutes has 150."""
SHORT_FRAME_RATE_HZ = 1.0
"""The same for short windows."""
SHORT_S = 60.0
"""Windows up to this length are looked at twice as closely."""
MAX_SIDE_PX = 448
"""Longer side of the planner's pictures. Chosen."""
MAX_NEW_TOKENS = 4096
"""Bound of a plan's answer. Chosen."""
LEAST_WINDOW_S = 5.0
"""An engine that takes shorter clips than this is still asked about windows of this length."""


@dataclass
class _Window:
    """One window and what came of it."""

    span: Span
    answer: PlanAnswer | None = None
    known: Known | None = None

    @property
    def story(self) -> str:
        """The story so far as the model told it here, "" where it told nothing."""
        if self.answer is None:
            return ""
        return self.answer.summary or " ".join(segment.plot for segment in self.answer.segments)


@dataclass
class _Planning:
    """What all windows of a film share, and what is found out from one to the next."""

    film: Film
    replies: Replies
    options: TwoStageOptions
    outline: Outline
    book: ProfileBook = field(default_factory=ProfileBook)
    remarks: list[str] = field(default_factory=list)
    faults: list[PlanFault] = field(default_factory=list)
    answered: str = ""
    """Which model says it answered, where that is not the one that was asked for."""
    usage: Usage = field(default_factory=lambda: Usage(num_requests=0))

    @property
    def engine(self) -> Engine:
        return self.replies.engine


def make_plan(film: Film, engine: Engine, options: TwoStageOptions, report: Report) -> Plan:
    """The film's plan.

    Raises:
        WriterError: the film cannot be cut, or nothing can be asked of the engine's server.
    """
    known = _outline(film, options, report)
    edges = [0.0, *(cut.time_s for cut in known.cuts if not options.one_pass), film.info.duration_s]
    windows = [_Window(span) for span in itertools.pairwise(edges)]
    remarks = [*([] if options.one_pass else known.remarks), *([options.remark] if options.remark else [])]
    replies = Replies(engine, Checkpoints(film.workdir / "replies"), film.waits)
    planning = _Planning(film, replies, options, known, remarks=remarks)
    for number, window in enumerate([] if options.one_pass else windows):
        share, message = 0.3 + 0.7 * number / len(windows), f"plot of stretch {number + 1} of {len(windows)}"
        report(share, message)
        pulse = Pulse(lambda share=share, message=message: report(share, message))  # type: ignore[misc]
        _ask(planning, window, windows[number - 1].story if number else None, pulse)
    segments = _segments(windows, planning)
    report(1.0, f"{len(segments)} segment{'s' if len(segments) != 1 else ''}")
    return Plan(
        segments=segments,
        language=known.language,
        outline=known.model_copy(update={"cuts": [], "remarks": []}),
        strategy="lce" if options.one_pass else "tsg",
        planner=Planner(name=engine.name, version=answered_version(engine, planning.answered)),
        profiles=planning.book,
        usage=TotalUsage.of(planning.usage),
        remarks=[*planning.remarks, *([answered_words(engine, planning.answered)] if planning.answered else [])],
        faults=planning.faults,
    )


def _outline(film: Film, options: TwoStageOptions, report: Report) -> Outline:
    """The film's outline, by loudness alone where the models that listen for voices are not here."""
    try:
        return outline(film, max(LEAST_WINDOW_S, options.longest_s), lambda share, message: report(0.3 * share, message))
    except (WeightsError, MissingProgramError) as error:
        return outline_by_loudness(film, options.longest_s, str(error))


def _ask(planning: _Planning, window: _Window, previous: str | None, pulse: Pulse) -> None:
    """Ask about one window and put what was found into the book; what went wrong goes into the remarks."""
    start_s, end_s = window.span
    duration_s = end_s - start_s
    language = planning.outline.language
    senses = Senses.of(planning.engine, planning.film.spool)
    hints = _hints(planning, window.span, senses)
    if not senses.any and not hints:
        because = f"because {planning.engine.name} was not asked: it neither hears nor sees, and there is nothing that it could be told."
        planning.remarks.append(f"From {start_s:.1f} to {end_s:.1f} s the film is cut plainly, {because}")
        return
    prompt, shown = planner_prompt(duration_s, planning.book, previous, language=language, hints=hints, senses=senses)
    clip = _clip(planning.film, senses, window.span)
    schema = plan_schema(duration_s, hears=senses.hears, sees=senses.sees)
    request = Request("plan", plan_system(senses), prompt, clip, schema, False, "", MAX_NEW_TOKENS)
    (outcome,) = converse(
        planning.replies, [request], lambda _, text: _read(text, duration_s, shown), lambda *_: lambda piece: pulse.beat()
    )
    if outcome.reading is None:
        fault = f"{planning.engine.name} could not plan it: {outcome.fault}"
        planning.faults.append(PlanFault(start_s=start_s, end_s=end_s, fault=fault, remedy=outcome.remedy))
        planning.remarks.append(f"From {start_s:.1f} to {end_s:.1f} s the film is cut plainly, because {fault}")
    else:
        window.answer = without_echoes(outcome.reading.answer, Form(*FORM_TEXTS), senses)
        window.known = track(planning.book, window.answer, start_s, end_s, shown)
    planning.answered = outcome.model or planning.answered
    planning.usage += outcome.usage


def _read(text: str, duration_s: float, shown: frozenset[str]) -> Reading[PlanAnswer]:
    reading = read_plan(text, duration_s, shown)
    if not reading.answer.segments:
        raise AnswerError("segments", "there is no segment")
    return reading


def _hints(planning: _Planning, span: Span, senses: Senses) -> str:
    """For an engine that hears and sees there are none yet: they are made when segments are written, which many workers do side by side."""
    film = planning.film
    if not planning.options.hints or ((senses.hears or not film.spool.has_audio) and (senses.sees or not film.spool.has_video)):
        return ""
    try:
        evidence = observe(film, *span, planning.outline, keep=True)
    except (WeightsError, MissingProgramError) as error:
        remark = f"Planned without hints: {error}"
        if remark not in planning.remarks:
            planning.remarks.append(remark)
        return ""
    told = {"has_sound": film.spool.has_audio, "hears": senses.hears, "sees": senses.sees}
    return hints_text(evidence, planning.outline.language, **told) if _tells(evidence) else ""


def _tells(evidence: Evidence) -> bool:
    """Whether more is known of a stretch than where its shots begin."""
    audio, visual = evidence.audio, evidence.visual
    return bool(
        evidence.subtitles or audio.lines or audio.sounds or visual.faces or visual.texts or any(each.labels for each in visual.objects)
    )


def _clip(film: Film, senses: Senses, span: Span) -> Clip:
    rate_hz = SHORT_FRAME_RATE_HZ if span[1] - span[0] <= SHORT_S else FRAME_RATE_HZ
    return Clip(film.spool, span[0], span[1], rate_hz if senses.sees else 0.0, MAX_SIDE_PX, senses.hears)


def _segments(windows: list[_Window], planning: _Planning) -> list[PlannedSegment]:
    """The segments of all windows, numbered; who is active by the identifiers that the book has at its end."""
    segments = [segment for window in windows for segment in _segments_of(window, planning)]
    resolve = planning.book.resolve
    return [
        segment.model_copy(update={"index": i, "active_characters": list(dict.fromkeys(map(resolve, segment.active_characters)))})
        for i, segment in enumerate(segments)
    ]


def _segments_of(window: _Window, planning: _Planning) -> list[PlannedSegment]:
    """A window's segments, not yet numbered: its plot steps, moved to good borders; the whole window where it was not planned."""
    (start_s, end_s), options = window.span, planning.options
    if window.answer is None or window.known is None:
        return [PlannedSegment(index=0, start_s=start_s, end_s=end_s)]
    steps = sorted(window.answer.segments, key=lambda step: (step.start, step.end))
    borders = [start_s + step.start for step in steps if step.start > 0.0]
    segments = []
    for a, b in snap(borders, window.span, planning.outline.shots, planning.outline.spoken, options.shortest_s, options.longest_s):
        mine = _belonging(steps, a - start_s, b - start_s)
        called = [name for step in mine for name in step.active_characters] or [person.id for person in window.answer.characters]
        met = [window.known.meet(name) for name in called]
        segments.append(
            PlannedSegment(
                index=0,
                start_s=a,
                end_s=b,
                summary=" ".join(dict.fromkeys(step.plot.strip() for step in mine if step.plot.strip())),
                active_characters=[profile.id for profile in met if profile is not None],
                continuity=window.answer.continuity_note,
                is_planned=True,
            )
        )
    return segments


def _belonging(steps: list[SegmentAnswer], start_s: float, end_s: float) -> list[SegmentAnswer]:
    """The plot steps that a stretch tells: those mostly inside it, or else the one that covers most of it."""

    def shared(step: SegmentAnswer) -> float:
        return min(step.end, end_s) - max(step.start, start_s)

    inside = [step for step in steps if shared(step) > 0 and shared(step) >= 0.5 * (step.end - step.start)]
    return inside or [step for step in [max(steps, key=shared)] if shared(step) > 0]
