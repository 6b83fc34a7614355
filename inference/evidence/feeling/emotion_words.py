"""Words that say what their speaker feels, in English and Chinese; a denial before them takes them back.

They are narrower than the words of a scene's mood: "fire" makes a scene tense, but says nothing of who says it.

Contents: :data:`EMOTIONS`, :data:`EMOTION_WORDS`, :func:`words_of`.
"""

from __future__ import annotations

import re

EMOTIONS = ("joy", "anger", "fear", "sadness")
"""The emotions that are told apart, in the order of every array of :mod:`.emotions`."""

EMOTION_WORDS: dict[str, str] = {
    "joy": r"\b(?:ha ?ha\w*|yay|hooray|congratulations|wonderful|fantastic|amazing|awesome|delighted|so happy|i'?m (?:so )?(?:happy|glad)|"
    r"so excited|great news|i love (?:it|this)|so much fun|perfect)\b|高兴|开心|太好了|太棒了|恭喜|哈哈|真棒|幸福|快乐",
    "anger": r"\b(?:shut up|how dare|hate (?:you|him|her|this)|damn|idiot|stupid|liar|you lied|get out|leave me alone|furious|mad at|"
    r"pissed|sick of|your fault|what is wrong with you|bastard|so angry|i'?m angry)\b|"
    r"恨|混蛋|闭嘴|滚开|滚出去|够了|气死|胡说|骗子|无耻|该死",
    "fear": r"\b(?:scared|afraid|terrified|frightened|worried|nervous|oh my god|oh no|help me|please don'?t|don'?t hurt|watch out|"
    r"freak\w* out|panic\w*|we'?re going to die)\b|害怕|救命|可怕|危险|快跑|小心|吓死|吓坏|怎么办",
    "sadness": r"\b(?:crying|tears|miss (?:you|him|her)|lonely|heartbroken|passed away|funeral|gone forever|depressed|so sad|i'?m sad|"
    r"lost (?:him|her|my)|i'?m so sorry|never see (?:you|him|her) again)\b|眼泪|永别|孤独|难过|伤心|痛苦|舍不得|想念",
}
"""Emotion → a pattern of the words that speak for it."""

_DENIED = re.compile(r"(?:(?:\b(?:not|never|no)|n't)\s+(?:\w+\s+)?|[不没别无])$", re.IGNORECASE)
_PATTERNS = {emotion: re.compile(pattern, re.IGNORECASE) for emotion, pattern in EMOTION_WORDS.items()}


def words_of(text: str) -> dict[str, list[str]]:
    """Emotion → the words of the text that speak for it; emotions without a word are absent."""
    plain = text.replace("’", "'")
    found = {
        emotion: [match[0] for match in pattern.finditer(plain) if not _DENIED.search(plain[max(0, match.start() - 24) : match.start()])]
        for emotion, pattern in _PATTERNS.items()
    }
    return {emotion: words for emotion, words in found.items() if words}
