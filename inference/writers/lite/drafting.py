"""Small parts of every event: provenance, and an event clipped to its scene.

Contents: :func:`stamp`, :func:`draft_event`, :func:`belongs`.
"""

from __future__ import annotations

from inference.evidence.spans import Span
from omniscript_mam.script import Event, Provenance

WRITER = "lite"


def stamp(version: str, confidence: float | None = None, evidence: str = "") -> Provenance:
    """Provenance of a value this writer wrote."""
    rounded = None if confidence is None else round(min(1.0, max(0.0, confidence)), 2)
    return Provenance(writer=WRITER, version=version, confidence=rounded, evidence=evidence[:500])


def draft_event(span: Span, start_s: float, end_s: float, **fields: object) -> Event:
    """An event within its scene; ids are given when all are known."""
    start_s = min(max(start_s, span[0]), span[1])
    end_s = min(max(end_s, start_s), span[1])
    return Event.model_validate({"id": "event", "start_s": round(start_s, 3), "end_s": round(end_s, 3), **fields})


def belongs(start_s: float, end_s: float, whole: Span) -> bool:
    """Whether the part of a sound or text in a scene is worth an event there: most of it, or a while of it."""
    return end_s - start_s >= 1.5 or end_s - start_s >= 0.5 * (whole[1] - whole[0])
