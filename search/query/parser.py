"""From what a person typed to what it means. Rules only: fast, the same every time, and shown back as chips.

Steps: clean → cut into clauses ("A, then B"; "A -> B"; "A while B") → per clause: ``field:value``, quotes, without and only, level
words, names, times and moods, places, kinds, misspelt names, relation; what is left are content words. Nothing a person can type is an
error.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from search.analysis import analyse_query, is_ideographic, is_stop_word, stem
from search.lexicon import KIND_WORDS, MOOD_WORDS, TIME_WORDS, TYPE_WORDS
from search.query.builder import ClauseBuilder
from search.query.cues import guess_names, read_kinds, read_lexicons, read_names, read_places, read_relation
from search.query.model import Gazetteer, ParsedQuery, Word
from search.query.syntax import EXCLUDING, ONLY, mark_negation_and_only, read_prefixed, read_quotes
from search.query.typed import TypedWords, clean
from search.types import Chip

MAX_CLAUSES = 3
DEFAULT_GAP_S = 60.0
MAX_GAP_S = 3600.0

_THEN = re.compile(r"\s*(?:->|→|=>|,?\s+(?:and\s+)?then\s+|\s+followed by\s+|，?然后)\s*", re.IGNORECASE)
_WHILE = re.compile(r"\s+while\s+|，?同时", re.IGNORECASE)
_WITHIN = re.compile(r"\b(?:within|in less than)\s+(\d{1,5})\s*(s|sec|secs|seconds?|m|min|mins|minutes?)\b", re.IGNORECASE)
_LEVEL = re.compile(
    r"^\s*(?:(?:please|find|show|search|give|me|for|all|every|any|the|a)\s+)*"
    r"(?P<level>scenes?|moments?|shots?|clips?|lines?|sequences?)\b"
    r"(?:\s+(?:where|when|in which|with|of|that|about|from|featuring|containing)\b)?|^(?P<cjk>场景|镜头|片段|台词)[：:，,]?",
    re.IGNORECASE,
)
_LEVELS = {"scene": "scene", "sequence": "scene", "moment": "moment", "shot": "moment", "clip": "moment", "line": "line",
           "场景": "scene", "镜头": "moment", "片段": "moment", "台词": "line"}  # fmt: skip
_PARTICLES = "的了在和与跟里中有是着时候人们"
_TERMS = [term for table in (TIME_WORDS, MOOD_WORDS, TYPE_WORDS, KIND_WORDS, EXCLUDING, ONLY) for term in table if is_ideographic(term)]


def parse(text: str, gazetteer: Gazetteer, is_known: Callable[[str], bool], *, in_steps: bool = True) -> ParsedQuery:
    """Understand a query.

    Args:
        text: as typed, of any length and content.
        gazetteer: the names, places and titles of the index.
        is_known: tells of a folded word whether any record has it.
        in_steps: false takes "then" and "while" for words like others: a sentence that tells a plot.
    """
    text, notices = clean(text)
    gap_s, gap_words = _gap(text)
    chips: list[Chip] = []
    if gap_words:
        text = text.replace(gap_words, " ", 1)
        chips.append(Chip("order", gap_words, f"within {gap_s:g} s"))
    level, level_chip, text = _level(text)
    pieces, is_ordered, order_chips = _cut(text) if in_steps else ([text], False, [])
    builders = [_read_clause(piece, gazetteer, is_known) for piece in pieces[:MAX_CLAUSES]]
    if len(pieces) > MAX_CLAUSES:
        notices.append(f"Only the first {MAX_CLAUSES} steps of the query were used.")
    clauses = [builder.clause(_sentence(builder), level if len(builders) == 1 else "step") for builder in builders]
    kept = [clause for clause in clauses if not clause.is_empty]
    chips += level_chip + [chip for builder in builders for chip in builder.chips] + (order_chips if len(kept) > 1 else [])
    notices += [notice for builder in builders for notice in builder.notices]
    return ParsedQuery(tuple(kept), level, is_ordered and len(kept) > 1, gap_s, tuple(dict.fromkeys(chips)), tuple(dict.fromkeys(notices)))


def remove_chip(text: str, chip: Chip) -> str:
    """The query without the words of one chip: what the page searches when a person removes it."""
    text = clean(text)[0]  # a chip's words are of the text as it was understood
    joiner = " " if text.isascii() or " " in text else ""
    before, removed, after = text.partition(chip.words)
    if not removed:
        return text
    if chip.kind == "order":
        joiner = " "
    if chip.value.startswith("only "):
        before = re.sub(r"(?:\b(?:only|exclusively)|只有?|仅)\s*$", "", before, flags=re.IGNORECASE)
    if chip.excludes:
        before = re.sub(r"(?:\b(?:not|without|except|excluding|minus)|没有|不要|除了|-)\s*$", "", before, flags=re.IGNORECASE)
    return re.sub(r"\s+", " ", before.rstrip() + joiner + after.lstrip()).strip()


def _gap(text: str) -> tuple[float, str]:
    match = _WITHIN.search(text)
    if match is None:
        return DEFAULT_GAP_S, ""
    seconds = float(match[1]) * (60.0 if match[2].lower().startswith("m") else 1.0)
    return min(MAX_GAP_S, max(1.0, seconds)), match.group()


def _level(text: str) -> tuple[str, list[Chip], str]:
    match = _LEVEL.match(text)
    if match is None or (match.end() == len(text.rstrip()) and match["cjk"] is None and " " not in text.strip()):
        return "moment", [], text
    word = (match["cjk"] or match["level"]).lower()
    level = _LEVELS[word] if word in _LEVELS else _LEVELS[word.rstrip("s")]
    return level, [Chip("level", match.group().strip(), level)], text[match.end() :]


def _cut(text: str) -> tuple[list[str], bool, list[Chip]]:
    """Clauses of a text; nothing inside quotation marks is cut."""
    for pattern, is_ordered in ((_THEN, True), (_WHILE, False)):
        cuts = [
            match for match in pattern.finditer(text) if text[: match.start()].count('"') % 2 == 0 and not _in_quotes(text, match.start())
        ]
        if not cuts:
            continue
        bounds = [0, *(edge for match in cuts for edge in match.span()), len(text)]
        pieces = [text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True)]
        if sum(bool(piece.strip()) for piece in pieces) > 1:
            shown = "in this order" if is_ordered else "at the same time"
            return [piece for piece in pieces if piece.strip()], is_ordered, [Chip("order", cuts[0].group().strip(), shown)]
    return [text], False, []


def _in_quotes(text: str, place: int) -> bool:
    return text[:place].count("“") > text[:place].count("”")


def _read_clause(text: str, gazetteer: Gazetteer, is_known: Callable[[str], bool]) -> ClauseBuilder:
    builder = ClauseBuilder(TypedWords(text), gazetteer)
    read_prefixed(builder)
    read_quotes(builder)
    known = [*_TERMS, *(key for table in (gazetteer.names, gazetteer.locations) for key in table if is_ideographic(key))]
    builder.typed.split_ideographic(sorted(known, key=lambda term: (-len(term), term)))
    mark_negation_and_only(builder)
    read_names(builder)
    read_lexicons(builder)
    read_places(builder)
    read_kinds(builder)
    guess_names(builder, is_known)
    read_relation(builder)
    _read_words(builder)
    return builder


def _read_words(builder: ClauseBuilder) -> None:
    """What is left: content words. Stop words go, unless the clause has nothing else."""
    rest = [word for word in builder.typed.words if not word.claimed]
    content = [word for word in rest if not (is_stop_word(word.folded) or word.folded in ("and", "or", "not", "but"))]
    if not content and not (builder.cues or builder.phrases or builder.words):
        content = rest
    verbs = builder.relation.verb.split() if builder.relation else []
    for word in content:
        original = builder.typed.text[word.start : word.end]
        tokens = (
            [(token.text, token.is_single) for token in analyse_query(word.folded)] if word.is_ideographic else [(stem(word.folded), False)]
        )
        if word.is_ideographic:
            tokens = [(token, single) for token, single in tokens if token.strip(_PARTICLES)]
        if word.excludes:
            builder.exclude(original, [token for token, _ in tokens])
        else:
            is_name_like = original[:1].isupper() and word.start > 0
            builder.words += [Word(original, token, (), single, is_name_like) for token, single in tokens]
        if original not in verbs and tokens:
            builder.chips.append(Chip("text", original, original, word.excludes))
    if builder.relation:
        relation = builder.relation
        builder.chips.append(Chip("relation", relation.verb, f"{relation.actor} → {relation.verb} → {relation.other}"))


def _sentence(builder: ClauseBuilder) -> str:
    """What is embedded: the clause with its names replaced by "someone", so that likeness is about what happens, not who is there."""
    text = builder.typed.text
    for start, end, cue in sorted(builder.name_places, key=lambda item: -item[0]):
        replacement = "" if cue.excludes else "someone"
        text = text[: builder.typed.words[start].start] + replacement + text[builder.typed.words[end - 1].end :]
    text = re.sub(r"\b[a-z]+:(?=\S)", "", text)
    return text.replace('"', " ").strip()
