"""Dialogue as WebVTT captions (W3C, 2019), for players. Text is escaped: a cue that holds markup shows it and never runs it."""

from __future__ import annotations

from omniscript_mam.script import Event, Script
from omniscript_mam.script.timing import format_timestamp

from .deliverable import Deliverable
from .formats import CONTENT, Format

_KEEPS = (
    "names of characters", "dialogue", "who speaks", "ends of events", "times finer than a second", "times finer than a tenth of a second",
)  # fmt: skip
LOSES = tuple(word for word in CONTENT if word not in _KEEPS)
"""All but the lines, their times and their speakers."""

LEAST_S = 0.4
"""Shortest time for which a caption stays, in seconds; shorter lines are held up to the next one."""


def write(deliverable: Deliverable) -> str:
    """All lines of a script, each with its speaker as a voice span, in time order."""
    script = deliverable.wanted()
    lines = [event for event in script.events() if event.dialogue]
    cues = ["WEBVTT"]
    for position, event in enumerate(lines):
        following_s = lines[position + 1].start_s if position + 1 < len(lines) else event.end_s + LEAST_S
        end_s = event.end_s if event.end_s - event.start_s >= LEAST_S else max(event.end_s, min(event.start_s + LEAST_S, following_s))
        if end_s > event.start_s:
            cues.append(f"{format_timestamp(event.start_s)} --> {format_timestamp(end_s)}\n{_cue_text(event, script)}")
    return "\n\n".join(cues) + "\n"


def _cue_text(event: Event, script: Script) -> str:
    text = _escaped("\n".join(line.strip() for line in event.dialogue.splitlines() if line.strip()))
    character = script.character(event.character_id)
    return f"<v {_escaped(' '.join(character.name.split()))}>{text}" if character else text


def _escaped(text: str) -> str:
    """Text as WebVTT cue text. ``>`` is escaped too, so that ``-->`` cannot end a cue."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


FORMAT = Format("WebVTT captions", "text/vtt; charset=utf-8", ".vtt", LOSES, write)
