"""A clause in the making: what the steps of the parser have understood so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from search.query.model import HARD, Clause, Cue, Gazetteer, QuotedPhrase, Relation, Word
from search.query.typed import TypedWords
from search.types import Chip


@dataclass
class ClauseBuilder:
    """What has been understood of one clause. ``name_places`` remembers where each name stands, for relations."""

    typed: TypedWords
    gazetteer: Gazetteer
    cues: list[Cue] = field(default_factory=list)
    words: list[Word] = field(default_factory=list)
    phrases: list[QuotedPhrase] = field(default_factory=list)
    cue_words: list[str] = field(default_factory=list)
    excluded_tokens: list[str] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    name_places: list[tuple[int, int, Cue]] = field(default_factory=list)
    relation: Relation | None = None

    def add_cue(self, cue: Cue) -> None:
        """Keep a cue, with its chip."""
        kind = {"kind": "field"}.get(cue.facet, cue.facet)
        self.cues.append(cue)
        is_only = cue.strength == HARD and cue.facet not in ("title", "language")
        self.chips.append(Chip(kind, cue.words, f"only {cue.value}" if is_only else cue.value, cue.excludes))

    def clause(self, sentence: str) -> Clause:
        """The finished clause."""
        return Clause(
            text=self.typed.text,
            cues=tuple(dict.fromkeys(self.cues)),
            words=tuple(dict.fromkeys(self.words)),
            phrases=tuple(dict.fromkeys(self.phrases)),
            cue_words=tuple(dict.fromkeys(self.cue_words)),
            excluded_tokens=tuple(dict.fromkeys(self.excluded_tokens)),
            fields=tuple(dict.fromkeys(self.fields)),
            relation=self.relation,
            sentence=sentence,
        )
