"""Models that go in circles: exact cycles at the end of what was written so far.

Penalties change the words and not the loop, so a loop is found and the model is stopped (:mod:`.resuming` goes on from there). A cycle
is at least :data:`COPIES` whole copies of one period, running up to the very end, and long enough that no honest text has it.

Contents: :func:`token_period`, :func:`text_period`, :func:`without_cycle`.
"""

from __future__ import annotations

from collections.abc import Sequence

COPIES = 3
"""Whole copies from which it is a cycle. Chosen, like the bounds below."""
MAX_PERIOD_TOKENS = 128
"""Longest period that is looked for."""
MIN_CYCLE_TOKENS = 48
"""All copies together: shorter ones ("no, no, no") are honest text."""
EVERY_TOKENS = 16
"""How often to look, in tokens."""

MAX_PERIOD_CHARS = 600
MIN_CYCLE_CHARS = 120
"""The same two bounds for text, in characters."""


def token_period(tokens: Sequence[int]) -> int:
    """Length of the cycle that the tokens end in, in tokens; 0 for none."""
    return _period(tokens, MAX_PERIOD_TOKENS, MIN_CYCLE_TOKENS)


def text_period(text: str) -> int:
    """Length of the cycle that the text ends in, in characters; 0 for none."""
    return _period(text, MAX_PERIOD_CHARS, MIN_CYCLE_CHARS)


def without_cycle(text: str) -> str:
    """The text with one copy of the cycle that it ends in; the same text where there is none."""
    period = text_period(text)
    if not period:
        return text
    end = len(text)
    while end >= 2 * period and text[end - period : end] == text[end - 2 * period : end - period]:
        end -= period
    return text[:end].rstrip()


def _period(items: Sequence[object], longest: int, at_least: int) -> int:
    size = len(items)
    for period in range(1, min(longest, size // COPIES) + 1):
        if items[-1] != items[-1 - period]:
            continue
        needed = max(COPIES * period, at_least)
        if needed <= size and items[size - needed + period :] == items[size - needed : size - period]:
            return period
    return 0
