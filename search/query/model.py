"""What a query means: cues, words, phrases, clauses. Plain data, made by :mod:`.parser`, used by ranking and shown as chips."""

from __future__ import annotations

from dataclasses import dataclass, field

from search.analysis import raw_words
from search.types import Chip

SOFT, STRONG, HARD = "soft", "strong", "hard"
"""How much a cue counts: re-ranks; is given up only when nothing has it; excludes what lacks it."""


@dataclass(frozen=True)
class Cue:
    """Something that a facet can say of a moment.

    Attributes:
        facet: character, time, mood, location, type, kind, title, language, interaction.
        words: the words of the query it came from.
        value: what it was understood as, to show.
        accepts: the facet values that satisfy it.
        strength: :data:`SOFT`, :data:`STRONG` or :data:`HARD`.
        excludes: what has it is left out ("without Grug").
        is_guess: a name that was typed differently.
    """

    facet: str
    words: str
    value: str
    accepts: frozenset[str]
    strength: str = SOFT
    excludes: bool = False
    is_guess: bool = False


@dataclass(frozen=True)
class Word:
    """A content word: its token, and the fields it is looked for in (none: all).

    ``typed`` is the word itself where ``words``, what its chip takes out, hold more ("line:sea"). ``is_cue``: it was understood as a cue
    as well ("argues"); it counts where it is found, and nothing is said of it where it is not.
    """

    words: str
    token: str
    fields: tuple[str, ...] = ()
    is_prefix: bool = False
    is_name_like: bool = False
    typed: str = ""
    is_cue: bool = False

    @property
    def folded(self) -> str:
        """The word as it is compared with a language's words, unstemmed; empty for what is no word of letters."""
        return next(iter(raw_words(self.typed or self.words)), "")


@dataclass(frozen=True)
class QuotedPhrase:
    """Words in quotation marks: one after the other, as written."""

    words: str
    tokens: tuple[str, ...]
    fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Relation:
    """Who does something to, with or at whom.

    Attributes:
        actor: who does it, as shown. other: to whom.
        verb: the words between them.
        kind: the interaction it was understood as (:data:`search.lexicon.INTERACTIONS`); empty for none.
        is_mutual: either may be called the one who does it.
        actors: names that the actor may be meant by. others: those of the other.
    """

    actor: str
    verb: str
    other: str
    kind: str = ""
    is_mutual: bool = False
    actors: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Clause:
    """One thing that happens.

    ``cue_words`` are tokens that were understood as cues; they still count a little as words. ``fields`` are those a
    word like "sound" or "says" points at. ``whole_scenes``: what is excluded must be nowhere in the scene, so that scenes are judged as a
    whole. ``sentence`` is what is embedded: names replaced by "someone".
    """

    text: str
    cues: tuple[Cue, ...] = ()
    words: tuple[Word, ...] = ()
    phrases: tuple[QuotedPhrase, ...] = ()
    cue_words: tuple[str, ...] = ()
    excluded_tokens: tuple[str, ...] = ()
    excluded_phrases: tuple[QuotedPhrase, ...] = ()
    whole_scenes: bool = False
    fields: tuple[str, ...] = ()
    relation: Relation | None = None
    sentence: str = ""

    @property
    def names(self) -> tuple[Cue, ...]:
        """The people asked for (not those excluded)."""
        return tuple(part for part in self.cues if part.facet == "character" and not part.excludes)

    @property
    def excludes(self) -> bool:
        """True if anything is asked to be absent."""
        return bool(self.excluded_tokens or self.excluded_phrases or any(cue.excludes for cue in self.cues))

    @property
    def is_empty(self) -> bool:
        """True if nothing is left to look for."""
        return not (self.cues or self.words or self.phrases or self.excludes)


@dataclass(frozen=True)
class ParsedQuery:
    """A whole query. Several clauses happen in one film, in the order given if ``is_ordered``, at most ``max_gap_s`` apart.

    ``focus`` is the clause that is the moment itself where the others only say when it is ("the moment after the door slams when she
    whispers" is the whisper); ``None``: the moment is all of them.
    """

    clauses: tuple[Clause, ...]
    level: str = "scene"
    is_ordered: bool = False
    max_gap_s: float = 60.0
    focus: int | None = None
    chips: tuple[Chip, ...] = ()
    notices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gazetteer:
    """Names, places and titles that the index knows: folded words → the facet values they stand for, those that most records have first.

    ``values``: the times, moods and interactions that it has.
    """

    names: dict[str, frozenset[str]] = field(default_factory=dict)
    parts_of_names: dict[str, frozenset[str]] = field(default_factory=dict)
    locations: dict[str, frozenset[str]] = field(default_factory=dict)
    titles: dict[str, frozenset[str]] = field(default_factory=dict)
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
