"""Words that models write for ours: keys of other dialects, enumerations, and nothing.

Contents: :data:`KEYS`, :func:`canonical`, :data:`SCENE_TYPES`, :data:`VOICE_TYPES`, :data:`NOTHING`.
"""

from __future__ import annotations

import re

from .schema import (
    CharacterAnswer,
    EventAnswer,
    HighPointAnswer,
    NameUpdateAnswer,
    PlanAnswer,
    ReasoningAnswer,
    RelationAnswer,
    SameAsAnswer,
    SceneAnswer,
    ScriptAnswer,
    SegmentAnswer,
)

ALIASES = {
    "script": "scenes", "highpoints": "high_points",
    "timestamp": "start", "start_time": "start", "time_start": "start", "begin": "start",
    "end_time": "end", "time_end": "end",
    "speaker": "character", "audio": "audio_cue", "sound": "audio_cue", "emotion": "expression", "voice": "voice_type",
    "int_ext": "type", "time_of_day": "time",
}  # fmt: skip
"""Keys of the authors' release and of models that have their own mind; used only where the object has no field of that name."""

DIALECT = frozenset({"meta", "title", "duration", "scene_id", "time_range"})
"""Further keys of the authors' release: known, but fields of ours only in part."""

_MODELS = (
    ScriptAnswer, SceneAnswer, EventAnswer, HighPointAnswer, ReasoningAnswer,
    PlanAnswer, CharacterAnswer, NameUpdateAnswer, SameAsAnswer, RelationAnswer, SegmentAnswer,
)  # fmt: skip
KEYS = frozenset(ALIASES) | DIALECT | {name for model in _MODELS for name in model.model_fields}
"""Every key that an answer may have."""

SCENE_TYPES = {
    **dict.fromkeys(("interior", "int", "inside", "indoor", "indoors", "室内", "内景", "内"), "Interior"),
    **dict.fromkeys(("exterior", "ext", "outside", "outdoor", "outdoors", "室外", "外景", "外"), "Exterior"),
    **dict.fromkeys(("interior/exterior", "exterior/interior", "int/ext", "ext/int", "i/e", "both", "内外景"), "Interior/Exterior"),
}
VOICE_TYPES = {
    **dict.fromkeys(("onscreen", "on", "os/onscreen"), "OnScreen"),
    **dict.fromkeys(("vo", "voiceover", "narration", "narrator", "旁白", "画外音"), "VO"),
    **dict.fromkeys(("os", "offscreen", "off"), "OS"),
}
NOTHING = frozenset({"null", "n/a"})


def canonical(key: str) -> str:
    """A key in our spelling: ``audioCue``, ``Audio Cue`` and ``audio-cue`` are ``audio_cue``."""
    if key in KEYS:
        return key
    return re.sub(r"\W+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key.strip()[:60])).casefold().strip("_")


def scene_type(text: str) -> str:
    """The scene type that a spelling means; "" for none."""
    return SCENE_TYPES.get(re.sub(r"\s*[/&|,-]\s*|\s+(?:and|to)\s+", "/", re.sub(r"\.", "", text.strip().casefold())), "")


def voice_type(text: str) -> str:
    """The voice type that a spelling means; "" for none."""
    return VOICE_TYPES.get(re.sub(r"[\s._-]+|\(|\)", "", text.strip().casefold()), "")
