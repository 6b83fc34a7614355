"""Words that naming needs, read from ``name_words.txt`` beside this file.

Short lists, kept by hand. They decide only how sure a vote is: a name outside :data:`FIRST_NAMES` can still be found, it needs more
evidence.
"""

from __future__ import annotations

import re
from pathlib import Path


def _sections() -> dict[str, frozenset[str]]:
    text = Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")
    parts = re.split(r"^\[([a-z ]+)\]$", text, flags=re.MULTILINE)
    return {name: frozenset(words.split()) for name, words in zip(parts[1::2], parts[2::2], strict=True)}


_SECTIONS = _sections()

KIN = _SECTIONS["kin"]
"""Kinship words used to address somebody: they tell a relationship, never a name."""

ADDRESS = KIN | _SECTIONS["address"]
"""All words that address somebody without naming them: kinship, ranks, endearments, insults."""

RANKS = _SECTIONS["ranks"]
"""Titles that stand before a name: "Commander Reich" is about Reich."""

NOT_NAMES = ADDRESS | _SECTIONS["not names"]
"""Never taken for a name: days, places, peoples, and what opens a sentence, answers, or calls out."""

COMMON = NOT_NAMES | _SECTIONS["common"]
"""Words that tell nothing about what a conversation is about."""

FIRST_NAMES = _SECTIONS["first names"]
"""Usual first names, lower case."""

CHINESE_SURNAMES = _SECTIONS["chinese surnames"]
CHINESE_NOT_NAMES = _SECTIONS["chinese not names"]
"""Words that begin with a character that is also a surname."""
