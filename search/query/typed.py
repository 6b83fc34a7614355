"""A query being read: its words, where they stand, and which have been understood already."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from search.analysis import WORD, is_ideographic, raw_words

MAX_CHARS = 1000
MAX_WORDS = 60
LEAD_INS = frozenset("at in on by during near inside within the a an some this that is was and with of".split())
"""Little words before a cue that go with it: "in the", "at"."""


@dataclass
class QueryWord:
    """A word of the query; ``folded`` is what is compared.

    ``claimed`` once something has been made of it; ``is_plain`` where it is of a phrase that is no time, mood or kind ("good night").
    """

    folded: str
    start: int
    end: int
    claimed: bool = False
    excludes: bool = False
    only: bool = False
    is_plain: bool = False

    @property
    def is_ideographic(self) -> bool:
        """True for a run of Chinese, Japanese or Korean characters."""
        return is_ideographic(self.folded)


class TypedWords:
    """The words of one clause. ``text`` is as typed, so that what is understood can be shown in the person's own words."""

    def __init__(self, text: str) -> None:
        """Find the words of a clause as typed."""
        self.text = text
        self.words = [QueryWord(_folded(match.group()), match.start(), match.end()) for match in WORD.finditer(text)]

    def original(self, start: int, end: int) -> str:
        """The typed text of words ``start`` to ``end`` (excluded)."""
        return self.text[self.words[start].start : self.words[end - 1].end]

    def is_capitalised(self, place: int) -> bool:
        """Whether the word at a place was typed with a capital."""
        return self.text[self.words[place].start].isupper()

    def runs(self, max_size: int, *, plain: bool = False) -> Iterator[tuple[int, int, str]]:
        """Unclaimed runs of words (start, end, folded and joined), longest first, left to right; with ``plain``, of such words too."""
        for size in range(min(max_size, len(self.words)), 0, -1):
            for start in range(len(self.words) - size + 1):
                run = self.words[start : start + size]
                if not any(word.claimed or (word.is_plain and not plain) for word in run):
                    yield start, start + size, " ".join(word.folded for word in run)

    def claim(self, start: int, end: int) -> None:
        """Mark words ``start`` to ``end`` (excluded) as understood."""
        for word in self.words[start:end]:
            word.claimed = True

    def claim_span(self, start: int, end: int) -> None:
        """Claim the words within a range of characters."""
        for word in self.words:
            if word.start < end and word.end > start:
                word.claimed = True

    def split_ideographic(self, terms: list[str]) -> None:
        """Cut ideographic runs at the first known term each of them holds (longest first), until terms stand as words."""
        cut: list[QueryWord] = []
        pending = list(reversed(self.words))
        while pending:
            word = pending.pop()
            term = next((term for term in terms if term in word.folded), None) if word.is_ideographic and not word.claimed else None
            if term is None or term == word.folded:
                cut.append(word)
                continue
            at = word.folded.index(term)
            bounds = [(0, at), (at, at + len(term)), (at + len(term), len(word.folded))]
            parts = [QueryWord(word.folded[a:b], word.start + a, word.start + b, excludes=word.excludes) for a, b in bounds if a < b]
            pending += reversed(parts)
        self.words = cut

    def with_lead_in(self, start: int) -> int:
        """The first word of the little words before a run."""
        while start > 0 and not self.words[start - 1].claimed and self.words[start - 1].folded in LEAD_INS:
            between = self.text[self.words[start - 1].end : self.words[start].start]
            if between.strip():
                break
            start -= 1
        return start


def _folded(word: str) -> str:
    folded = " ".join(raw_words(word))
    # a run that is cut at terms must keep its length; one with invisible signs does not when folded
    return word if is_ideographic(word) and len(folded) != len(word) else folded


def clean(text: str) -> tuple[str, list[str]]:
    """The query normalised (NFKC), without control characters and within limits; notices say what was cut."""
    notices = []
    text = unicodedata.normalize("NFKC", text[: 20 * MAX_CHARS])
    text = "".join(" " if unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn", "Zl", "Zp") else char for char in text)
    text = re.sub(r"\s+", " ", text).strip()
    if len(text) > MAX_CHARS:
        text = text[:MAX_CHARS].rsplit(" ", 1)[0]
        notices.append(f"The query is long: only its first {len(text)} characters were used.")
    places = [match.end() for match in WORD.finditer(text)]
    if len(places) > MAX_WORDS:
        text = text[: places[MAX_WORDS - 1]]
        notices.append(f"The query has many words: only the first {MAX_WORDS} were used.")
    return text, notices
