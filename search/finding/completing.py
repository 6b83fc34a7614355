"""How a query that is being typed may go on: names, titles, places, times, moods and words that the archive has, as far as one may see it.

What is completed is the end of the text: its last words, the more of them the better ("old ki" is "Old kitchen" before "ki" is "kite"); in
scripts without spaces the last characters. Words come from the language's list, the commonest first, where some record has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from search.analysis import WORD, is_ideographic, is_stop_word, raw_words, stem
from search.ports import WordStore
from search.query import Gazetteer
from search.query.syntax import FACET_PREFIXES
from search.query.typed import clean
from search.types import Completion
from search.vocabulary import beginning_with, is_word

MAX_TAIL_WORDS = 4
NUM_WORDS_TRIED = 40
"""Words of the language that are looked up: those that begin so and are the commonest."""
MIN_WORD_LETTERS = 3
NUM_WORDS = 3
"""Plain words suggested at most: they help least."""

_FIELD = re.compile(rf"(?:^|\s)(?P<name>{'|'.join(sorted(FACET_PREFIXES, key=len, reverse=True))}):\"?(?P<value>[^\"]*)$", re.IGNORECASE)


def complete(text: str, gazetteer: Gazetteer, words: WordStore, collections: frozenset[str] | None, limit: int) -> tuple[Completion, ...]:
    """How a text may go on, the likeliest first.

    Args:
        text: what is typed so far; nothing is suggested after a space.
        gazetteer: what the archive has by name, as far as the person may see it.
        words: tells which words records have.
        collections: what the person may see.
        limit: completions at most.
    """
    typed = clean(text)[0]
    if not typed or text[-1:].isspace() or limit <= 0:
        return ()
    field = _FIELD.search(typed)
    if field:
        facet = FACET_PREFIXES[field["name"].lower()]
        start = field.start("value") - (typed[field.start("value") - 1] == '"')
        named = [(value, kind) for value, kind in _named(field["value"], gazetteer) if kind == facet]
        shown = [Completion(f"{typed[:start]}{_quoted(value)}", value, kind) for value, kind in dict.fromkeys(named)]
        return tuple(shown[:limit])
    found: dict[str, Completion] = {}
    for start in _tails(typed):
        for value, kind in _named(typed[start:], gazetteer):
            found.setdefault(value.casefold(), Completion(typed[:start] + value, value, kind))
    last = next((match for match in reversed(list(WORD.finditer(typed))) if match.end() == len(typed)), None)
    plain = [Completion(typed[: last.start()] + word, word, "word") for word in _words(last.group(), words, collections)] if last else []
    named_completions = list(found.values())[: limit - min(len(plain), NUM_WORDS)]
    plain = [completion for completion in plain if completion.value not in found]
    return tuple([*named_completions, *plain[:NUM_WORDS]])[:limit]


def _tails(typed: str) -> Iterator[int]:
    """Where the last words begin, the most words first; of a run without spaces, where its last characters do."""
    places = [match.start() for match in WORD.finditer(typed)][-MAX_TAIL_WORDS:]
    last = typed[places[-1] :] if places else ""
    yield from places
    if is_ideographic(last):
        yield from range(max(places[-1] + 1, len(typed) - 6), len(typed))


def _named(tail: str, gazetteer: Gazetteer) -> Iterator[tuple[str, str]]:
    """Values whose name begins with the tail, then those of which a later word does."""
    wanted = " ".join(raw_words(tail))
    if not wanted or is_stop_word(wanted):
        return
    tables: list[tuple[str, Mapping[str, frozenset[str]]]] = [
        ("character", gazetteer.names), ("location", gazetteer.locations), ("title", gazetteer.titles),
    ]  # fmt: skip
    tables += [(facet, {" ".join(raw_words(value)): frozenset({value}) for value in values}) for facet, values in gazetteer.values.items()]
    for is_within in (False, True):
        for facet, table in tables:
            for key, meant in table.items():
                if (f" {wanted}" in key) if is_within else key.startswith(wanted):
                    for value in sorted(meant):
                        if "\t" not in value and value.casefold() != tail.casefold():
                            yield value, facet


def _words(typed: str, words: WordStore, collections: frozenset[str] | None) -> list[str]:
    prefix = next(iter(raw_words(typed)), "")
    if len(prefix) < MIN_WORD_LETTERS or not (prefix.isascii() and prefix.isalpha()):
        return []
    known = [word for word in beginning_with(prefix, NUM_WORDS_TRIED) if word != prefix and not is_stop_word(word)]
    if not known:
        return []
    frequencies = words.terms([stem(word) for word in known], collections=collections).frequencies
    one_of_each: dict[str, str] = {}
    for word in known:  # of the forms of one word, the first, which is the commonest and shortest
        if frequencies[stem(word)] and not (is_word(prefix) and stem(word) == stem(prefix)):
            one_of_each.setdefault(stem(word), word)
    return sorted(one_of_each.values(), key=lambda word: -frequencies[stem(word)])


def _quoted(value: str) -> str:
    return f'"{value}"' if " " in value else value
