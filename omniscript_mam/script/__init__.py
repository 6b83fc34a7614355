"""The Script document: schema, validation, JSON codec, the authors' JSON, and timing. Pure: standard library and pydantic."""

from .codec import dumps, from_data, loads, to_data
from .errors import Fault, ScriptError, ScriptValidationError, ScriptVersionError, TimingError
from .official import from_official, to_official, unread_keys
from .schema import (
    ENVIRONMENT_ID,
    EVENT_FIELDS,
    SCHEMA_VERSION,
    Character,
    Event,
    HighPoint,
    Meta,
    PlotSegment,
    Provenance,
    Reasoning,
    Relationship,
    Scene,
    SceneType,
    Script,
    TimeRange,
    VoiceType,
)
from .timing import Timecode, format_timestamp, frame_at, frame_start, parse_frame_rate, parse_timestamp
from .validation import check, validate

__all__ = [
    "ENVIRONMENT_ID",
    "EVENT_FIELDS",
    "SCHEMA_VERSION",
    "Character",
    "Event",
    "Fault",
    "HighPoint",
    "Meta",
    "PlotSegment",
    "Provenance",
    "Reasoning",
    "Relationship",
    "Scene",
    "SceneType",
    "Script",
    "ScriptError",
    "ScriptValidationError",
    "ScriptVersionError",
    "TimeRange",
    "Timecode",
    "TimingError",
    "VoiceType",
    "check",
    "dumps",
    "format_timestamp",
    "frame_at",
    "frame_start",
    "from_data",
    "from_official",
    "loads",
    "parse_frame_rate",
    "parse_timestamp",
    "to_data",
    "to_official",
    "unread_keys",
    "validate",
]
