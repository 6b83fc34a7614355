"""The second stage: each segment closely, with its pictures, sound, plot, characters and hints (paper, section 5.3).

Segments know nothing of each other, so any number may be written at once, anywhere, in any order. A segment that the model cannot write
is written by the stand-in, another writer, and its draft says so; where that cannot either, it is an error, never an empty segment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from inference.answers.event_stream import EventStream
from inference.answers.reading import Reading, read_script
from inference.answers.schema import ScriptAnswer, script_schema
from inference.checkpoints import Checkpoints
from inference.engines.base import Clip, Engine, Request, Senses, Usage
from inference.errors import MissingProgramError, WeightsError, WriterError
from inference.evidence import Evidence, hints_text, observe
from inference.evidence.kept import part_of
from inference.evidence.observed import TextSpan
from inference.evidence.spans import Span
from inference.film import Film, Report
from inference.plan import Plan, PlannedSegment, TotalUsage
from inference.prompts import FORM_TEXTS, script_system, writer_prompt
from inference.writers.base import Writer
from inference.writers.film_meta import title_card
from omniscript_mam.script import Provenance, Script

from .asking import Outcome, Pulse, Replies, answered_version, answered_words, converse
from .borders import join_parts
from .drafts import Draft, DraftRepair, from_answer, from_script, live_event
from .snapping import split
from .two_stage_options import TwoStageOptions, attempt_of
from .weighing.echoes import Form
from .weighing.weigh import weigh
from .weighing.witness import Witness

FRAME_RATE_HZ = 2.0
"""Pictures a second that the writer sees."""
MAX_SIDE_PX = 640
"""Longer side of the writer's pictures. Chosen for its price: docs/writers.md counts the tokens."""
TOKENS_PER_MIN = 2500
"""Bound of an answer: the paper's films take about 2000 tokens a minute."""
MIN_NEW_TOKENS = 2048
"""Part of the bound that no length adds to: thinking, and the document's frame. Chosen."""


@dataclass
class _Piece:
    """One request's stretch: of which segment, and the identifiers that its prompt lists."""

    segment: PlannedSegment
    span: Span
    known: frozenset[str] = frozenset()

    @property
    def duration_s(self) -> float:
        return self.span[1] - self.span[0]


@dataclass(frozen=True)
class Observed:
    """What was observed of a segment, and what the stand-in makes of it; ``lacking`` says why there is nothing ("" = not wanted)."""

    evidence: Evidence | None = None
    script: Script | None = None
    lacking: str = ""

    @property
    def witness(self) -> Witness | None:
        """What an answer is set against; ``None``: nothing."""
        return None if self.evidence is None or self.script is None else Witness(self.script, self.evidence)

    @property
    def tells(self) -> bool:
        """Whether somebody who neither hears nor sees could write anything from it."""
        return self.witness is not None and self.witness.tells


@dataclass(frozen=True)
class SegmentWriting:
    """What writing any segment of a film needs.

    Attributes:
        stand_in: who writes a segment that the engine cannot; ``None``: nobody, then it is an error.
    """

    film: Film
    engine: Engine
    options: TwoStageOptions
    plan: Plan
    stand_in: Writer | None = None

    def drafts(self, indexes: Sequence[int], report: Report) -> list[Draft]:
        """The drafts of these segments, in this order, asked for together.

        Raises:
            WriterError: neither the engine nor the stand-in could write a segment.
        """
        pieces: list[_Piece] = []
        requests: list[Request] = []
        observed: dict[int, Observed] = {}
        outline = self.plan.outline
        for number, index in enumerate(indexes):
            segment = self.plan.segments[index]
            report(0.3 * number / len(indexes), f"looking at segment {index + 1}")
            observed[index] = self._observe(segment)
            if not self.senses.any and not observed[index].tells:
                continue
            for span in split((segment.start_s, segment.end_s), outline.shots, outline.spoken, self.engine.max_clip_s):
                piece = _Piece(segment, span)
                requests.append(self._request(piece, observed[index].evidence))
                pieces.append(piece)
        report(0.3, f"{self.engine.name} is writing")
        outcomes = self._ask(requests, pieces, report)
        drafts = []
        for number, index in enumerate(indexes):
            report(0.7 + 0.3 * number / len(indexes), f"segment {index + 1} written")
            mine = [(piece, outcome) for piece, outcome in zip(pieces, outcomes, strict=True) if piece.segment.index == index]
            drafts.append(self._draft(self.plan.segments[index], mine, observed[index]))
        return drafts

    @property
    def senses(self) -> Senses:
        """What of this film reaches the engine."""
        return Senses.of(self.engine, self.film.spool)

    def _observe(self, segment: PlannedSegment) -> Observed:
        """What small models observed in the segment, if hints are wanted, and what the stand-in makes of it."""
        if not self.options.hints:
            return Observed()
        try:
            evidence = observe(self.film, segment.start_s, segment.end_s, self.plan.outline, keep=True)
            script = None if self.stand_in is None else self._stand_in_script(self.stand_in, segment)
        except (WeightsError, MissingProgramError) as error:
            return Observed(lacking=str(error))
        return Observed(evidence, script)

    def _request(self, piece: _Piece, evidence: Evidence | None) -> Request:
        (start_s, end_s), spool, senses = piece.span, self.film.spool, self.senses
        hints = ""
        if evidence is not None:
            told = {"has_sound": spool.has_audio, "hears": senses.hears, "sees": senses.sees}
            hints = hints_text(part_of(evidence, start_s, end_s), self.plan.language, **told)
        attempt = attempt_of(self.film, piece.segment.index)
        prompt, piece.known = writer_prompt(self.plan, piece.segment, start_s, end_s, hints=hints, attempt=attempt, senses=senses)
        clip = Clip(spool, start_s, end_s, FRAME_RATE_HZ if senses.sees else 0.0, MAX_SIDE_PX, senses.hears)
        bound = MIN_NEW_TOKENS + math.ceil(TOKENS_PER_MIN * piece.duration_s / 60)
        schema, thinks = script_schema(piece.duration_s, sees=senses.sees), self.engine.thinks
        return Request("script", script_system(senses, thinks=thinks), prompt, clip, schema, thinks, "", bound)

    def _ask(self, requests: Sequence[Request], pieces: Sequence[_Piece], report: Report) -> list[Outcome[ScriptAnswer]]:
        names = {profile.id: profile.shown_name for profile in self.plan.profiles.profiles}
        pulse = Pulse(lambda: report(0.3, f"{self.engine.name} is writing"))

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
                    self.film.live(piece.segment.index, [live_event(event, piece.span[0], names) for event in events])

            return hear

        replies = Replies(self.engine, Checkpoints(self.film.workdir / "replies"), self.film.waits)
        return converse(replies, requests, read, listen)

    def _draft(self, segment: PlannedSegment, pieces: Sequence[tuple[_Piece, Outcome[ScriptAnswer]]], observed: Observed) -> Draft:
        usage = sum((outcome.usage for _, outcome in pieces), Usage(num_requests=0))
        answered = next((outcome.model for _, outcome in pieces if outcome.model), "")
        draft = Draft(
            index=segment.index,
            start_s=segment.start_s,
            end_s=segment.end_s,
            writer=self.engine.name,
            version=answered_version(self.engine, answered),
            fault="",
            usage=TotalUsage.of(usage),
            title_card=self._title(observed.evidence),
            texts=[] if observed.evidence is None else [text.text for text in observed.evidence.visual.texts],
        )
        if not pieces:
            draft.fault = (
                f"{self.engine.name} was not asked: it neither hears nor sees, and small models observed nothing that it could be told."
            )
            return self._by_stand_in(segment, draft)
        if observed.lacking:
            draft.repairs.append(DraftRepair(code="hints.none", place="", detail=observed.lacking))
        faults = [outcome for _, outcome in pieces if outcome.reading is None]
        if faults:
            draft.fault = f"{self.engine.name} could not write this segment: {faults[0].fault}"
            draft.remedy = faults[0].remedy
            return self._by_stand_in(segment, draft)
        if answered:
            draft.repairs.append(DraftRepair(code="model.other", place="", detail=answered_words(self.engine, answered)))
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
                draft.repairs.append(
                    DraftRepair(code="script.cut", place=f"{last_s:.1f} s", detail=outcome.cut_because or "the model stopped here")
                )
        draft.scenes = join_parts(parts)
        draft.plot = plot_of(draft.thinking)
        return self._weighed(draft, observed.witness)

    def _weighed(self, draft: Draft, witness: Witness | None) -> Draft:
        """The draft with a mark on every value, set against what was observed."""
        weighed = weigh(
            draft.scenes,
            draft.high_points,
            (draft.start_s, draft.end_s),
            witness=witness,
            senses=self.senses,
            by=Provenance(writer=draft.writer, version=draft.version),
            form=Form(*FORM_TEXTS),
        )
        kept = {"scenes": weighed.scenes, "high_points": weighed.points, "people": weighed.people, "claims": weighed.claims}
        return draft.model_copy(update={**kept, "repairs": [*draft.repairs, *weighed.repairs]})

    def _by_stand_in(self, segment: PlannedSegment, draft: Draft) -> Draft:
        """The segment as the stand-in writes it: a film of one segment, whose evidence it may find kept."""
        if self.stand_in is None:
            raise WriterError(f"{draft.fault} Nobody stands in for it.")
        try:
            script = self._stand_in_script(self.stand_in, segment)
        except (WeightsError, MissingProgramError) as error:
            message = f"{draft.fault} The {self.stand_in.name} writer could not either: {error}"
            raise WriterError(message, remedy=error.remedy) from error
        draft = draft.model_copy(update={"writer": self.stand_in.name, "version": self.stand_in.version})
        draft = from_script(script, draft)
        draft.plot = script.plot[0].summary if script.plot else ""
        return draft

    def _stand_in_script(self, stand_in: Writer, segment: PlannedSegment) -> Script:
        """What the stand-in makes of the segment alone."""
        alone = self.plan.model_copy(update={"segments": [segment.model_copy(update={"index": 0})]})
        return stand_in.merge(self.film, alone, [stand_in.write(self.film, alone, 0)])

    def _title(self, evidence: Evidence | None) -> TextSpan | None:
        return None if evidence is None else title_card(evidence.visual.texts, self.film.info.duration_s)


def plot_of(thinking: str) -> str:
    """The plot told in a model's thinking ("Plot: …"), or ""."""
    told: list[str] = []
    is_told = False
    for line in thinking.split("\n"):  # line by line: what a model thinks is as long and as odd as it likes
        text = line.strip()
        if is_told and not text.startswith("Relations:"):
            told.append(text.removeprefix("Plot:"))
            continue
        _, mark, rest = line.partition("Plot:")
        is_told = bool(mark)
        told.append(rest)
    return " ".join(" ".join(told).split())
