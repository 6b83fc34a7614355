"""The Script document: schema, validation, JSON codec, the authors' JSON, and timing. Pure: standard library and pydantic."""

from .codec import dumps, from_data, loads, to_data
from .errors import Fault, ScriptError, ScriptValidationError, ScriptVersionError, TimingError
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
    "TimingError",
    "VoiceType",
    "check",
    "dumps",
    "from_data",
    "loads",
    "to_data",
    "validate",
]
