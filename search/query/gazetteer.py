"""What the index knows by name: characters with their aliases, places, titles; and how a typed name is matched to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from omniscript_mam.script.folding import fold
from search.analysis import is_stop_word, raw_words
from search.query.model import Gazetteer

MIN_SIMILARITY = 88.0
"""rapidfuzz ratio (0 to 100) from which a misspelt name is taken for a known one."""

GENERIC = frozenset(
    "man men woman women boy girl child kid person people speaker voice character unknown narrator crowd mother father mom mum dad old "
    "young guard soldier officer doctor driver mr mrs ms miss dr sir lady king queen the first second".split()
)
"""Parts of names that do not name anybody by themselves ("Man 1")."""


GAZETTEER_FACETS = ("scene_character", "character", "alias", "location", "title", "time", "mood", "interaction")
"""Facets whose values are names, or are suggested while a person types; an alias is "alias\\tname"."""


def build_gazetteer(values: Mapping[str, Iterable[str]]) -> Gazetteer:
    """Names, places and titles, ready to be looked for in a query.

    Args:
        values: facet → its values in the index, for each of :data:`GAZETTEER_FACETS`.
    """
    names: defaultdict[str, set[str]] = defaultdict(set)
    for name in dict.fromkeys([*values["scene_character"], *values["character"]]):
        names[_key(name)].add(name)
    for pair in values["alias"]:
        alias, _, name = pair.partition("\t")
        names[_key(alias)].add(name)
    parts: defaultdict[str, set[str]] = defaultdict(set)
    for key, meant in names.items():
        words = key.split(" ")
        if len(words) > 1:
            for word in words:
                if len(word) > 2 and not word.isdigit() and word not in GENERIC and not is_stop_word(word):
                    parts[word] |= meant
    return Gazetteer(
        {key: frozenset(meant) for key, meant in names.items() if key},
        {key: frozenset(meant) for key, meant in parts.items() if key not in names},
        _folded(values["location"]),
        _folded(values["title"]),
        {facet: tuple(values.get(facet, ())) for facet in ("time", "mood", "interaction")},
    )


def _folded(values: Iterable[str]) -> dict[str, frozenset[str]]:
    known: defaultdict[str, set[str]] = defaultdict(set)
    for value in values:
        known[_key(value)].add(value)
    return {key: frozenset(meant) for key, meant in known.items() if key}


def _key(value: str) -> str:
    return " ".join(raw_words(value))


def guess_name(word: str, gazetteer: Gazetteer) -> frozenset[str]:
    """The names a misspelt word most likely means; empty if none is near enough."""
    word = fold(word)
    if len(word) < 4:
        return frozenset()
    known = gazetteer.names | gazetteer.parts_of_names
    best = process.extractOne(word, known.keys(), scorer=fuzz.ratio, score_cutoff=MIN_SIMILARITY)
    if best is None:  # one slip in a short name weighs more than the ratio allows
        near = sorted(key for key in known if key[:1] == word[:1] and OSA.distance(word, key, score_cutoff=1) <= 1)
        return known[near[0]] if near else frozenset()
    return known[best[0]]


def values_with(words: str, known: dict[str, frozenset[str]]) -> frozenset[str]:
    """The facet values that have all of these words ("kitchen" → "Old kitchen", "Kitchen")."""
    wanted = raw_words(words)
    if not wanted:
        return frozenset()
    exact = known.get(" ".join(wanted), frozenset())
    having = [meant for key, meant in known.items() if all(_has(key, word) for word in wanted)]
    return exact.union(*having)


def _has(key: str, word: str) -> bool:
    return word in key.split(" ") or (not word.isascii() and word in key)
