"""From a parsed clause to what ranking looks for: words with their rarity, names, exact runs, and the sentences that are embedded."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from search.analysis import analyse_query, is_ideographic, is_stop_word, raw_words, stem
from search.finding.terms import LEAST_IDF, ExpandedWord, QueryTerms, idf_of_absent
from search.ports import Alternative
from search.query.model import Clause, Cue
from search.ranking import NameWanted, Question, WordWanted
from search.ranking.question import CONTENT, CUE, STOP

MAX_CLAUSES, MIN_CLAUSE_WORDS = 4, 3
MAX_STOPS = 24
_JOINTS = re.compile(r"[,;:.!?—–()]+|\b(?:and|but|while|when|then|because|as|so|after|before|who|which)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Sentences:
    """What is embedded of a clause: as typed, with every name put as "someone", and that cut into its parts."""

    named: str
    nameless: str
    parts: tuple[str, ...]

    @property
    def all(self) -> tuple[str, ...]:
        """Each once, in one order."""
        return tuple(dict.fromkeys((self.nameless, self.named, *self.parts)))


def sentences_of(clause: Clause) -> Sentences:
    """The sentences of a clause; all empty where nothing is left to embed."""
    return Sentences(clause.text.replace('"', " ").strip(), clause.sentence, parts_of(clause.sentence))


def parts_of(sentence: str) -> tuple[str, ...]:
    """A sentence cut where its clauses join, each part of at least :data:`MIN_CLAUSE_WORDS` words."""
    parts: list[str] = []
    for piece in _JOINTS.split(sentence):
        words = piece.split()
        if len(words) >= MIN_CLAUSE_WORDS or not parts:
            parts.append(" ".join(words))
        elif words:
            parts[-1] = f"{parts[-1]} {' '.join(words)}"
    kept = [part for part in parts if part]
    if len(kept) > 1 and len(kept[0].split()) < MIN_CLAUSE_WORDS:
        kept[:2] = [f"{kept[0]} {kept[1]}"]
    return tuple(kept[:MAX_CLAUSES])


def tokens_beside_words(clauses: Sequence[Clause]) -> list[str]:
    """Tokens of names and of what was understood as a cue, whose rarity :func:`question_of` will want."""
    of_cues = [stem(word) for clause in clauses for word in clause.cue_words]
    return list(dict.fromkeys([*of_cues, *(token for clause in clauses for cue in clause.names for token in _tokens(cue))]))


def _tokens(cue: Cue) -> list[str]:
    return [token.text for token in analyse_query(cue.words) if not is_stop_word(token.text)]


def question_of(clause: Clause, expanded: Sequence[ExpandedWord], terms: QueryTerms) -> Question:
    """What ranking looks for.

    Args:
        clause: what was asked.
        expanded: its content words and what may stand for them.
        terms: what the index knows of the question's words.
    """
    words = [WordWanted(word.group.alternatives, _rarity(word, terms), CONTENT, word.group.fields) for word in expanded]
    known = {alternative.token for word in words for alternative in word.alternatives}
    name_tokens = {token for cue in clause.names for token in _tokens(cue)}
    for token in dict.fromkeys(stem(word) for word in clause.cue_words):
        if token not in known:
            words.append(WordWanted((Alternative(token),), terms.rarity(token), CUE))
    stops = [word for word in raw_words(clause.text) if is_stop_word(word) and not is_ideographic(word)]
    for token in list(dict.fromkeys(stem(word) for word in stops))[:MAX_STOPS]:
        if token not in known and token not in name_tokens:
            words.append(WordWanted((Alternative(token),), 0.0, STOP))
    names = []
    for cue in clause.names:
        tokens = tuple(_tokens(cue))
        names.append(NameWanted(cue.accepts, max((terms.rarity(token) for token in tokens), default=1.0), tokens))
    return Question(tuple(words), tuple(names))


def _rarity(word: ExpandedWord, terms: QueryTerms) -> float:
    """idf among scenes of a word, or else of the most frequent that stands for it; half of the largest where no scene has any."""
    if word.word.is_prefix or word.mendings:
        return word.rarity
    if terms.scene_frequency(word.word.token):
        return max(LEAST_IDF, terms.rarity(word.word.token))
    known = [alternative.token for alternative in word.group.alternatives if terms.scene_frequency(alternative.token)]
    return max(LEAST_IDF, min(map(terms.rarity, known))) if known else idf_of_absent(terms.num_scenes)
