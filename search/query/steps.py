"""Cutting a query into what happens one after the other, or at the same time: "A then B within 30 seconds", "the moment after A when B".

Nothing inside quotation marks is cut. Times in seconds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from search.analysis import is_stop_word, raw_words
from search.types import Chip

DEFAULT_GAP_S = 60.0
MAX_GAP_S = 3600.0

_THEN = re.compile(r"\s*(?:->|→|=>|,?\s+(?:and\s+)?then\s+|\s+followed by\s+|，?(?:然后|接着|随后))\s*", re.IGNORECASE)
_WHILE = re.compile(r"\s+while\s+|，?同时", re.IGNORECASE)
_WITHIN = re.compile(
    r"\b(?:within|in less than)\s+(\d{1,5})\s*(s|sec|secs|seconds?|m|min|mins|minutes?)\b"
    r"|(\d{1,5})\s*(秒|分钟)(?:之?内|以内)",
    re.IGNORECASE,
)
_JUST = r"(?:(?:right|just|shortly|immediately|soon|directly)\s+)?"
_ANCHORED = re.compile(
    rf"^\s*(?P<lead>{_JUST}(?P<way>after|before)\s+)(?P<anchor>.+?)(?P<cut>\s*,?\s+(?:when|where)\s+|\s*,\s*)(?P<event>.+)$", re.IGNORECASE
)
_TRAILING = re.compile(
    rf"^(?P<event>.+?)(?P<cut>\s*,?\s+{_JUST}(?P<way>after|before)\s+)(?P<anchor>(?:the|a|an|he|she|they|it|someone|somebody|[A-Z]\w*)\s.+)$"
)
_ANCHORED_CJK = re.compile(r"^(?P<anchor>.+?)(?P<cut>(?:之|以)?(?P<way>后|前)[，,、])(?P<event>.+)$")
_VERBAL = re.compile(r"\w{2,}(?:[^s]s|ed|ing)$")


@dataclass(frozen=True)
class Steps:
    """The clauses of a query in the order of the film (or all at once), and which of them is the moment itself."""

    pieces: list[str]
    is_ordered: bool = False
    focus: int | None = None
    chips: list[Chip] = field(default_factory=list)


def read_gap(text: str) -> tuple[float, str]:
    """The longest gap that the query allows between two steps, and its words; the usual gap and "" where it says none."""
    match = _WITHIN.search(text)
    if match is None:
        return DEFAULT_GAP_S, ""
    number, unit = (match[1], match[2].lower()) if match[1] else (match[3], match[4])
    seconds = float(number) * (60.0 if unit.startswith("m") or unit == "分钟" else 1.0)
    return min(MAX_GAP_S, max(1.0, seconds)), match.group()


def cut_steps(text: str) -> Steps:
    """Cut a text, without its level and its gap, into clauses."""
    for pattern, is_ordered in ((_THEN, True), (_WHILE, False)):
        cuts = [match for match in pattern.finditer(text) if not _in_quotes(text, match.start())]
        if not cuts:
            continue
        bounds = [0, *(edge for match in cuts for edge in match.span()), len(text)]
        pieces = [text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True)]
        if sum(bool(piece.strip()) for piece in pieces) > 1:
            shown = "in this order" if is_ordered else "at the same time"
            return Steps([piece for piece in pieces if piece.strip()], is_ordered, None, [Chip("order", cuts[0].group().strip(), shown)])
    return _anchored(text) or Steps([text])


def _anchored(text: str) -> Steps | None:
    """ "After A when B", "B after A", and the same with "before": B is the moment, A says when."""
    for pattern in (_ANCHORED, _TRAILING, _ANCHORED_CJK):
        match = pattern.match(text)
        if match is None or _in_quotes(text, match.start("cut")) or _in_quotes(text, match.start("anchor")):
            continue
        anchor, event = match["anchor"], match["event"]
        if not (raw_words(anchor) and raw_words(event)) or (pattern is _TRAILING and not _happens(anchor)):
            continue
        is_after = match["way"].lower() in ("after", "后")
        words = match["lead"] if pattern is _ANCHORED else match["cut"]
        chip = Chip("order", words.strip().strip(",，、").strip(), f"{'after' if is_after else 'before'} “{anchor.strip()}”")
        return Steps([anchor, event], True, 1, [chip]) if is_after else Steps([event, anchor], True, 0, [chip])
    return None


def _happens(anchor: str) -> bool:
    """Whether the words tell something that happens ("the door slams") rather than a thing ("the ball", after which somebody runs)."""
    content = [word for word in raw_words(anchor) if not is_stop_word(word)]
    return len(content) > 1 and any(_VERBAL.match(word) for word in content[1:])


def _in_quotes(text: str, place: int) -> bool:
    before = text[:place]
    return before.count('"') % 2 == 1 or before.count("“") > before.count("”")
