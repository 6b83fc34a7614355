"""The lite writer: a complete script from small pretrained models on a CPU, in three stages (plan, write, merge).

*plan* hears where somebody speaks, votes on the language, and cuts the film at silent shot boundaries. *write* lets the ears
(:func:`.audio.hear`) and the eyes (:func:`.vision.see`) observe one segment side by side and keeps what they observed, nothing more.
*merge* makes the script of all observations (:mod:`.merge`). The models load once per process, inside their own leaf modules.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pydantic import ValidationError

from inference.errors import WriterError
from inference.evidence.cutting import LONGEST_S, cut_segments, quietest, shot_change
from inference.evidence.observed import AudioEvidence, Evidence, VisualEvidence
from inference.writers.base import Film, Plan, PlannedSegment, Report, no_report
from omniscript_mam.script import Script, validate

from .merge import Tools, merge_drafts

VERSION = "1.0"


class LiteWriter:
    """See the module. Stateless: any number may run at once."""

    name = "lite"
    version = VERSION

    def plan(self, film: Film, report: Report = no_report) -> Plan:
        """Segments under five minutes, cut where it is silent and the picture changes; the spoken language by vote."""
        report(0.0, "listening for speech")
        heard = _listen(film, report)
        speech = [(span["start_s"], span["end_s"]) for span in heard["voices"] if span["kind"] in ("speech", "singing")]
        report(0.7, "cutting into segments")
        shots = film.spool.shots()
        changes: dict[float, float] = {}

        def change(time_s: float) -> float:
            if time_s not in changes:
                changes[time_s] = shot_change(film.spool, time_s)
            return changes[time_s]

        cuts = cut_segments(
            film.info.duration_s,
            shots,
            speech,
            change,
            lambda start_s, end_s: quietest(film.spool, start_s, end_s),
            longest_s=_longest_segment_s(film),
        )
        edges = [0.0, *(cut.time_s for cut in cuts), film.info.duration_s]
        segments = [
            PlannedSegment(index=i, start_s=start_s, end_s=end_s, summary=_outline(start_s, end_s, shots, speech))
            for i, (start_s, end_s) in enumerate(itertools.pairwise(edges))
        ]
        report(1.0, f"{len(segments)} segment{'s' if len(segments) != 1 else ''}")
        notes: dict[str, object] = {
            "shots": [[round(a, 4), round(b, 4)] for a, b in shots],
            **heard,
            "cuts": [{"time_s": cut.time_s, "how": cut.how} for cut in cuts],
            "remarks": [_remark(cut.time_s, cut.how) for cut in cuts if cut.how != "shot"],
        }
        return Plan(segments=segments, language=str(heard["language"]), notes=notes)

    def write(self, film: Film, plan: Plan, index: int, report: Report = no_report) -> str:
        """The segment's :class:`Evidence` as JSON: ears and eyes run side by side."""
        if not 0 <= index < len(plan.segments):
            raise WriterError(f"The plan has {len(plan.segments)} segments; there is no segment {index}.")
        segment = plan.segments[index]
        shots = clip_shots(_shots_of(film, plan), segment.start_s, segment.end_s)
        report(0.0, "listening and looking")
        with ThreadPoolExecutor(max_workers=2, thread_name_prefix="lite") as pool:
            heard = pool.submit(_hear, film, plan, segment)
            seen = pool.submit(_see, film, segment, shots)
            audio = heard.result()
            report(0.5, f"{len(audio.lines)} lines heard")
            visual = seen.result()
        evidence = Evidence(
            index=index, start_s=segment.start_s, end_s=segment.end_s, shots=shots, audio=audio, visual=visual, models=_models(film)
        )
        report(1.0, "observed")
        return evidence.model_dump_json(exclude_defaults=True)

    def merge(self, film: Film, plan: Plan, drafts: Sequence[str], report: Report = no_report) -> Script:
        """One valid Script of all drafts.

        Raises:
            WriterError: a draft is missing or not readable.
        """
        if len(drafts) != len(plan.segments):
            raise WriterError(f"The plan has {len(plan.segments)} segments, but {len(drafts)} drafts were given.")
        try:
            return validate(merge_drafts(film, plan, drafts, self.version, lite_tools(), report))
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


def clip_shots(shots: Sequence[tuple[float, float]], start_s: float, end_s: float) -> list[tuple[float, float]]:
    """The parts of the shots that lie in a range, gapless from its start to its end."""
    clipped = [(max(a, start_s), min(b, end_s)) for a, b in shots if min(b, end_s) - max(a, start_s) > 1e-6]
    return clipped or [(start_s, end_s)]


def _shots_of(film: Film, plan: Plan) -> list[tuple[float, float]]:
    noted = plan.notes.get("shots")
    return [(float(a), float(b)) for a, b in noted] if isinstance(noted, list) and noted else film.spool.shots()


def _outline(start_s: float, end_s: float, shots: Sequence[tuple[float, float]], speech: Sequence[tuple[float, float]]) -> str:
    """What is known of a segment before anybody has listened to words."""
    num_shots = sum(start_s <= a < end_s for a, _ in shots)
    spoken_s = sum(max(0.0, min(b, end_s) - max(a, start_s)) for a, b in speech)
    return f"{num_shots} shots; somebody speaks for {spoken_s:.0f} of {end_s - start_s:.0f} s."


def _remark(time_s: float, how: str) -> str:
    if how == "pause":
        return f"Cut at {time_s:.1f} s in the longest pause: no shot boundary within five minutes was silent."
    return f"Cut at {time_s:.1f} s at the quietest instant: nobody paused for five minutes."


def _listen(film: Film, report: Report) -> dict[str, Any]:
    """Where there are voices, and which languages they speak: the notes that :func:`.audio.hear` reads."""
    if not film.spool.has_audio:
        return {"language": film.languages[0] if film.languages else "", "languages": {}, "voices": []}
    from inference.evidence.hearing.hear import plan_notes

    return plan_notes(film, lambda share: report(0.6 * share, "listening for speech"))


def _hear(film: Film, plan: Plan, segment: PlannedSegment) -> AudioEvidence:
    if not film.spool.has_audio:
        return AudioEvidence()
    from inference.evidence.hearing.hear import hear

    return hear(film, segment.start_s, segment.end_s, plan.notes)


def _see(film: Film, segment: PlannedSegment, shots: list[tuple[float, float]]) -> VisualEvidence:
    if not film.spool.has_video:
        return VisualEvidence()
    from inference.evidence.seeing.see import see

    return see(film, segment.start_s, segment.end_s, shots)


def _models(film: Film) -> dict[str, str]:
    """Name and version of every model that contributes to this film."""
    found: dict[str, str] = {}
    if film.spool.has_audio:
        from inference.evidence.hearing import hear as audio

        found.update(audio.models(film))
    if film.spool.has_video:
        from inference.evidence.seeing import see as vision

        found.update(vision.models())
    return dict(sorted(found.items()))


def lite_tools() -> Tools:
    """What merge borrows from the models' modules; they are imported only now."""
    from inference.evidence.hearing.sound_words import sound_phrase
    from inference.evidence.hearing.speakers import cluster_voices
    from inference.evidence.seeing.faces import cluster_faces

    return Tools(cluster_voices, cluster_faces, sound_phrase)
