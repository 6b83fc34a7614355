"""What a film's options ask of two-stage generation, checked.

strategy   "tsg": plan, then write segment by segment (default); "lce": the whole film in one request; "auto": "lce" where the film is
           short enough, else "tsg". A film too long for "lce" gets "tsg", and the plan's remarks say so.
lce_max_s  the longest film, in seconds, that is written in one request (default: the longest clip of the engine)
segment_s  the longest segment, in seconds, at least 5 (default: just under five minutes, or less if the engine takes less)
hints      whether prompts hold what small models observed (default: true)
attempt    how often a segment was asked for again: a number, or {segment index: number}. A segment with another attempt is asked
           anew instead of being read from kept replies.
"""

from __future__ import annotations

from dataclasses import dataclass

from inference.engines.base import Engine
from inference.errors import WriterError
from inference.evidence.cutting import LONGEST_S
from inference.film import Film

STRATEGIES = ("tsg", "lce", "auto")
MIN_SEGMENT_S = 20.0
"""A plot step shorter than this is not a segment of its own (less where segments are asked to be short)."""


@dataclass(frozen=True)
class TwoStageOptions:
    """See the module. ``one_pass``: whether the film is written in one request; ``remark``: why not, where it was asked for."""

    one_pass: bool
    hints: bool
    longest_s: float
    shortest_s: float
    remark: str = ""

    @classmethod
    def read(cls, film: Film, engine: Engine) -> TwoStageOptions:
        """From the film's options and what the engine can take.

        Raises:
            WriterError: an option makes no sense.
        """
        strategy = film.options.get("strategy", "tsg")
        if strategy not in STRATEGIES:
            raise WriterError(f"strategy is {strategy!r}.", remedy=f"Choose one of: {', '.join(STRATEGIES)}.")
        hints = film.options.get("hints", True)
        if not isinstance(hints, bool):
            raise WriterError(f"hints is {hints!r}.", remedy="Say true or false.")
        most_s = min(_seconds(film, "lce_max_s", engine.max_clip_s), engine.max_clip_s)
        duration_s = film.info.duration_s
        fits = duration_s <= most_s
        remark = ""
        if strategy == "lce" and not fits:
            remark = f"The film ({duration_s:.0f} s) is too long for one pass ({most_s:.0f} s): it was written segment by segment."
        longest_s = min(_seconds(film, "segment_s", LONGEST_S, at_least=5.0), LONGEST_S, engine.max_clip_s)
        return cls(strategy != "tsg" and fits, hints, longest_s, min(MIN_SEGMENT_S, longest_s / 4), remark)


def attempt_of(film: Film, index: int) -> int:
    """How often this segment was asked for again (``options["attempt"]``).

    Raises:
        WriterError: it is no number.
    """
    asked = film.options.get("attempt", 0)
    if isinstance(asked, dict):
        asked = asked.get(str(index), asked.get(index, 0))
    if isinstance(asked, bool) or not isinstance(asked, int) or asked < 0:
        raise WriterError(f"attempt is {asked!r}.", remedy="Give a number from 0 on, or one for each segment.")
    return asked


def _seconds(film: Film, name: str, usual: float, at_least: float = 1.0) -> float:
    asked = film.options.get(name, usual)
    if isinstance(asked, bool) or not isinstance(asked, int | float) or not asked >= at_least:
        raise WriterError(f"{name} is {asked!r}.", remedy=f"Give a number of seconds, at least {at_least:g}.")
    return float(asked)
