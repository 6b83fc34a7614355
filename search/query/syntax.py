"""What people who know the syntax type: ``field:value``, "quoted phrases", without, only."""

from __future__ import annotations

import re

from omniscript_mam.script.folding import fold
from search.analysis import analyse_query
from search.lexicon import MOOD_WORDS, TIME_ACCEPTS, TIME_WORDS, TYPE_WORDS, canonical
from search.query.builder import ClauseBuilder
from search.query.gazetteer import guess_name, values_with
from search.query.model import HARD, STRONG, Cue, QuotedPhrase, Word
from search.types import Chip

TEXT_PREFIXES = {
    "says": "dialogue", "say": "dialogue", "dialogue": "dialogue", "line": "dialogue", "does": "action", "action": "action",
    "looks": "expression", "expression": "expression", "sounds": "audio_cue", "sound": "audio_cue", "audio": "audio_cue",
    "text": "on_screen_text", "sign": "on_screen_text", "subtext": "subtext", "plot": "plot", "words": "",
}  # fmt: skip
"""Prefix → the text field it searches; ``words:`` any, and takes its value for plain words whatever they might mean."""

FACET_PREFIXES = {
    "who": "character", "with": "character", "character": "character", "place": "location", "location": "location",
    "where": "location", "time": "time", "mood": "mood", "in": "title", "title": "title", "film": "title",
    "int": "Interior", "ext": "Exterior", "type": "type", "lang": "language", "language": "language",
}  # fmt: skip
"""Prefix → the facet it asks for."""

_PREFIXED = re.compile(
    rf"(?<![\w-])(?P<minus>-?)(?P<name>{'|'.join(sorted((TEXT_PREFIXES | FACET_PREFIXES), key=len, reverse=True))})\s?:\s?"
    r"(?P<value>\"[^\"]*\"|“[^”]*”|[^\s\"“”]*)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"([^\"]+)\"|“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»|「([^」]+)」|『([^』]+)』|《([^》]+)》")
EXCLUDING = frozenset({"not", "without", "except", "excluding", "minus", "没有", "不要", "除了"})
ONLY = frozenset({"only", "just", "exclusively", "只", "仅", "只有"})
_LANGUAGES = {"english": "en", "chinese": "zh", "mandarin": "zh", "german": "de", "french": "fr", "spanish": "es", "italian": "it",
              "japanese": "ja", "korean": "ko", "russian": "ru", "portuguese": "pt"}  # fmt: skip


def read_prefixed(builder: ClauseBuilder) -> None:
    """Take ``field:value`` out of the clause."""
    for match in _PREFIXED.finditer(builder.typed.text):
        name, quoted = match["name"].lower(), match["value"][:1] in ('"', "“")
        value = match["value"].strip('"“”').strip()
        words, excludes = match.group().strip(), bool(match["minus"])
        builder.typed.claim_span(match.start(), match.end())
        if name in ("int", "ext"):
            builder.add_cue(Cue("type", words, FACET_PREFIXES[name], frozenset({FACET_PREFIXES[name]}), STRONG, excludes))
            if value:
                _read_facet(builder, "location", value, words, excludes)
        elif not value:
            builder.notices.append(f"“{words}” has no value and was left out.")
        elif name in TEXT_PREFIXES:
            _read_text(builder, TEXT_PREFIXES[name], value, words, quoted, excludes)
        else:
            _read_facet(builder, FACET_PREFIXES[name], value, words, excludes)


def _read_text(builder: ClauseBuilder, field: str, value: str, words: str, quoted: bool, excludes: bool) -> None:
    tokens, fields = analyse_query(value), (field,) if field else ()
    shown = f"{field}: {value}" if field else value
    if excludes:
        builder.exclude(words, [token.text for token in tokens], fields)
        builder.chips.append(Chip("text", words, value, excludes=True))
    elif field and quoted and len(tokens) > 1:
        builder.phrases.append(QuotedPhrase(words, tuple(token.text for token in tokens), fields))
        builder.chips.append(Chip("phrase", words, shown))
    else:
        builder.words += [Word(words, token.text, fields, token.is_single, typed=value[token.start : token.end]) for token in tokens]
        builder.chips.append(Chip("text", words, shown))


def _read_facet(builder: ClauseBuilder, facet: str, value: str, words: str, excludes: bool) -> None:
    known = builder.gazetteer
    strength, is_guess = STRONG, False
    if facet == "character":
        accepts = known.names.get(fold(value)) or values_with(value, known.names | known.parts_of_names)
        if not accepts:
            accepts, is_guess = guess_name(value, known), True
    elif facet == "location":
        accepts = values_with(value, known.locations)
        if not accepts and not excludes:  # a place nobody wrote down as one may still be described
            builder.words += [Word(words, token.text, ("location", "environment", "action")) for token in analyse_query(value)]
            builder.chips.append(Chip("text", words, value))
            return
    elif facet == "title":
        accepts, strength = values_with(value, known.titles), HARD
    elif facet == "language":
        accepts, strength = frozenset({_LANGUAGES.get(fold(value), fold(value))}), HARD
    else:
        table = {"time": TIME_WORDS, "mood": MOOD_WORDS, "type": TYPE_WORDS}[facet]
        values = canonical(value, table)
        accepts = frozenset(accepted for one in values for accepted in TIME_ACCEPTS.get(one, (one,)))
    shown = ", ".join(sorted(accepts)) if accepts and len(accepts) < 4 else value
    if not accepts:
        builder.notices.append(f"Nothing in the index is called “{value}”.")
        if facet != "title":
            builder.words += [Word(words, token.text, is_name_like=True) for token in analyse_query(value)] if not excludes else []
            builder.chips.append(Chip("text", words, value, excludes))
            return
    builder.add_cue(Cue(facet, words, shown, accepts, strength, excludes, is_guess))


def read_quotes(builder: ClauseBuilder) -> None:
    """Take quoted phrases out of the clause; a quotation mark without its partner is nothing."""
    typed = builder.typed
    for match in _QUOTED.finditer(typed.text):
        inside = next(group for group in match.groups() if group is not None)
        if any(word.claimed for word in typed.words if word.start < match.end() and word.end > match.start()):
            continue
        tokens = tuple(token.text for token in analyse_query(inside))
        if not tokens:
            continue
        before = [word for word in typed.words if word.end <= match.start()]
        excludes = bool(before and before[-1].folded in EXCLUDING) or typed.text[: match.start()].endswith("-")
        typed.claim_span(match.start(), match.end())
        if excludes:
            builder.exclude(match.group(), tokens)
            builder.chips.append(Chip("phrase", match.group(), inside, excludes=True))
            continue
        builder.phrases.append(QuotedPhrase(match.group(), tokens))
        builder.chips.append(Chip("phrase", match.group(), inside))


def mark_negation_and_only(builder: ClauseBuilder) -> None:
    """Mark the words that "without", "not", "-" and "only" speak of; the marks travel with what those words become."""
    typed = builder.typed
    for place, word in enumerate(typed.words):
        if word.claimed:
            continue
        after = next(
            (other for other in typed.words[place + 1 :] if other.folded not in ("at", "in", "on", "by", "the", "a", "an", "any")), None
        )
        if word.folded in EXCLUDING and after is not None and (word.folded != "not" or typed.text[word.start : word.end].isupper()):
            word.claimed = after.excludes = True
        elif word.folded in ONLY and word.folded != "just":
            word.claimed = True
            target = after or (typed.words[place - 1] if place else None)
            if target is not None:
                target.only = True
        if typed.text[: word.start].endswith("-") and (word.start < 2 or typed.text[word.start - 2] == " "):
            word.excludes = True
