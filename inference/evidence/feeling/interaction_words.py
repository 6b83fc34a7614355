"""What people say when they argue, comfort, thank …, from ``interaction_words.txt``: patterns, and example lines for the sentence model.

Contents: :data:`PATTERNS`, :data:`EXAMPLES`, :func:`said`.
"""

from __future__ import annotations

import re
from pathlib import Path

MAX_CHARS = 2000
"""A line is read so far."""


def _read(path: Path) -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    """(kind → pattern, kind → examples) of the file; its head says how it is written."""
    listed: dict[str, list[str]] = {}
    kind = ""
    for row in path.read_text("utf-8").splitlines():
        if re.fullmatch(r"\[\w+\]", row):
            kind = row[1:-1]
            listed[kind] = []
        elif row and not row.startswith("#"):
            listed[kind].append(row)
    patterns = {kind: "|".join(row for row in rows if not row.startswith("= ")) for kind, rows in listed.items()}
    examples = {kind: tuple(row[2:] for row in rows if row.startswith("= ")) for kind, rows in listed.items()}
    return patterns, {kind: lines for kind, lines in examples.items() if lines}


PATTERNS, EXAMPLES = _read(Path(__file__).with_suffix(".txt"))
"""Kind → what is said; kind → lines that are near it in meaning (kinds that have none are told by their words)."""
_COMPILED = {kind: re.compile(pattern, re.IGNORECASE) for kind, pattern in PATTERNS.items()}


def said(text: str) -> dict[str, str]:
    """Kind → the words of the line that speak for it."""
    plain = text[:MAX_CHARS].replace("’", "'").strip()
    return {kind: match[0].strip(" ,.!?") or "?" for kind, pattern in _COMPILED.items() if (match := pattern.search(plain))}
