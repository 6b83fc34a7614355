"""Ways of writing a script. :func:`writer` gives one by name and imports it only then."""

from __future__ import annotations

from importlib import import_module

from inference.errors import MissingProgramError, WriterError

from .base import Film, Plan, PlannedSegment, Report, Writer, no_report

WRITERS: dict[str, tuple[str, str]] = {"lite": ("inference.writers.lite.writer", "LiteWriter")}
"""Name → module and class."""


def writer(name: str) -> Writer:
    """The writer of this name.

    Raises:
        WriterError: no writer is called so.
        MissingProgramError: it needs a Python package that is not installed.
    """
    if name not in WRITERS:
        raise WriterError(f"There is no writer called {name!r}.", remedy=f"Choose one of: {', '.join(sorted(WRITERS))}.")
    module, attribute = WRITERS[name]
    try:
        made: Writer = getattr(import_module(module), attribute)()
    except ModuleNotFoundError as error:
        raise MissingProgramError(
            f"The writer {name!r} needs the Python package {error.name!r}, which is not installed.",
            remedy=f"Install the extra: pip install 'omniscript-mam[{name}]'.",
        ) from error
    return made


__all__ = ["WRITERS", "Film", "Plan", "PlannedSegment", "Report", "Writer", "no_report", "writer"]
