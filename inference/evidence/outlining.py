"""The film as a whole, before anybody looks closely: where its shots and voices are, what it speaks, and where to cut it.

Times in seconds from the first displayed frame. Contents: :func:`outline`, :func:`outline_by_loudness` (where no voice model is on this
machine), :func:`loud_spans`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from inference.film import Film, Report, no_report
from inference.sampling import SAMPLE_RATE_HZ

from .cutting import LONGEST_S, cut_segments, quietest, shot_change
from .extras import small_models
from .observed import Cut, Line, Outline, SpeechSpan, SubtitleLine
from .spans import Span, join_spans

if TYPE_CHECKING:
    from inference.media import Spool

QUIET_BELOW_LOUD_DB = 18.0
"""What is this much below the film's loud parts counts as quiet."""
LEAST_LOUD_DB = -60.0
"""Nothing below this is loud, however quiet the rest of the film is: it is the noise of an empty track."""


def outline(film: Film, longest_s: float = LONGEST_S, report: Report = no_report) -> Outline:
    """Listen for voices, vote on the language, find silent shot boundaries to cut at, and see which subtitles are the film's.

    Args:
        longest_s: the longest stretch between two cuts, in seconds.

    Raises:
        WeightsError: a model is not on this machine. MissingProgramError: a package is not.
    """
    report(0.0, "listening for speech")
    heard = _listen(film, report)
    report(0.7, "cutting into segments")
    shots = film.spool.shots()
    cuts = _cuts(film, shots, heard.spoken, longest_s)
    report(0.8, "comparing subtitles with what is heard")
    subtitles, notes = _subtitles(film, heard)
    remarks = [*(_remark(cut) for cut in cuts if cut.how != "shot"), *notes]
    known = {"shots": _rounded(shots), "cuts": cuts, "remarks": remarks, "subtitles": subtitles, "notes": notes}
    if not heard.language and subtitles:
        known["language"] = subtitles[0].language
    return heard.model_copy(update=known)


def outline_by_loudness(film: Film, longest_s: float, reason: str) -> Outline:
    """The same without any model: what is loud is taken for speech.

    Args:
        reason: why nobody could listen, for the remarks.
    """
    shots, loud = film.spool.shots(), loud_spans(film.spool)
    return Outline(
        shots=_rounded(shots),
        voices=[SpeechSpan(start_s=start_s, end_s=end_s, kind="speech") for start_s, end_s in loud],
        language=film.languages[0] if film.languages else "",
        cuts=_cuts(film, shots, loud, longest_s),
        remarks=[f"Cut by shots and loudness, because nobody could listen for voices: {reason}"],
        notes=["Its subtitles were left out: nobody could listen whether they fit."] if film.sidecars or film.info.subtitles else [],
    )


def loud_spans(spool: Spool, step_s: float = 0.25) -> list[Span]:
    """Where the film is not quiet, read a minute at a time."""
    levels: list[float] = []
    for start_s in np.arange(0.0, spool.duration_s, 60.0):
        audio = spool.audio(float(start_s), min(float(start_s) + 60.0, spool.duration_s))
        size = round(SAMPLE_RATE_HZ * step_s)
        power = np.square(audio[: len(audio) // size * size].reshape(-1, size)).mean(axis=1)
        levels += [float(level) for level in 10 * np.log10(power + 1e-10)]
    if not levels:
        return []
    floor_db = max(float(np.percentile(levels, 95)) - QUIET_BELOW_LOUD_DB, LEAST_LOUD_DB)
    return join_spans([(i * step_s, (i + 1) * step_s) for i, level in enumerate(levels) if level > floor_db])


def _listen(film: Film, report: Report) -> Outline:
    """Voices and languages; shots and cuts are not known yet."""
    if not film.spool.has_audio:
        return Outline(language=film.languages[0] if film.languages else "")
    with small_models():
        from .hearing.hear import hear_outline

        return hear_outline(film, lambda share: report(0.6 * share, "listening for speech"))


def _subtitles(film: Film, heard: Outline) -> tuple[list[SubtitleLine], list[str]]:
    """The lines of the subtitles that fit the film, and what was made of every track, in sentences."""
    from .joining.fitting import choose, passages
    from .subtitles.tracks import tracks_of

    tracks, notes = tracks_of(film, heard.language)
    if not tracks:
        return [], notes
    said: list[list[Line]] = []
    if film.spool.has_audio:
        with small_models():
            from .hearing.hear import lines_between

            said = [lines_between(film, *passage, heard) for passage in passages(heard.voices, film.info.duration_s)]
    lines, judged = choose(tracks, said, heard.language, has_sound=film.spool.has_audio)
    return [line for line in lines if line.start_s < film.info.duration_s], [*judged, *notes]


def _cuts(film: Film, shots: Sequence[Span], spoken: Sequence[Span], longest_s: float) -> list[Cut]:
    changes: dict[float, float] = {}

    def change(time_s: float) -> float:
        # The same boundary is weighed for several cuts, and each weighing reads two pictures.
        if time_s not in changes:
            changes[time_s] = shot_change(film.spool, time_s)
        return changes[time_s]

    def quiet(start_s: float, end_s: float) -> float:
        return quietest(film.spool, start_s, end_s)

    return cut_segments(film.info.duration_s, shots, spoken, change, quiet, longest_s=longest_s)


def _rounded(shots: Sequence[Span]) -> list[Span]:
    return [(round(start_s, 4), round(end_s, 4)) for start_s, end_s in shots]


def _remark(cut: Cut) -> str:
    if cut.how == "pause":
        return f"Cut at {cut.time_s:.1f} s in the longest pause: no shot boundary within five minutes was silent."
    return f"Cut at {cut.time_s:.1f} s at the quietest instant: nobody paused for five minutes."
