"""A script on its way out: one module per format, pure functions, each saying what its format loses.

Only the Script document is known here: no database, no files, no requests. What is handed over is a :class:`.Deliverable`; what comes out
is text or bytes, to be sent or written by whoever asked.

    deliverable   what is exported: a script with its clock, its title, its source, and which stretches
    formats       what a format declares, and the words for what one can lose
    screenplay    slug lines and voices as screenplays write them, shared by several formats and by the page
    clock         times as people read them, and SMPTE labels of one film

To add a format: a module with a ``FORMAT`` (see :mod:`.webvtt`), and its line in :data:`FORMATS`.
"""

from __future__ import annotations

from importlib import import_module

from .deliverable import Deliverable
from .errors import ExportError, UnknownFormatError
from .formats import Format

__all__ = ["FORMATS", "Deliverable", "ExportError", "Format", "UnknownFormatError", "export", "format_named"]

FORMATS = {
    "json": "script_json",
    "official": "official_json",
    "text": "readable_text",
    "vtt": "webvtt",
}
"""Name of each format, as a person asks for it → the module of this package that writes it, loaded when it is first used."""


def format_named(name: str) -> Format:
    """The format of that name.

    Raises:
        UnknownFormatError: there is none.
    """
    if name not in FORMATS:
        raise UnknownFormatError(f"“{name}” is not a format of a script.", remedy=f"Use {' or '.join(FORMATS)}.")
    declared: Format = import_module(f"{__name__}.{FORMATS[name]}").FORMAT
    return declared


def export(name: str, deliverable: Deliverable) -> str | bytes:
    """A deliverable in the format of that name: text for text formats, bytes for the others.

    Raises:
        UnknownFormatError: there is no such format.
    """
    return format_named(name).write(deliverable)
