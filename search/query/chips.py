"""Changing one understood part of a query: taken out, read as plain words, demanded ("only"), left out ("without").

The query is text and stays text, so that what a click does can be seen, shared and undone in the address.
"""

from __future__ import annotations

import re

from search.query.typed import clean
from search.types import Chip

_ONLY = re.compile(r"(?:\b(?:only|exclusively)|只有?|仅)\s*$", re.IGNORECASE)
_EXCLUDING = re.compile(r"(?:\b(?:not|without|except|excluding|minus)|没有|不要|除了|-)\s*$", re.IGNORECASE)

CUES = frozenset({"character", "time", "mood", "location", "type", "title", "field", "interaction", "relation"})
"""Kinds of chips that are readings, which may be wrong."""

DEMANDED = frozenset({"character", "time", "mood", "location", "type", "interaction"})
"""Kinds of which "only" can be said."""


def remove_chip(text: str, chip: Chip) -> str:
    """The query without the words of one chip."""
    parts = _around(text, chip)
    return _joined(*parts, "") if parts else clean(text)[0]


def changes_of(text: str, chip: Chip) -> dict[str, str]:
    """What else a chip can be: ``words`` (plain words, whatever they seem to mean), ``only``, ``without``, ``with`` → the changed query."""
    parts = _around(text, chip)
    if parts is None or chip.kind in ("order", "level", "like") or "\n" in chip.words:
        return {}
    before, after = parts
    is_field = re.match(r"-?\w+:", chip.words) is not None
    plain = f'words:"{chip.words}"' if " " in chip.words else f"words:{chip.words}"
    changes: dict[str, str] = {}
    if chip.kind in CUES and not is_field and '"' not in chip.words:
        changes["words"] = _joined(before, after, plain)
    if chip.excludes:
        changes["with"] = _joined(before, after, chip.words.removeprefix("-"))
        return changes
    if chip.kind in DEMANDED and not is_field and not chip.value.startswith("only "):
        changes["only"] = _joined(before, after, f"only {chip.words}")
    if chip.kind not in ("relation", "field"):
        changes["without"] = _joined(before, after, f"-{chip.words}" if is_field else f"without {chip.words}")
    return changes


def _around(text: str, chip: Chip) -> tuple[str, str] | None:
    """The query before and after a chip's words, without the "only" or "without" that speaks of them; ``None`` if they are not there.

    Words that stand by themselves anywhere are taken there rather than within others.
    """
    text = clean(text)[0]  # a chip's words are of the text as it was understood
    if not chip.words:
        return None
    alone = re.search(rf"(?<!\w){re.escape(chip.words)}(?!\w)", text)
    at = alone.start() if alone else text.find(chip.words)
    if at < 0:
        return None
    before, after = text[:at], text[at + len(chip.words) :]
    if chip.value.startswith("only "):
        before = _ONLY.sub("", before)
    return (_EXCLUDING.sub("", before) if chip.excludes else before), after


def _joined(before: str, after: str, middle: str) -> str:
    is_spaced = middle or " " in before + after or (before + after).isascii()
    parts = [part for part in (before.strip(), middle, after.strip()) if part]
    return re.sub(r"\s+", " ", (" " if is_spaced else "").join(parts)).strip()
