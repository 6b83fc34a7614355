"""Database models. Services write them, selectors read them; nothing else touches them."""

from .catalogue import Asset, Collection, Essence, Rendition
from .jobs import Job, Segment, State, Step
from .scripts import Character, IndexEntry, ScriptRevision

__all__ = ["Asset", "Character", "Collection", "Essence", "IndexEntry", "Job", "Rendition", "ScriptRevision", "Segment", "State", "Step"]
