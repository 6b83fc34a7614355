"""Finding names, titles, times, moods, places and kinds in the plain words of a query, and what only looks like one."""

from __future__ import annotations

from collections.abc import Callable

from search.analysis import is_ideographic, is_stop_word, stem
from search.lexicon import COMPOUNDS, EXCLUDABLE_KINDS, KIND_FIELDS, KIND_WORDS, MOOD_WORDS, TIME_ACCEPTS, TIME_WORDS, TYPE_WORDS
from search.query.builder import ClauseBuilder
from search.query.gazetteer import guess_name, values_with
from search.query.model import HARD, SOFT, STRONG, Cue, Word
from search.vocabulary import is_word

MAX_NAME_WORDS = 5
MAX_TITLE_WORDS = 8
_CLOSED = (("time", TIME_WORDS), ("mood", MOOD_WORDS), ("type", TYPE_WORDS))
_PLACE_LEAD_INS = frozenset("in at on inside near into outside from".split())
_COMMON = frozenset(TIME_WORDS) | frozenset(MOOD_WORDS) | frozenset(TYPE_WORDS) | frozenset(KIND_WORDS)


def read_names(builder: ClauseBuilder) -> None:
    """Known names and aliases, longest first; a name that is also a common word must be capitalised."""
    typed, known = builder.typed, builder.gazetteer
    for start, end, words in typed.runs(MAX_NAME_WORDS):
        meant = known.names.get(words) or (known.parts_of_names.get(words) if end - start == 1 else None)
        if not meant:
            continue
        is_common = end - start == 1 and (is_stop_word(words) or words in _COMMON or len(words) < 2)
        if is_common and not typed.is_capitalised(start) and not is_ideographic(words):
            continue
        _add_name(builder, start, end, meant, is_guess=False)


def guess_names(builder: ClauseBuilder, is_known: Callable[[str], bool]) -> None:
    """Words that neither the index nor the language has, taken for the name they almost are."""
    for start, end, words in builder.typed.runs(1, plain=True):
        if is_ideographic(words) or is_stop_word(words) or words in _COMMON or is_known(words) or is_word(words):
            continue
        meant = guess_name(words, builder.gazetteer)
        if meant:
            _add_name(builder, start, end, meant, is_guess=True)


def _add_name(builder: ClauseBuilder, start: int, end: int, meant: frozenset[str], *, is_guess: bool) -> None:
    typed = builder.typed
    excludes, only = _marks(builder, start, end)
    shown = " or ".join(sorted(meant)[:3])
    cue = Cue("character", typed.original(start, end), shown, meant, HARD if only else STRONG, excludes, is_guess)
    typed.claim(start, end)
    builder.add_cue(cue)
    builder.name_places.append((start, end, cue))
    builder.name_places.sort(key=lambda item: item[0])


def read_lexicons(builder: ClauseBuilder) -> None:
    """Times, moods and interior or exterior from the closed vocabularies."""
    typed = builder.typed
    for start, end, words in typed.runs(4):
        for facet, table in _CLOSED:
            value = table.get(words)
            if value is None or (value in ("Interior", "Exterior") and _leads_to_place(builder, end)):
                continue
            excludes, only = _marks(builder, start, end)
            accepts = frozenset(TIME_ACCEPTS.get(value, (value,)))
            lead = typed.with_lead_in(start)
            builder.cue_words += [word for word in words.split(" ") if not excludes]
            builder.add_cue(Cue(facet, typed.original(lead, end), value, accepts, HARD if only else SOFT, excludes))
            typed.claim(lead, end)
            break


def read_titles(builder: ClauseBuilder) -> None:
    """Titles of several words that the index knows: a film's own name is nothing else ("Groundhog Day")."""
    typed = builder.typed
    for start, end, words in typed.runs(MAX_TITLE_WORDS):
        meant = builder.gazetteer.titles.get(words)
        if not meant or end - start < 2 or sum(not is_stop_word(word) for word in words.split(" ")) < 2:
            continue
        excludes, only = _marks(builder, start, end)
        builder.add_cue(Cue("title", typed.original(start, end), sorted(meant)[0], meant, HARD if only else SOFT, excludes))
        builder.words += [] if excludes else [_cue_word(builder, place) for place in range(start, end)]
        typed.claim(start, end)


def _cue_word(builder: ClauseBuilder, place: int) -> Word:
    word = builder.typed.words[place]
    return Word(builder.typed.text[word.start : word.end], stem(word.folded), is_cue=True)


def keep_compounds(builder: ClauseBuilder) -> None:
    """Words of a phrase that says something else ("good night") or of a name nobody knows ("Thanksgiving Day") are no cues."""
    typed = builder.typed
    for start, end, words in typed.runs(4):
        if words in COMPOUNDS:
            for word in typed.words[start:end]:
                word.is_plain = True
    capitals = [typed.is_capitalised(place) and not is_stop_word(word.folded) for place, word in enumerate(typed.words)]
    if any(typed.is_capitalised(place) and is_stop_word(word.folded) for place, word in enumerate(typed.words) if place):
        return  # a query in capitals says nothing by them
    for place, word in enumerate(typed.words):
        beside = [other for other in (place - 1, place + 1) if 0 <= other < len(typed.words) and not typed.words[other].claimed]
        if capitals[place] and any(capitals[other] and _touch(builder, place, other) for other in beside):
            word.is_plain = True


def _touch(builder: ClauseBuilder, place: int, other: int) -> bool:
    """Whether only a space stands between two neighbouring words, and the other is no time, mood or kind by itself."""
    first, second = sorted((place, other))
    typed = builder.typed
    between = typed.text[typed.words[first].end : typed.words[second].start]
    return between == " " and (typed.words[other].folded not in _COMMON or typed.words[place].folded not in _COMMON)


def read_kinds(builder: ClauseBuilder) -> None:
    """Words that point at a part of the record: "sound of …", "says …", "a sign that …"."""
    typed = builder.typed
    for start, end, words in typed.runs(3):
        value = KIND_WORDS.get(words)
        if value is None:
            continue
        lead = typed.with_lead_in(start)
        if any(word.excludes for word in typed.words[start:end]):
            if words in EXCLUDABLE_KINDS:
                builder.add_cue(Cue("kind", typed.original(lead, end), value, frozenset({value}), excludes=True))
                typed.claim(lead, end)
            continue
        builder.fields.append(KIND_FIELDS[value])
        builder.cue_words += words.split(" ")
        builder.add_cue(Cue("kind", typed.original(lead, end), value, frozenset({value})))
        typed.claim(lead, end)


def read_places(builder: ClauseBuilder) -> None:
    """Places the index knows: by their whole name anywhere, by some of their words after "in", "at", "on" …"""
    typed, known = builder.typed, builder.gazetteer.locations
    for start, end, words in typed.runs(5, plain=True):
        first = start
        while first > 0 and typed.words[first - 1].folded in ("the", "a", "an"):
            first -= 1
        follows = first > 0 and typed.words[first - 1].folded in _PLACE_LEAD_INS
        if all(is_stop_word(word) for word in words.split(" ")):
            continue
        excludes, only = _marks(builder, start, end)
        is_loose = follows or excludes or is_ideographic(words)
        meant = values_with(words, known) if is_loose else known.get(words, frozenset())
        if not meant or (start > 0 and is_stop_word(typed.words[start].folded)):
            continue
        lead = typed.with_lead_in(start)
        builder.cue_words += [] if excludes else words.split(" ")
        shown = sorted(meant)[0] if len(meant) == 1 else words
        builder.add_cue(Cue("location", typed.original(lead, end), shown, meant, HARD if only else SOFT, excludes))
        typed.claim(lead, end)


def _marks(builder: ClauseBuilder, start: int, end: int) -> tuple[bool, bool]:
    """Whether "without" or "only" speaks of these words, or of the little words before them."""
    words = builder.typed.words[builder.typed.with_lead_in(start) : end]
    return any(word.excludes for word in words), any(word.only for word in words)


def _leads_to_place(builder: ClauseBuilder, end: int) -> bool:
    """ "inside the cave" names a place, not a scene type."""
    rest = [word.folded for word in builder.typed.words[end : end + 2]]
    return bool(rest) and rest[0] in ("the", "a", "an", "of", "his", "her", "my")
