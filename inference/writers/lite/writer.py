"""The lite writer: a complete script from small pretrained models on a CPU, in three stages (plan, write, merge).

*plan* takes the film's outline: where somebody speaks, which language, where it is best cut. *write* observes one segment
(:func:`inference.evidence.observe`) and keeps what was observed, nothing more. *merge* makes the script of it all (:mod:`.merge`).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from pydantic import ValidationError

from inference.errors import WriterError
from inference.evidence import Evidence, observe, outline
from inference.evidence.cutting import LONGEST_S
from inference.evidence.spans import Span
from inference.film import Film, Report, no_report
from inference.plan import Plan, PlannedSegment
from omniscript_mam.script import Script, validate

from .merge import Tools, merge_evidence

VERSION = "1.0"


class LiteWriter:
    """See the module. Stateless: any number may run at once."""

    name = "lite"
    version = VERSION

    def plan(self, film: Film, report: Report = no_report) -> Plan:
        """Segments under five minutes, cut where it is silent and the picture changes; the spoken language by vote.

        Raises:
            WriterError: ``options["segment_s"]`` makes no sense. WeightsError: a model is not on this machine.
        """
        known = outline(film, _longest_segment_s(film), report)
        edges = [0.0, *(cut.time_s for cut in known.cuts), film.info.duration_s]
        shots = film.spool.shots()
        segments = [
            PlannedSegment(index=i, start_s=start_s, end_s=end_s, summary=_summary(start_s, end_s, shots, known.spoken))
            for i, (start_s, end_s) in enumerate(itertools.pairwise(edges))
        ]
        report(1.0, f"{len(segments)} segment{'s' if len(segments) != 1 else ''}")
        outlined = known.model_copy(update={"remarks": []})
        return Plan(segments=segments, language=known.language, outline=outlined, remarks=known.remarks)

    def write(self, film: Film, plan: Plan, index: int, report: Report = no_report) -> str:
        """The segment's :class:`Evidence` as JSON.

        Raises:
            WriterError: the plan has no such segment.
            WeightsError, InferenceError
        """
        if not 0 <= index < len(plan.segments):
            raise WriterError(f"The plan has {len(plan.segments)} segments; there is no segment {index}.")
        segment = plan.segments[index]
        evidence = observe(film, segment.start_s, segment.end_s, plan.outline, report=report)
        return evidence.model_copy(update={"index": index}).model_dump_json(exclude_defaults=True)

    def merge(self, film: Film, plan: Plan, drafts: Sequence[str], report: Report = no_report) -> Script:
        """One valid Script of all drafts.

        Raises:
            WriterError: a draft is missing or not readable.
        """
        if len(drafts) != len(plan.segments):
            raise WriterError(f"The plan has {len(plan.segments)} segments, but {len(drafts)} drafts were given.")
        observed = (Evidence.model_validate_json(draft) for draft in drafts)
        try:
            return validate(merge_evidence(film, plan, observed, self.version, lite_tools(), report))
        except ValidationError as error:
            raise WriterError(f"A draft of the lite writer cannot be read: {error.errors()[0]['msg']}.") from error


def _longest_segment_s(film: Film) -> float:
    """``options["segment_s"]`` where it asks for shorter segments than usual (tests, demonstrations), else the usual limit.

    Raises:
        WriterError: it is not a number of seconds from 5 on.
    """
    asked = film.options.get("segment_s")
    if asked is None:
        return LONGEST_S
    if isinstance(asked, bool) or not isinstance(asked, int | float) or not asked >= 5.0:
        raise WriterError(f"segment_s is {asked!r}.", remedy="Give the longest segment as a number of seconds, at least 5.")
    return min(float(asked), LONGEST_S)


def _summary(start_s: float, end_s: float, shots: Sequence[Span], speech: Sequence[Span]) -> str:
    """What is known of a segment before anybody has listened to words."""
    num_shots = sum(start_s <= a < end_s for a, _ in shots)
    spoken_s = sum(max(0.0, min(b, end_s) - max(a, start_s)) for a, b in speech)
    return f"{num_shots} shots; somebody speaks for {spoken_s:.0f} of {end_s - start_s:.0f} s."


def lite_tools() -> Tools:
    """What merge borrows from the models' modules; they are imported only now."""
    from inference.evidence.hearing.sound_words import sound_phrase
    from inference.evidence.hearing.speakers import cluster_voices
    from inference.evidence.seeing.faces import cluster_faces

    return Tools(cluster_voices, cluster_faces, sound_phrase)
