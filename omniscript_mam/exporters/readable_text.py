"""A page to read: slug lines with their times, then each event with its time. Plain text, for a terminal or a printer."""

from __future__ import annotations

from omniscript_mam.script import ENVIRONMENT_ID, Event, Scene, Script

from .clock import elapsed
from .deliverable import Deliverable
from .formats import Format
from .screenplay import VOICE_WORDS, slug_line

LOSES = (
    "duration",
    "languages",
    "frame rate and start timecode",
    "plot segments",
    "profiles beyond the name",
    "relationships",
    "interactions",
    "environment",
    "emotions",
    "subtext",
    "languages of lines",
    "ends of events",
    "times finer than a tenth of a second",
    "high points",
    "ids",
    "provenance and confidence",
)


def write(deliverable: Deliverable) -> str:
    """The page; it ends with a new line where there are scenes."""
    script = deliverable.wanted()
    lines = [deliverable.heading.upper(), ""]
    if script.meta.description:
        lines += [script.meta.description, ""]
    for number, scene in enumerate(script.scenes, start=1):
        lines.append(f"{number}. {_heading(scene)}   [{elapsed(scene.start_s, tenths=True)} – {elapsed(scene.end_s, tenths=True)}]")
        for event in scene.events:
            lines += [f"   {elapsed(event.start_s, tenths=True):>9}  {text}" for text in _told(script, event)]
        lines.append("")
    return "\n".join(lines)


def _heading(scene: Scene) -> str:
    """The slug line; the mood follows in brackets, as it is no part of one."""
    return (slug_line(scene) or "SCENE") + (f" ({scene.mood})" if scene.mood else "")


def _told(script: Script, event: Event) -> list[str]:
    """An event in up to four lines: who says (or shows) what, what is done, what is heard, what is read."""
    name = script.character_name(event.character_id)
    is_nobody = event.character_id == ENVIRONMENT_ID
    told = []
    if event.dialogue:
        voice = VOICE_WORDS.get(event.voice_type, "") if event.voice_type else ""
        told.append(f"{name.upper()}{''.join(f' ({word})' for word in (voice, event.expression) if word)}: {event.dialogue}")
    elif event.expression:
        told.append(f"{name}: {event.expression}")
    if event.action:
        told.append(event.action if is_nobody else f"{name} {event.action[0].lower()}{event.action[1:]}")
    if event.audio_cue:
        told.append(f"[{event.audio_cue}]")
    if event.on_screen_text:
        told.append(f"“{event.on_screen_text}” on screen")
    return told


FORMAT = Format("A page to read", "text/plain; charset=utf-8", ".txt", LOSES, write)
