"""What a format declares about itself, and the words for what one can lose.

A loss is named in the words below and in no others, so that a person can compare formats, and so that a test can check each claim: it
changes what the word means and looks whether the output changes. Lossless is a format that loses nothing of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .deliverable import Deliverable

CONTENT = (
    "title",
    "description",
    "duration",
    "languages",
    "frame rate and start timecode",
    "plot segments",
    "names of characters",
    "profiles beyond the name",
    "relationships",
    "interactions",
    "scene headings",
    "environment",
    "mood",
    "ends of scenes",
    "dialogue",
    "who speaks",
    "voice types",
    "action",
    "expression",
    "emotions",
    "sounds",
    "subtext",
    "on-screen text",
    "languages of lines",
    "ends of events",
    "times finer than a second",
    "times finer than a tenth of a second",
    "high points",
    "ids",
    "provenance and confidence",
)
"""What a Script holds, in words."""


@dataclass(frozen=True)
class Format:
    """One format.

    Attributes:
        title: what people choose.
        media_type: its MIME type, with the character set of text.
        suffix: of a file's name, with the dot.
        loses: what a Script holds that the format, as written here, has no place for; of :data:`CONTENT`.
        write: makes the output.
    """

    title: str
    media_type: str
    suffix: str
    loses: tuple[str, ...]
    write: Callable[[Deliverable], str | bytes]
