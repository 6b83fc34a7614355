"""Our own JSON: the Script document itself, without loss. What :func:`omniscript_mam.script.loads` reads back is equal."""

from __future__ import annotations

from omniscript_mam.script import dumps

from .deliverable import Deliverable
from .formats import Format

LOSES = ()


def write(deliverable: Deliverable) -> str:
    """The document, indented by two."""
    return dumps(deliverable.wanted(), indent=2)


FORMAT = Format("OmniScript JSON", "application/json", ".json", LOSES, write)
