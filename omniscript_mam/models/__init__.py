"""Database models. Services write them, selectors read them; nothing else touches them."""

from .catalogue import Asset, Collection, Essence, Rendition
from .jobs import Job, PlanSummary, Segment, State, Step
from .links import Link
from .scripts import IndexEntry, ScriptRevision
from .searches import SavedMoment, SavedSearch
from .sidecars import Sidecar

__all__ = [
    "Asset",
    "Collection",
    "Essence",
    "IndexEntry",
    "Job",
    "Link",
    "PlanSummary",
    "Rendition",
    "SavedMoment",
    "SavedSearch",
    "ScriptRevision",
    "Segment",
    "Sidecar",
    "State",
    "Step",
]
