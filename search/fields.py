"""The fields of a record as they are searched: which are its own, which it inherits, which facets are stored, and their tokens.

Every store and the scoring of candidates read a record through this module, so that what one finds the other sees.
"""

from __future__ import annotations

from collections.abc import Sequence

from search.analysis import tokens
from search.types import Record

OWN_FIELDS = ("dialogue", "action", "expression", "audio_cue", "subtext", "on_screen_text", "character")
"""What the moment itself holds. Searched together, at full weight."""

CONTEXT_FIELDS = ("location", "environment", "mood", "time", "type", "title", "plot")
"""What it inherits from its scene and asset. Searched together, at :data:`CONTEXT_WEIGHT`."""

CONTEXT_WEIGHT = 0.4

BAGS = {"own": (OWN_FIELDS, 1.0), "context": (CONTEXT_FIELDS, CONTEXT_WEIGHT)}
"""Bag of tokens → its fields and its weight; a word without a field is looked for in both."""

STORED_FACETS = (
    "character", "time", "type", "location", "mood", "language", "kind", "asset",
    "near_character", "scene_character", "about_character", "alias", "title", "interaction", "interaction_of",
)  # fmt: skip
"""Facets of a record that can be filtered and counted."""

BREAK = "¶"
"""Token between two lines or fields: no phrase reaches over it."""


def field_tokens(record: Record, fields: Sequence[str]) -> list[str]:
    """Tokens of some fields of a record.

    Args:
        record: the record.
        fields: names of :data:`search.types.TEXT_FIELDS`; those that the record lacks are passed over.

    Returns:
        The tokens in reading order, with :data:`BREAK` between lines and between fields.
    """
    joined: list[str] = []
    for name in fields:
        for line in record.text.get(name, "").split("\n"):
            if line:
                joined += [*tokens(line), BREAK]
    return joined[:-1]
