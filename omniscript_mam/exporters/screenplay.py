"""What screenplays have customs for: slug lines, and how a line reaches us."""

from __future__ import annotations

from omniscript_mam.script import Scene, SceneType, VoiceType

TYPE_WORDS = {SceneType.INTERIOR: "INT.", SceneType.EXTERIOR: "EXT.", SceneType.BOTH: "INT./EXT."}
VOICE_WORDS = {VoiceType.VOICE_OVER: "V.O.", VoiceType.OFF_SCREEN: "O.S."}
"""A line that is seen spoken is not marked."""


def slug_line(scene: Scene, *, dash: str = " – ") -> str:
    """A scene's heading as screenplays write it: ``INT. KITCHEN – NIGHT``; only what is known, "" where that is nothing.

    Args:
        dash: between place and time; formats that prescribe a hyphen say so.
    """
    place = " ".join(part for part in (TYPE_WORDS.get(scene.type, "") if scene.type else "", scene.location.upper()) if part)
    return dash.join(part for part in (place, scene.time.upper()) if part)
