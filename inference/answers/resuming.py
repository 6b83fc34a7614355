"""Going on from an answer that was cut off or went in circles: what is whole is kept, and the model goes on behind it.

A text that ends before its document does has its last event unfinished. One that was closed for lack of budget has its last event
ended by force, so that event is not trusted either, where there is another one. Events that repeat the one before them (same
character, same words) are what a loop leaves behind: they are dropped. Contents: :class:`ResumePoint`, :func:`resume_point`.
"""

from __future__ import annotations

from dataclasses import dataclass

from inference.errors import AnswerError

from .reading import read_script
from .schema import ScriptAnswer, to_wire

_CLOSES_EVENTS = "]}]}"


@dataclass(frozen=True)
class ResumePoint:
    """``closed`` is a whole document of what is sure; ``begun`` is the beginning to go on from; both hold ``num_events`` events."""

    closed: str
    begun: str
    num_events: int


def resume_point(text: str, duration_s: float = 48 * 3600.0) -> ResumePoint | None:
    """Where to go on; ``None`` where not one event is sure, or the text cannot be read."""
    try:
        reading = read_script(text, duration_s)
    except AnswerError:
        return None
    scenes = [scene for scene in reading.answer.scenes if scene.events]
    events = [event for scene in scenes for event in scene.events]
    if not reading.is_cut and not reading.answer.high_points and len(events) > 1:
        scenes[-1].events.pop()
        events.pop()
    scenes = [scene for scene in scenes if scene.events]
    if not events:
        return None
    opening = f"<thinking>\n{reading.thinking}\n</thinking>\n" if reading.thinking else ""
    closed = opening + to_wire(ScriptAnswer(scenes=scenes))
    return ResumePoint(closed, closed.removesuffix(_CLOSES_EVENTS), len(events))
