"""What a word that neither the archive nor the language has was meant to be: the likeliest word of the archive, by how people mistype.

Candidates are words of the language near it whose stem some record in view has, tokens of the index near it, and names. Their cost is the
edit distance, more for slips that are rare (another letter than a neighbour on the keyboard, the first letter), less for words that many
records have. Costs are in edits; below, a Mending's ``cost``.

Contents: :func:`may_be_misspelt`, :func:`mendings`, :class:`Mending`, :func:`mended_text`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA, Levenshtein

from search.analysis import is_stop_word, raw_words, stem
from search.query.model import Gazetteer, Word
from search.vocabulary import is_word, spelled_like

MIN_LETTERS = 4
"""Shorter words have too many neighbours that mean something else."""

MAX_LETTERS = 24
MIN_NAME_LIKE = 6
"""Letters from which a word with a capital may be another word's misspelling: shorter ones are names that nobody has."""
LONG = 8
"""Letters from which two slips are believed."""

FIRST_LETTER_COST = 0.5
RARE_COST = 0.12
"""For each step that a word is rarer in the language; a token that is no word of it counts as the rarest."""
FREQUENCY_GAIN = 0.15
"""For each power of ten of records that have it."""
NEIGHBOUR_COST, OTHER_COST, DOUBLED_COST = 0.25, 0.5, 0.1
"""A neighbouring key, any other letter, a letter doubled; letters left out or in each other's place are what happens most."""

_KEYS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_PLACES = {letter: (row, place + 0.4 * row) for row, keys in enumerate(_KEYS) for place, letter in enumerate(keys)}


@dataclass(frozen=True, order=True)
class Mending:
    """A word of the archive that a typed one may have been meant to be."""

    cost: float
    word: str
    token: str
    frequency: int
    is_name: bool = False


def may_be_misspelt(folded: str) -> bool:
    """Whether a folded word may be a slip, if no record has it: letters only, not too short, and no word of the language."""
    return MIN_LETTERS <= len(folded) <= MAX_LETTERS and folded.isascii() and folded.isalpha() and not is_word(folded)


def max_distance(folded: str) -> int:
    """How many slips are believed in a word of this length."""
    return 2 if len(folded) >= LONG else 1


def candidates(folded: str, gazetteer: Gazetteer) -> dict[str, tuple[str, int, bool]]:
    """Words of the language, and parts of names, near a folded one → token, step of commonness, whether it is of a name."""
    reach = max_distance(folded)
    near = {other.word: (stem(other.word), other.step, False) for other in spelled_like(folded, reach)}
    for key, meant in (gazetteer.names | gazetteer.parts_of_names).items():
        for part in key.split(" "):
            if part != folded and len(part) > 2 and OSA.distance(part, folded, score_cutoff=reach) <= reach:
                name = next((piece for value in sorted(meant) for piece in value.split() if raw_words(piece) == [part]), part)
                near.setdefault(name, (stem(part), 1, True))
    return near


def mendings(word: Word, gazetteer: Gazetteer, tokens: Iterable[str], frequency: Callable[[str], int]) -> list[Mending]:
    """What the archive has that a misspelt word may mean, likeliest first.

    Args:
        word: a word for which :func:`may_be_misspelt` holds.
        gazetteer: names that the index knows.
        tokens: tokens of the index near the word's own.
        frequency: number of records in view with a token.
    """
    folded = word.folded
    near = candidates(folded, gazetteer)
    covered = {token for token, _, _ in near.values()}
    near |= {token: (token, 3, False) for token in tokens if token not in covered}
    found: list[Mending] = []
    for other, (token, step, is_name) in near.items():
        if len(other) < 3 or (word.is_name_like and not is_name and len(folded) < MIN_NAME_LIKE) or not (count := frequency(token)):
            continue
        found.append(Mending(round(_cost(folded, " ".join(raw_words(other)), step, count), 4), other, token, count, is_name))
    return sorted(found)


def _cost(typed: str, meant: str, step: int, frequency: int) -> float:
    cost = float(OSA.distance(typed, meant))
    edits = Levenshtein.editops(typed, meant)
    for edit in edits if cost == len(edits) else ():  # fewer: letters in each other's place
        one = typed[edit.src_pos : edit.src_pos + 1]
        if edit.tag == "replace":
            cost += NEIGHBOUR_COST if _are_neighbours(one, meant[edit.dest_pos]) else OTHER_COST
        elif edit.tag == "delete":  # a letter too many
            beside = typed[max(0, edit.src_pos - 1) : edit.src_pos] + typed[edit.src_pos + 1 : edit.src_pos + 2]
            is_near = any(_are_neighbours(one, other) for other in beside)
            cost += DOUBLED_COST if one in beside else NEIGHBOUR_COST if is_near else OTHER_COST
    cost += FIRST_LETTER_COST * (typed[:1] != meant[:1] and sorted(typed[:2]) != sorted(meant[:2]))
    return cost + RARE_COST * (step - 1) - FREQUENCY_GAIN * math.log10(1 + frequency) + RARE_COST * is_stop_word(meant)


def _are_neighbours(one: str, other: str) -> bool:
    if one not in _PLACES or other not in _PLACES:
        return False
    (row, place), (other_row, other_place) = _PLACES[one], _PLACES[other]
    return abs(row - other_row) <= 1 and abs(place - other_place) <= 1.1


def is_of_our_language(text: str, is_known: Callable[[str], bool]) -> bool:
    """Whether half of a text or more is in a language whose words are known; two words or fewer are given the benefit of the doubt.

    Words of one or two letters are those of many languages and count for none.
    """
    words = [word for word in raw_words(text) if word.isalpha() and len(word) > 2]
    strange = sum(not (word.isascii() and is_word(word)) and not is_known(word) for word in words)
    return len(words) <= 2 or 2 * strange <= len(words)


def mended_text(text: str, mended: Sequence[tuple[str, str]]) -> str:
    """The query with misspelt words, as typed, in the place of which others stand; a capital stays one."""
    for typed, meant in mended:
        shown = meant.upper() if typed.isupper() else meant[:1].upper() + meant[1:] if typed[:1].isupper() else meant
        text = re.sub(rf"(?<!\w){re.escape(typed)}(?!\w)", shown.replace("\\", r"\\"), text, count=1)
    return text
