"""Footage in, Script out. The façade: :func:`write_script` for the whole, the steps for callers that keep their own checkpoints, and
:func:`observe` for those who want to know what small models hear and see in a stretch of film.

Importing this loads nothing else: a name is looked up in its module when it is first asked for, because every command and every child
process that decodes media passes through here. Writers load their models when they are asked to work.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inference.evidence import Evidence, observe
    from inference.pipeline import (
        DraftNote,
        check_plan,
        draft_note,
        input_hash,
        make_plan,
        merge,
        open_film,
        survey,
        write_script,
        write_segment,
        write_segments,
    )
    from inference.writers import Film, Plan, PlannedSegment, Writer, writer

__all__ = [
    "DraftNote",
    "Evidence",
    "Film",
    "Plan",
    "PlannedSegment",
    "Writer",
    "check_plan",
    "draft_note",
    "input_hash",
    "make_plan",
    "merge",
    "observe",
    "open_film",
    "survey",
    "write_script",
    "write_segment",
    "write_segments",
    "writer",
]

_MODULES = {
    **dict.fromkeys(("Film", "Plan", "PlannedSegment", "Writer", "writer"), "writers"),
    **dict.fromkeys(("Evidence", "observe"), "evidence"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_MODULES.get(name, 'pipeline')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
