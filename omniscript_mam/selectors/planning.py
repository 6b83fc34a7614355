"""What the planner noted beside the script: how each stretch goes on, how surely people were recognised, and when names came up."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from inference.errors import WriterError
from inference.profiles import ProfileBook, read_book
from omniscript_mam.models import State
from omniscript_mam.viewer import Viewer

from .visible import visible_plans


@dataclass(frozen=True)
class Continuity:
    """How a stretch of film goes on from what came before it; times in seconds of the film."""

    start_s: float
    end_s: float
    note: str


@dataclass(frozen=True)
class Recognition:
    """How a person was recognised from stretch to stretch.

    ``confidence`` is the least sure one (``None``: nobody said). ``before`` is what the person was called until ``named_s``.
    """

    character_id: str
    confidence: float | None
    reason: str
    before: str = ""
    named_s: float | None = None


@dataclass(frozen=True)
class PlannerNotes:
    """All notes on one film; empty where the writer plans without people."""

    continuity: tuple[Continuity, ...] = ()
    people: tuple[Recognition, ...] = ()


def planner_notes(viewer: Viewer, asset_id: uuid.UUID | str) -> PlannerNotes:
    """The notes of the plan that the asset's script was last written by."""
    made = visible_plans(viewer).filter(job__asset_id=asset_id, job__steps__name="plan", job__steps__state=State.DONE)
    profiles = made.order_by("-job__created_at").values_list("profiles", flat=True).first()
    if not profiles:
        return PlannerNotes()
    try:
        book = read_book(profiles)
    except WriterError:  # a book of another release: the script itself says what matters
        return PlannerNotes()
    return PlannerNotes(
        tuple(Continuity(each.start_s, each.end_s, each.note) for each in book.continuity if each.note),
        tuple(_recognition(book, profile.id) for profile in book.profiles),
    )


def _recognition(book: ProfileBook, identifier: str) -> Recognition:
    sightings = book.get(identifier).sightings
    sure = [seen.confidence for seen in sightings if seen.confidence is not None]
    reasons = "; ".join(dict.fromkeys(seen.reason for seen in sightings if seen.reason))
    update = next((each for each in reversed(book.updates) if book.resolve(each.profile_id) == identifier), None)
    return Recognition(identifier, min(sure, default=None), reasons, update.old_name if update else "", update.time_s if update else None)
