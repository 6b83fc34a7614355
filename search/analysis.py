"""Text → tokens, once for every store, so that each finds the same things.

A word is what Unicode calls one (UAX #29): letters and digits with the marks and joiners that follow them, and the signs that stand between
letters of one word (inner apostrophes: "don't" → "dont"; the Catalan dot, Hebrew geresh and gershayim). In two things we cut finer: full
stops, colons and underscores end a word. Words are folded (:mod:`omniscript_mam.script.folding`) and stemmed (Snowball English).

Scripts without spaces (Chinese, Japanese, Korean; Thai, Lao, Khmer, Burmese …) are cut by characters: a run of them gives its overlapping
pairs, and its last character alone, so that any stretch of it can be found; at the end of a query the last character is left out, and a
single one becomes a prefix. A character is what a reader takes for one: jamo are joined to their syllable, half-width kana to their sign,
and Thai or Khmer marks belong to the letter that bears them. UAX #29 leaves such scripts to dictionaries; pairs need none and miss nothing.
No stop words are removed from the index (a quoted line needs them); queries know them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import regex
import tantivy

from omniscript_mam.script.folding import fold

MAX_TOKEN_CHARS = 64
MAX_REMEMBERED_CHARS = 400

_EAST_ASIAN = (
    "\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff"
    "\uf900-\ufaff\uff66-\uff9f\uffa0-\uffdc\U00020000-\U0003ffff"
)
_SPACELESS = r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}\p{Tai_Viet}\p{Tibetan}"
_IDEOGRAPHIC = rf"[[{_EAST_ASIAN}{_SPACELESS}]--[\p{{P}}\p{{S}}\p{{Nd}}]]"
_FOLLOWS = r"[\p{WB=Extend}\p{WB=Format}\p{WB=ZWJ}\p{M}]"
"""What belongs to the character before it (rule WB4)."""

_LETTER = rf"[[\p{{L}}\p{{N}}]--{_IDEOGRAPHIC}]"
_INNER = "['’ʼ·‧׳״]|(?<=\\p{Hebrew}\\p{M}*)\"(?=\\p{Hebrew})"

WORD = regex.compile(
    rf"{_IDEOGRAPHIC}(?:{_IDEOGRAPHIC}|{_FOLLOWS})*|{_LETTER}(?:{_LETTER}|{_FOLLOWS}|(?:{_INNER})(?={_LETTER}))*", regex.VERSION1
)
_IDEOGRAPHIC_START = regex.compile(_IDEOGRAPHIC, regex.VERSION1)
_SPACELESS_START = regex.compile(f"[{_SPACELESS}]", regex.VERSION1)
_CLUSTER = regex.compile(r"\X")
_DROPPED = regex.compile(r"['’ʼ·‧׳״\"\s]")
_ASCII_WORD = regex.compile(r"[a-z0-9]+(?:'[a-z0-9]+)*")
_STEMMER = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.raw()).filter(tantivy.Filter.stemmer("english")).build()

STOP_WORDS = frozenset(
    """
    a about an and any anybody anyone are as at back be been being but by can clip clips could did do does doing done find for from
    get gets give gives going had has have he her here him his how i if in into is it its itself just let lets like look looks make
    makes me moment moments my no not of on one or our out over part parts please scene scenes search she should show so some
    somebody someone something somewhere than that the their them then there these they thing things this those to up us very video
    want was we were what when where which while who whom whose will with would you your
    """.split()
)
"""Words that say nothing about a moment, in a query."""


@dataclass(frozen=True)
class Token:
    """A token and where it stands.

    ``text[start:end]`` is the word it comes from; ``is_single``: one character of a script without spaces.
    """

    text: str
    start: int
    end: int
    is_single: bool = False


def is_ideographic(word: str) -> bool:
    """True for a run that is analysed by characters."""
    return not word.isascii() and bool(_IDEOGRAPHIC_START.match(word))


def raw_words(text: str) -> list[str]:
    """Folded words and ideographic runs, unstemmed."""
    if text.isascii():
        return [word.replace("'", "")[:MAX_TOKEN_CHARS] for word in _ASCII_WORD.findall(text.lower())]
    return [folded for match in WORD.finditer(text) if (folded := _fold_word(match.group()))]


@lru_cache(maxsize=5_000)
def word_line(text: str) -> str:
    """The folded words of a text with a space before and after each: what a whole name is looked for in."""
    return f" {' '.join(raw_words(text))} "


def is_stop_word(word: str) -> bool:
    """True for a folded word that says nothing about a moment."""
    return word in STOP_WORDS


def analyse(text: str) -> list[Token]:
    """Every token of a text that goes into an index, in order."""
    return _analyse(text, last_character=True)


def analyse_query(text: str) -> list[Token]:
    """Every token of a text that is looked for; a single ideographic character stands alone (look for it as a prefix)."""
    return _analyse(text, last_character=False)


def tokens(text: str) -> tuple[str, ...]:
    """The token texts of :func:`analyse`; remembered for lines of ordinary length, which are looked at again and again."""
    return _line_tokens(text) if len(text) <= MAX_REMEMBERED_CHARS else tuple(token.text for token in analyse(text))


def stem(word: str) -> str:
    """Folded and stemmed: the token of a single word."""
    return _stem(_fold_word(word))


def _analyse(text: str, *, last_character: bool) -> list[Token]:
    analysed: list[Token] = []
    matches = list(WORD.finditer(text))
    for place, match in enumerate(matches, 1):
        word, start = match.group(), match.start()
        if not is_ideographic(word):
            if folded := _fold_word(word):
                analysed.append(Token(_stem(folded), start, match.end()))
            continue
        units = _units(word)
        analysed += [Token(one + other, start + at, start + end) for (one, at, _), (other, _, end) in pairwise(units)]
        # what is looked for may end within a run of the index, but only where it ends itself
        if units and (last_character or len(units) == 1 or place < len(matches)):
            last, at, end = units[-1]
            analysed.append(Token(last, start + at, start + end, is_single=True))
    return analysed


def _units(run: str) -> list[tuple[str, int, int]]:
    """The characters of an ideographic run as a reader takes them, normalised, each with its place in the run."""
    units: list[tuple[str, int, int]] = []
    for cluster in _CLUSTER.finditer(run):
        normal = _normal(cluster.group())
        if units and normal in ("\u0e32", "\u0eb2") and units[-1][0][-1:] in ("\u0e4d", "\u0ecd"):  # one vowel sign, taken apart by NFKC
            before, start, _ = units.pop()
            units.append((before + normal, start, cluster.end()))
            continue
        parts = [normal] if _SPACELESS_START.match(normal) else list(normal)
        units += [(part, cluster.start(), cluster.end()) for part in parts]
    return units


@lru_cache(maxsize=50_000)
def _line_tokens(text: str) -> tuple[str, ...]:
    if text.isascii():
        return tuple(_stem(word) for word in raw_words(text))
    return tuple(token.text for token in _analyse(text, last_character=True))


@lru_cache(maxsize=100_000)
def _fold_word(word: str) -> str:
    if is_ideographic(word):
        return "".join(unit for unit, _, _ in _units(word))
    return _DROPPED.sub("", fold(word))[:MAX_TOKEN_CHARS]


def _normal(cluster: str) -> str:
    """Composed, without shape variants and joiners (which kana, Hangul and Thai do not need)."""
    composed = unicodedata.normalize("NFKC", cluster)
    return composed if len(composed) == 1 else "".join(char for char in composed if not _is_invisible(char))


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return str(_STEMMER.analyze(word)[0]) if word.isascii() and word else word
