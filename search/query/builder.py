"""A clause in the making: what the steps of the parser have understood so far."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from search.query.model import HARD, Clause, Cue, Gazetteer, QuotedPhrase, Relation, Word
from search.query.typed import TypedWords
from search.types import Chip


@dataclass
class ClauseBuilder:
    """What has been understood of one clause. ``name_places`` and ``interactions`` remember where names and verbs stand, for relations."""

    typed: TypedWords
    gazetteer: Gazetteer
    cues: list[Cue] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    phrases: list[QuotedPhrase] = field(default_factory=list)
    cue_words: list[str] = field(default_factory=list)
    excluded_tokens: list[str] = field(default_factory=list)
    excluded_phrases: list[QuotedPhrase] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    name_places: list[tuple[int, int, Cue]] = field(default_factory=list)
    interactions: list[tuple[int, int, Cue]] = field(default_factory=list)
    relation: Relation | None = None

    def add_cue(self, cue: Cue) -> None:
        """Keep a cue, with its chip."""
        kind = {"kind": "field"}.get(cue.facet, cue.facet)
        self.cues.append(cue)
        is_only = cue.strength == HARD and cue.facet not in ("title", "language")
        self.chips.append(Chip(kind, cue.words, f"only {cue.value}" if is_only else cue.value, cue.excludes))

    def exclude(self, words: str, tokens: Sequence[str], fields: tuple[str, ...] = ()) -> None:
        """Leave out what has these tokens, one after the other, in the fields (none given: in any of its own)."""
        if len(tokens) == 1 and not fields:
            self.excluded_tokens.append(tokens[0])
        elif tokens:
            self.excluded_phrases.append(QuotedPhrase(words, tuple(tokens), fields))

    def clause(self, sentence: str, level: str) -> Clause:
        """The finished clause, by the level of what is looked for: scene, moment, line, or step (of several)."""
        clause = self._clause(sentence)
        only_excludes = not (clause.words or clause.phrases or any(not cue.excludes for cue in clause.cues))
        is_of_scenes = level == "scene" or (level == "moment" and only_excludes)
        return replace(clause, whole_scenes=clause.excludes and is_of_scenes)

    def _clause(self, sentence: str) -> Clause:
        return Clause(
            text=self.typed.text,
            cues=tuple(dict.fromkeys(self.cues)),
            words=tuple(dict.fromkeys(self.words)),
            phrases=tuple(dict.fromkeys(self.phrases)),
            cue_words=tuple(dict.fromkeys(self.cue_words)),
            excluded_tokens=tuple(dict.fromkeys(self.excluded_tokens)),
            excluded_phrases=tuple(dict.fromkeys(self.excluded_phrases)),
            fields=tuple(dict.fromkeys(self.fields)),
            relation=self.relation,
            sentence=sentence,
        )
