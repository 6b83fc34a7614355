"""Text → tokens, once for every store, so that each finds the same things.

A word is a run of letters or digits (inner apostrophes dropped: "don't" → "dont"); it is compatibility-normalised, lower-cased, stripped of
accents and stemmed (Snowball English). A run of Chinese, Japanese or Korean characters gives its overlapping pairs, and its last character
alone, so that any stretch of it can be found; in a query the last character is left out, and a single character becomes a prefix.
No stop words are removed from the index (a quoted line needs them); queries know them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import tantivy

MAX_TOKEN_CHARS = 64
MAX_REMEMBERED_CHARS = 400

_IDEOGRAPHIC = (
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uff9d\U00020000-\U0003ffff"
)
_IDEOGRAPHIC_START = re.compile(rf"[{_IDEOGRAPHIC}]")
WORD = re.compile(rf"[{_IDEOGRAPHIC}]+|(?:(?![{_IDEOGRAPHIC}])[^\W_])+(?:['’ʼ](?:(?![{_IDEOGRAPHIC}])[^\W_])+)*")
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
    """A token and where it stands: ``text[start:end]`` is the word it comes from."""

    text: str
    start: int
    end: int


def is_ideographic(word: str) -> bool:
    """True for a run that is analysed by characters."""
    return not word.isascii() and bool(_IDEOGRAPHIC_START.match(word))


def fold(text: str) -> str:
    """Compatibility-normalised, lower-cased, without accents, single-spaced: what names and values are compared by."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(char for char in decomposed if not unicodedata.combining(char)).split())


def raw_words(text: str) -> list[str]:
    """Folded words and ideographic runs, unstemmed."""
    return [_fold_word(match.group()) for match in WORD.finditer(text)]


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
    for match in WORD.finditer(text):
        word, start = match.group(), match.start()
        if not is_ideographic(word):
            analysed.append(Token(_stem(_fold_word(word)), start, match.end()))
            continue
        run = unicodedata.normalize("NFKC", word)
        if len(run) != len(word):  # half-width kana may join: offsets would shift, so keep the original
            run = word
        analysed += [Token(run[i : i + 2], start + i, start + i + 2) for i in range(len(run) - 1)]
        if last_character or len(run) == 1:
            analysed.append(Token(run[-1], match.end() - 1, match.end()))
    return analysed


@lru_cache(maxsize=50_000)
def _line_tokens(text: str) -> tuple[str, ...]:
    analysed: list[str] = []
    for word in WORD.findall(text):
        if is_ideographic(word):
            analysed += [token.text for token in _analyse(word, last_character=True)]
        else:
            analysed.append(_stem(_fold_word(word)))
    return tuple(analysed)


@lru_cache(maxsize=100_000)
def _fold_word(word: str) -> str:
    if is_ideographic(word):
        return unicodedata.normalize("NFKC", word)
    return re.sub(r"['’ʼ]", "", fold(word)).replace(" ", "")[:MAX_TOKEN_CHARS]


@lru_cache(maxsize=100_000)
def _stem(word: str) -> str:
    return str(_STEMMER.analyze(word)[0]) if word.isascii() and word else word
