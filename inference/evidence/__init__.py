"""What is observed of footage, each value with its confidence: heard, seen, cut, and joined over the film.

:func:`observe` is the door: a stretch of film in, typed :class:`Evidence` out. :func:`outline` says of the whole film where its shots and
voices are, what it speaks and where to cut it; :func:`hints_text` tells evidence in words, for the prompt of a language model. No names
and no conclusions are in evidence; those are drawn when all segments are known (:mod:`.joining`).

Rooms: :mod:`.hearing`, :mod:`.seeing`, :mod:`.joining`. Importing this loads nothing else: a name is looked up in its module when it is
first asked for, because the data classes alone are wanted in many more places than the models.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .hints import hints_text
    from .observed import AudioEvidence, Evidence, Outline, VisualEvidence
    from .observing import observe
    from .outlining import outline, outline_by_loudness

__all__ = ["AudioEvidence", "Evidence", "Outline", "VisualEvidence", "hints_text", "observe", "outline", "outline_by_loudness"]

_MODULES = {"hints_text": "hints", "observe": "observing", "outline": "outlining", "outline_by_loudness": "outlining"}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_MODULES.get(name, 'observed')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
