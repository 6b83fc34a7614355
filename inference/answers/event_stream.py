"""Events of a script while it is being written: each as soon as its object closes, whatever is around it.

The text is looked at once: between events for the beginning of the next, within one for its end. An event is read as the whole answer is
(:mod:`.loose_json`, :mod:`.reading`); what only the whole can tell (loops, order, the next start for a missing end) waits for it.

Contents: :class:`EventStream`.
"""

from __future__ import annotations

import re

from .faults import Log
from .loose_json import SyntaxFault, read_value
from .reading import read_event
from .schema import EventAnswer
from .vocabulary import ALIASES, canonical

MAX_EVENT_CHARS = 20_000
"""An object longer than this is given up: no event is so long. Chosen, like the next two."""
MAX_HEAD_CHARS = 80
"""How far behind a brace an event's first key may end."""
MAX_STRING_CHARS = 2_000
"""How far the end of a text between events is looked for."""
MAX_TRIES = 40
"""Closing braces that are tried before it is given up that an object is an event."""
_STOP = re.compile(r"[\"{｛]")
_STRING = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"")
_HEAD = re.compile(r"[{｛]\s*(?://[^\n]*\n\s*)?[\"“'‘]?([^\W\d][\w -]*?)[\"”'’]?\s*[:：]")
_CLOSER = re.compile(r"[}｝]")
_OF_EVENTS = frozenset(EventAnswer.model_fields)
_OF_OTHERS = frozenset({"events", "description", "score", "reasoning", "plot", "type"})


class EventStream:
    """Fed with a model's text in pieces of any size."""

    def __init__(self, duration_s: float) -> None:
        self.duration_s = duration_s
        self._text = ""
        self._event = -1
        """Where the object begins that may be an event; -1 between events."""
        self._at = 0
        self._num_tries = 0
        self._told: set[str] = set()

    def feed(self, piece: str) -> list[EventAnswer]:
        """Events that this piece completed."""
        self._text += piece
        events: list[EventAnswer] = []
        while self._step(events):
            pass
        kept = self._event if self._event >= 0 else self._at
        self._text, self._at, self._event = self._text[kept:], self._at - kept, min(self._event, 0)
        return events

    def _step(self, events: list[EventAnswer]) -> bool:
        """Look at one more mark; false where more text is needed first."""
        if self._event >= 0:
            return self._in_event(events)
        stop = _STOP.search(self._text, self._at)
        self._at = stop.start() if stop else len(self._text)
        if stop is None:
            return False
        return self._at_string() if stop[0] == '"' else self._at_object()

    def _at_string(self) -> bool:
        """Skip a text of a scene; a mark that opens none is skipped with its line."""
        limit = self._at + MAX_STRING_CHARS
        string = _STRING.match(self._text, self._at, limit)
        line_end = self._text.find("\n", self._at, limit)
        if string is None and line_end < 0 and len(self._text) < limit:
            return False
        self._at = string.end() if string else line_end if line_end >= 0 else limit
        return True

    def _at_object(self) -> bool:
        head = _HEAD.match(self._text, self._at, self._at + MAX_HEAD_CHARS)
        if head is None and len(self._text) - self._at < MAX_HEAD_CHARS:
            return False
        if head and ALIASES.get(canonical(head[1]), canonical(head[1])) in _OF_EVENTS - {"type"}:
            self._event, self._num_tries = self._at, 0
        self._at += 1
        return True

    def _in_event(self, events: list[EventAnswer]) -> bool:
        closer = _CLOSER.search(self._text, self._at)
        self._at = closer.end() if closer else len(self._text)
        if self._at - self._event > MAX_EVENT_CHARS or self._num_tries > MAX_TRIES:
            self._event = -1
            return True
        if closer is None:
            return False
        whole = self._text[self._event : self._at]
        try:
            value, _, is_cut = read_value(whole, 0, Log(whole))
        except SyntaxFault:
            self._event, self._at = -1, self._event + 1
            return True
        if is_cut:
            self._num_tries += 1
            return True
        self._event = -1
        names = {ALIASES.get(canonical(key), canonical(key)) for key in value}
        event = read_event(value, self.duration_s) if "start" in names and not names & _OF_OTHERS else None
        if event is not None and (told := event.model_dump_json()) not in self._told:
            self._told.add(told)
            events.append(event)
        return True
