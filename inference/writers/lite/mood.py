"""The feeling of a scene, from what can be measured: music, cutting pace, motion, light, loudness, faces, sounds, words,
what its lines feel.

Each mood is a weighted sum of plain signals in 0..1; the best is reported with a confidence that never exceeds what such signals can
carry (the paper's best system reaches F1 of about 55 on mood). Below :data:`FLOOR`, or with two moods equally likely, there is none.
"""

from __future__ import annotations

import re

import numpy as np

from inference.evidence.spans import overlap_s

from .attributes import Finding, SceneEvidence

FLOOR = 0.34
"""Least weighted sum that is a mood. Chosen, like the margin and the weights in :func:`find_mood`."""
MARGIN = 0.04
"""By how much the best mood must beat the second."""
USUAL_FEELING = 0.2
FULL_FEELING = 0.5
"""Summed evidence of a scene's lines for an emotion that says nothing of its mood, and that says all. Chosen."""

WORDS: dict[str, str] = {
    "threat": r"\b(?:kill|killed|die|dead|death|murder\w*|blood|evil|danger\w*|attack|shoot|gun|fire|run|hide|destroy\w*|enemy|demon|trap|"
    r"fear|afraid|warn\w*|watch out|weapon|bomb|fight)\b|杀|死|危险|快跑|救命|小心|害怕",
    "anger": r"\b(?:hate|damn|shut up|idiot|stupid|how dare|liar|lied|enough|get out|never again|leave me|angry|fault|betray\w*)\b"
    r"|恨|混蛋|闭嘴|骗|滚|够了",
    "sad": r"\b(?:cry|crying|tears|miss you|lost|gone forever|goodbye|alone|lonely|mourn|grave|funeral|died|heartbroken|so sorry)\b"
    r"|哭|眼泪|永别|孤独|难过|对不起",
    "joy": r"\b(?:happy|wonderful|great|love|laugh|congratulations|celebrate|hooray|welcome|beautiful|fun|thank you|glad|friend|smile)\b"
    r"|高兴|开心|太好了|喜欢|爱|恭喜|谢谢",
    "calm": r"\b(?:peace|peaceful|quiet|rest|sleep|gently|calm|slowly|breathe)\b|安静|平静|休息|睡",
}
"""Words that speak for a feeling, as patterns (English and Chinese)."""

THREAT_SOUNDS = ("gunshot", "gunfire", "machine gun", "explosion", "scream", "siren", "alarm", "artillery", "fusillade", "shout", "yell",
                 "growl", "roar", "boom")  # fmt: skip
SAD_SOUNDS = ("crying", "sobbing", "whimper", "sad music", "sigh")
JOY_SOUNDS = ("laughter", "giggle", "chuckle", "cheering", "applause", "happy music", "chant")
CALM_SOUNDS = ("bird", "stream", "cricket", "lullaby", "tender music", "waves", "new-age")


def find_mood(scene: SceneEvidence) -> Finding | None:
    """The scene's mood, or ``None`` where nothing speaks clearly for one."""
    if not scene.utterances and not scene.sounds and not scene.has_picture:
        return None
    s = measure(scene)
    scores = {
        "Tense": 0.40 * s["threat"]
        + 0.2 * s["threat_sounds"]
        + 0.15 * s["pace"]
        + 0.1 * s["dark"]
        + 0.1 * s["fear"]
        + 0.1 * s["exclaimed"]
        + 0.3 * s["fear_in_lines"],
        "Angry": 0.55 * s["anger"] + 0.3 * s["angry_faces"] + 0.15 * s["exclaimed"] + 0.4 * s["anger_in_lines"],
        "Sad": 0.45 * s["sad"] + 0.35 * s["sad_faces"] + 0.25 * s["sad_sounds"] + 0.05 * s["slow"] + 0.4 * s["sadness_in_lines"],
        "Joyful": 0.4 * s["joy"] + 0.35 * s["happy_faces"] + 0.3 * s["joy_sounds"] + 0.05 * s["light"] + 0.3 * s["joy_in_lines"],
        "Calm": 0.3 * s["calm"] + 0.3 * s["calm_sounds"] + 0.2 * s["slow"] * s["quiet"] + 0.1 * s["light"],
        "Energetic": 0.35 * s["pace"] + 0.3 * s["motion"] + 0.2 * s["music"] * s["loud"] + 0.1 * s["loud"],
        "Ominous": 0.35 * s["dark"] * s["music"] + 0.3 * s["threat"] * s["dark"] + 0.15 * s["dark"] * s["slow"],
    }
    ranked = sorted(scores, key=lambda mood: (-scores[mood], mood))
    best, second = ranked[0], ranked[1]
    if scores[best] < FLOOR or scores[best] - scores[second] < MARGIN:
        return None
    reasons = sorted((name for name in s if s[name] >= 0.4), key=lambda name: (-s[name], name))
    evidence = ", ".join(f"{name.replace('_', ' ')} {s[name]:.2f}" for name in reasons[:5])
    return Finding(best, round(min(0.65, 0.25 + 0.5 * scores[best]), 2), evidence)


def measure(scene: SceneEvidence) -> dict[str, float]:
    """The signals, each 0..1 (saturating; 0 where there is no evidence)."""
    duration_s = max(1.0, scene.end_s - scene.start_s)
    text = " ".join(u.text for u in scene.utterances)
    num_words = max(8, len(text.split()) + len(re.findall(r"[\u4e00-\u9fff]", text)) // 2)
    words = {name: min(1.0, 12.0 * len(re.findall(pattern, text, re.IGNORECASE)) / num_words) for name, pattern in WORDS.items()}
    cuts_per_minute = 60.0 * scene.num_cuts / duration_s
    level = float(np.mean(scene.loudness_db)) if scene.loudness_db else -60.0
    brightness = scene.mean("brightness")
    motion = min(1.0, scene.mean("motion") * 2.0)
    exclaimed = sum("!" in u.text or "！" in u.text for u in scene.utterances) / max(1, len(scene.utterances))
    return {
        **words,
        "threat_sounds": _sounds(scene, THREAT_SOUNDS),
        "sad_sounds": _sounds(scene, SAD_SOUNDS),
        "joy_sounds": _sounds(scene, JOY_SOUNDS),
        "calm_sounds": _sounds(scene, CALM_SOUNDS),
        "pace": min(1.0, max(0.0, (cuts_per_minute - 8.0) / 22.0)),
        "slow": max(0.0, 1.0 - cuts_per_minute / 10.0) * (1.0 - motion),
        "motion": motion if scene.has_picture else 0.0,
        "dark": min(1.0, max(0.0, (0.4 - brightness) / 0.3)) if scene.has_picture else 0.0,
        "light": min(1.0, max(0.0, (brightness - 0.4) / 0.3)) if scene.has_picture else 0.0,
        "loud": min(1.0, max(0.0, (level + 30.0) / 15.0)),
        "quiet": min(1.0, max(0.0, (-25.0 - level) / 15.0)),
        "music": scene.music_share,
        "exclaimed": exclaimed,
        "fear": scene.expressions.get("fear", 0.0),
        "angry_faces": scene.expressions.get("anger", 0.0),
        "sad_faces": scene.expressions.get("sadness", 0.0),
        "happy_faces": scene.expressions.get("happiness", 0.0),
        **{
            f"{emotion}_in_lines": min(1.0, max(0.0, scene.emotions.get(emotion, 0.0) - USUAL_FEELING) / (FULL_FEELING - USUAL_FEELING))
            for emotion in ("joy", "anger", "fear", "sadness")
        },
    }


def _sounds(scene: SceneEvidence, needles: tuple[str, ...]) -> float:
    """Share of the scene, boosted, in which one of these sounds is heard."""
    duration_s = max(1.0, scene.end_s - scene.start_s)
    heard_s = sum(
        sound.score * overlap_s(sound, scene) for sound in scene.sounds if any(needle in sound.label.casefold() for needle in needles)
    )
    return min(1.0, 5.0 * heard_s / duration_s)
