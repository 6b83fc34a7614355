"""Events of a script while it is being written: each as soon as its object closes.

Contents: :class:`EventStream`.
"""

from __future__ import annotations

from .answers import EventAnswer
from .repair import AnswerError, read_script


class EventStream:
    """Fed with a model's text in pieces of any size."""

    def __init__(self, duration_s: float) -> None:
        self.duration_s = duration_s
        self._text = ""
        self._num_events = 0

    def feed(self, piece: str) -> list[EventAnswer]:
        """Events that this piece completed."""
        self._text += piece
        try:
            events = read_script(self._text, self.duration_s).answer.events()
        except AnswerError:
            return []
        new = events[self._num_events :]
        self._num_events = len(events)
        return new
