"""From what a person typed to what it means. Rules only: fast, the same every time, and shown back as chips.

Steps: clean → cut into clauses ("A, then B"; "A while B"; "after A when B") → per clause: ``field:value``, quotes, without and only, level
words, names, titles, what passes between people, times and moods, places, kinds, misspelt names, relation; what is left are content
words. Nothing a person can type is an error, and every reading but "only" and "without" stays soft: a wrong one costs its chip.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from search.analysis import analyse_query, is_ideographic, is_stop_word, stem
from search.lexicon import INTERACTION_WORDS, KIND_WORDS, MOOD_WORDS, TIME_WORDS, TYPE_WORDS
from search.query.builder import ClauseBuilder
from search.query.cues import guess_names, keep_compounds, read_kinds, read_lexicons, read_names, read_places, read_titles
from search.query.model import Gazetteer, ParsedQuery, Word
from search.query.relations import read_interactions, read_relation
from search.query.steps import Steps, cut_steps, read_gap
from search.query.syntax import EXCLUDING, ONLY, mark_negation_and_only, read_prefixed, read_quotes
from search.query.typed import TypedWords, clean
from search.types import Chip

MAX_CLAUSES = 3

_LEVEL = re.compile(
    r"^\s*(?:(?:please|find|show|search|give|me|for|all|every|any|the|a)\s+)*"
    r"(?P<level>scenes?|moments?|shots?|clips?|lines?|sequences?)\b"
    r"(?:\s+(?:where|when|in which|with|of|that|about|from|featuring|containing)\b)?|^(?P<cjk>场景|镜头|片段|台词)[：:，,]?",
    re.IGNORECASE,
)
_LEVELS = {"scene": "scene", "sequence": "scene", "moment": "moment", "shot": "moment", "clip": "moment", "line": "line",
           "场景": "scene", "镜头": "moment", "片段": "moment", "台词": "line"}  # fmt: skip
_OPENS = re.compile(r"(?:^|[.!?:;…]\W*)$")
"""Before the first word of a sentence, whose capital says nothing."""
_PARTICLES = "的了在和与跟里中有是着时候人们"
_TABLES = (TIME_WORDS, MOOD_WORDS, TYPE_WORDS, KIND_WORDS, INTERACTION_WORDS, EXCLUDING, ONLY)
_TERMS = [term for table in _TABLES for term in table if is_ideographic(term)]


def parse(text: str, gazetteer: Gazetteer, is_known: Callable[[str], bool], *, in_steps: bool = True) -> ParsedQuery:
    """Understand a query.

    Args:
        text: as typed, of any length and content.
        gazetteer: the names, places and titles of the index.
        is_known: tells of a folded word whether any record has it.
        in_steps: false takes "then" and "while" for words like others: a sentence that tells a plot.
    """
    text, notices = clean(text)
    gap_s, gap_words = read_gap(text)
    chips: list[Chip] = []
    if gap_words:
        text = text.replace(gap_words, " ", 1)
        chips.append(Chip("order", gap_words, f"within {gap_s:g} s"))
    level, level_chip, text = _level(text)
    steps = cut_steps(text) if in_steps else Steps([text])
    builders = [_read_clause(piece, gazetteer, is_known) for piece in steps.pieces[:MAX_CLAUSES]]
    if len(steps.pieces) > MAX_CLAUSES:
        notices.append(f"Only the first {MAX_CLAUSES} steps of the query were used.")
    clauses = [builder.clause(_sentence(builder), level if len(builders) == 1 else "step") for builder in builders]
    kept = [clause for clause in clauses if not clause.is_empty]
    has_steps = len(kept) > 1
    chips += level_chip + [chip for builder in builders for chip in builder.chips] + (steps.chips if has_steps else [])
    notices += [notice for builder in builders for notice in builder.notices]
    return ParsedQuery(
        clauses=tuple(kept),
        level=level,
        is_ordered=steps.is_ordered and has_steps,
        max_gap_s=gap_s,
        focus=steps.focus if has_steps else None,
        chips=tuple(dict.fromkeys(chips)),
        notices=tuple(dict.fromkeys(notices)),
    )


def _level(text: str) -> tuple[str, list[Chip], str]:
    match = _LEVEL.match(text)
    if match is None or (match.end() == len(text.rstrip()) and match["cjk"] is None and " " not in text.strip()):
        return "moment", [], text
    word = (match["cjk"] or match["level"]).lower()
    level = _LEVELS[word] if word in _LEVELS else _LEVELS[word.rstrip("s")]
    return level, [Chip("level", match.group().strip(), level)], text[match.end() :]


def _read_clause(text: str, gazetteer: Gazetteer, is_known: Callable[[str], bool]) -> ClauseBuilder:
    builder = ClauseBuilder(TypedWords(text), gazetteer)
    read_prefixed(builder)
    read_quotes(builder)
    known = [*_TERMS, *(key for table in (gazetteer.names, gazetteer.locations) for key in table if is_ideographic(key))]
    builder.typed.split_ideographic(sorted(known, key=lambda term: (-len(term), term)))
    mark_negation_and_only(builder)
    read_names(builder)
    read_titles(builder)
    keep_compounds(builder)
    read_interactions(builder)
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
            is_name_like = original[:1].isupper() and not original.isupper() and not _OPENS.search(builder.typed.text[: word.start])
            builder.words += [Word(original, token, (), single, is_name_like) for token, single in tokens]
        if original not in verbs and tokens:
            builder.chips.append(Chip("text", original, original, word.excludes))
    relation = builder.relation
    if relation and not relation.kind:
        builder.chips.append(Chip("relation", relation.verb, f"{relation.actor} → {relation.verb} → {relation.other}"))


def _sentence(builder: ClauseBuilder) -> str:
    """What is embedded: the clause with its names replaced by "someone", so that likeness is about what happens, not who is there."""
    text = builder.typed.text
    for start, end, cue in sorted(builder.name_places, key=lambda item: -item[0]):
        replacement = "" if cue.excludes else "someone"
        text = text[: builder.typed.words[start].start] + replacement + text[builder.typed.words[end - 1].end :]
    text = re.sub(r"\b[a-z]+:(?=\S)", "", text)
    return text.replace('"', " ").strip()
