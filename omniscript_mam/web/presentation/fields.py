"""What people call the fields of a script: one table for tags, chips, facets and tooltips. Which fields there are is the schema's."""

from __future__ import annotations

FIELD_WORDS = {
    "dialogue": "line",
    "audio_cue": "sound",
    "on_screen_text": "text on screen",
    "character_id": "who",
    "voice_type": "voice",
    "time": "time of day",
    "type": "interior or exterior",
}
"""Fields that people call otherwise than the schema does."""

TAG_WORDS = {**FIELD_WORDS, "type": "INT./EXT."}
"""The same where there is room for a word or two."""


def field_words(field: str) -> str:
    """A field as people call it, in lower case."""
    return FIELD_WORDS.get(field, field.replace("_", " "))


def tag_words(field: str) -> str:
    """The same for a tag or a chip."""
    return TAG_WORDS.get(field, field.replace("_", " "))
