"""The JSON that the authors of the paper publish; :mod:`omniscript_mam.script.official` reads and makes it."""

from __future__ import annotations

import json

from omniscript_mam.script.official import LOSES as LOSES_AS_DOCUMENT
from omniscript_mam.script.official import to_official

from .deliverable import Deliverable
from .formats import CONTENT, Format

_FINER = {
    "ends of events and scenes": ("ends of events", "ends of scenes"),
    "languages": ("languages", "languages of lines"),
    "times finer than a second": ("times finer than a second", "times finer than a tenth of a second"),
}
"""Words of the codec → ours, where ours are finer."""

_LOST = {finer for word in LOSES_AS_DOCUMENT for finer in _FINER.get(word, (word,))}
LOSES = tuple(word for word in CONTENT if word in _LOST)


def write(deliverable: Deliverable) -> str:
    """Their document, indented by two."""
    return json.dumps(to_official(deliverable.wanted()), ensure_ascii=False, indent=2)


FORMAT = Format("The authors' JSON", "application/json", ".official.json", LOSES, write)
