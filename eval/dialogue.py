"""Dialogue: are the spoken lines right, in time, by the right speaker, and did nobody invent any?

A transcript is a list of :class:`SpokenLine` (start, end, speaker, text; seconds). All measures keep counts, so that films add up:
ratios are derived, and a corpus is the sum of its films (:meth:`DialogueScore.__add__`).

Conventions
    * Words are compared after NFKC, case folding and removal of punctuation; an ideograph counts as one word.
    * Word errors are the substitutions, deletions and insertions of the minimal alignment of all words of the film, in time order;
      the rate divides by the reference words (it can exceed 1).
    * A reference line *starts in time* if the estimated line that holds most of its aligned words starts within ``window_s``.
      A line none of whose words was recognised counts as not in time.
    * An estimated line is *invented* if none of its words is aligned with an equal reference word.
    * Speaker purity: each estimated line belongs to the reference speaker with whom it overlaps longest; purity is the share of
      lines that belong to their cluster's most frequent speaker. Coverage is the same with the roles swapped: one cluster a line
      would be pure, but would not cover.

The paper has none of these measures. Against common scorers of recognisers:

    up    the error rate: numerals, contractions and spellings ("3" and "three", "colour" and "color") are not made equal first;
    down  the error rate: punctuation and case are no errors; for Chinese and Japanese it is a rate of characters, not of words;
    down  lines in time: a line of which no word was recognised counts as late, where others leave it out.

Contents: :class:`DialogueScore`, :func:`validate`, :func:`words`, :func:`evaluate`.
"""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields

from rapidfuzz.distance import Levenshtein

from .errors import UnitsError


@dataclass(frozen=True)
class SpokenLine:
    """One line of dialogue. ``speaker`` is any label that is equal for equal speakers; "" if unknown."""

    start_s: float
    end_s: float
    speaker: str
    text: str


@dataclass(frozen=True)
class DialogueScore:
    """Counts of one film or corpus. Ratios are in [0, 1] but for ``word_error_rate``, and ``nan`` where nothing was counted."""

    num_ref_words: int = 0
    num_word_errors: int = 0
    num_ref_lines: int = 0
    num_in_time: int = 0
    num_est_lines: int = 0
    num_invented: int = 0
    num_attributed: int = 0
    num_pure: int = 0
    num_covered: int = 0

    def __add__(self, other: DialogueScore) -> DialogueScore:
        return DialogueScore(*(getattr(self, f.name) + getattr(other, f.name) for f in fields(self)))

    @property
    def word_error_rate(self) -> float:
        return _ratio(self.num_word_errors, self.num_ref_words)

    @property
    def in_time(self) -> float:
        return _ratio(self.num_in_time, self.num_ref_lines)

    @property
    def purity(self) -> float:
        return _ratio(self.num_pure, self.num_attributed)

    @property
    def coverage(self) -> float:
        return _ratio(self.num_covered, self.num_attributed)


def validate(lines: Sequence[SpokenLine]) -> None:
    """Check that every line ends no earlier than it starts.

    Raises:
        UnitsError: naming the first line that does not.
    """
    for i, line in enumerate(lines):
        if not line.start_s <= line.end_s:
            raise UnitsError(f"Line {i} ends at {line.end_s} s, before its start at {line.start_s} s.")


def words(text: str) -> list[str]:
    """The comparable words of a text."""
    result: list[str] = []
    current = ""
    for char in unicodedata.normalize("NFKC", text).casefold():
        if _is_ideograph(char):
            result += [current, char] if current else [char]
            current = ""
        elif char.isalnum():
            current += char
        elif char not in "'’":
            result += [current] if current else []
            current = ""
    return result + ([current] if current else [])


def evaluate(reference: Sequence[SpokenLine], estimate: Sequence[SpokenLine], *, window_s: float = 0.5) -> DialogueScore:
    """Score an estimated transcript against a reference.

    Args:
        window_s: how far the start of a line may be off, in seconds (inclusive).

    Raises:
        UnitsError: see :func:`validate`.
    """
    validate(reference)
    validate(estimate)
    ref_lines = sorted(reference, key=lambda line: (line.start_s, line.end_s))
    est_lines = sorted(estimate, key=lambda line: (line.start_s, line.end_s))
    ref_words = [(word, i) for i, line in enumerate(ref_lines) for word in words(line.text)]
    est_words = [(word, j) for j, line in enumerate(est_lines) for word in words(line.text)]
    blocks = Levenshtein.opcodes([w for w, _ in ref_words], [w for w, _ in est_words])
    num_errors = sum(max(b.src_end - b.src_start, b.dest_end - b.dest_start) for b in blocks if b.tag != "equal")
    equal: Counter[tuple[int, int]] = Counter()
    for block in blocks:
        if block.tag == "equal":
            for offset in range(block.src_end - block.src_start):
                equal[ref_words[block.src_start + offset][1], est_words[block.dest_start + offset][1]] += 1
    num_attributed, num_pure, num_covered = _speakers(ref_lines, est_lines)
    return DialogueScore(
        num_ref_words=len(ref_words),
        num_word_errors=num_errors,
        num_ref_lines=len(ref_lines),
        num_in_time=_num_in_time(ref_lines, est_lines, equal, window_s),
        num_est_lines=len(est_lines),
        num_invented=len(est_lines) - len({j for _, j in equal}),
        num_attributed=num_attributed,
        num_pure=num_pure,
        num_covered=num_covered,
    )


def _num_in_time(ref: Sequence[SpokenLine], est: Sequence[SpokenLine], equal: Counter[tuple[int, int]], window_s: float) -> int:
    best: dict[int, tuple[int, int]] = {}
    for (i, j), count in equal.items():
        best[i] = max(best.get(i, (0, 0)), (count, -j))
    return sum(abs(est[-j].start_s - ref[i].start_s) <= window_s for i, (_, j) in best.items())


def _speakers(ref: Sequence[SpokenLine], est: Sequence[SpokenLine]) -> tuple[int, int, int]:
    table: Counter[tuple[str, str]] = Counter()
    for line in est:
        overlaps_s: dict[str, float] = defaultdict(float)
        for other in ref:
            shared_s = min(line.end_s, other.end_s) - max(line.start_s, other.start_s)
            if shared_s > 0 and other.speaker:
                overlaps_s[other.speaker] += shared_s
        if overlaps_s and line.speaker:
            table[max(overlaps_s, key=lambda speaker: overlaps_s[speaker]), line.speaker] += 1
    pure = sum(max(n for (_, c), n in table.items() if c == cluster) for cluster in {c for _, c in table})
    covered = sum(max(n for (s, _), n in table.items() if s == speaker) for speaker in {s for s, _ in table})
    return sum(table.values()), pure, covered


def _is_ideograph(char: str) -> bool:
    return "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7af"


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else float("nan")
