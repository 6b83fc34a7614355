"""What a planner tells of the whole film (names, looks, ties, plot), with what its segments showed of its credit. Pure, for the merge.

A name is borne out where somebody says it or a text on screen shows it; all else is worth what the writer's credit is, summed over the
segments that it wrote. Where no segment was compared with anything, nothing is added but that it was not.

Contents: :class:`FilmMarks`.
"""

from __future__ import annotations

from collections.abc import Sequence

from inference.evidence.joining.wordings import tokenize
from omniscript_mam.script import Provenance, Scene

from ..drafts import Draft
from .credit import UNSURE, Credit, Credits, by_credit, mark
from .values import NOT_HEARD, NOT_SEEN, UNSEEN
from .weigh import COMPARED_WITH_NOTHING

UNNAMED = "nobody is heard to say this name, and no text shows it"
SAID = 0.6
"""Least confidence in a name that is said or shown."""


class FilmMarks:
    """Marks for what is told of a whole film.

    Args:
        drafts: the film's segments. scenes: the merged ones, whose lines say names.
    """

    def __init__(self, drafts: Sequence[Draft], scenes: Sequence[Scene]) -> None:
        self.is_weighed = any(draft.claims.is_weighed for draft in drafts)
        self._credits: dict[str, Credits] = {}
        self._hears = all(draft.claims.hears for draft in drafts)
        self._sees = all(draft.claims.sees for draft in drafts)
        for draft in drafts:
            told = Credits(Credit(*draft.claims.ears), Credit(*draft.claims.eyes))
            self._credits[draft.writer] = self._credits.get(draft.writer, Credits()) + told
        self._said: dict[str, str] = {}
        for event in (event for scene in scenes for event in scene.events if event.dialogue):
            sure = event.confidence_of("dialogue")
            if sure is None or sure >= UNSURE:
                for word in tokenize(event.dialogue):
                    self._said.setdefault(word, f"said at {event.start_s:.1f} s")
        for text in (text for draft in drafts for text in draft.texts):
            for word in tokenize(text):
                self._said.setdefault(word, f"on screen: “{' '.join(text.split())[:80]}”")

    def name(self, name: str, by: Provenance) -> Provenance:
        """The mark of a name."""
        if not self.is_weighed:
            return self._alone(by)
        said = [self._said.get(word, "") for word in tokenize(name) if len(word) > 2 or not word.isascii()]
        if any(said):
            where = next(each for each in said if each)
            return mark(by, max(by.confidence or 0.0, SAID), "; ".join(part for part in (by.evidence, where) if part), by.against)
        return mark(by, min(0.3, by.confidence or 0.3), by.evidence, "; ".join(part for part in (by.against, UNNAMED) if part))

    def looks(self, by: Provenance) -> Provenance:
        """The mark of an appearance."""
        return self._told(by, self._of(by).eyes, "" if self._sees else NOT_SEEN)

    def voice(self, by: Provenance) -> Provenance:
        """The mark of a description of a voice."""
        return self._told(by, self._of(by).ears, "" if self._hears else NOT_HEARD)

    def story(self, by: Provenance) -> Provenance:
        """The mark of a plot line, a tie, a character's nature."""
        credits = self._of(by)
        return self._told(by, max(credits.ears, credits.eyes, key=lambda credit: credit.num_checked), "")

    def _of(self, by: Provenance) -> Credits:
        return self._credits.get(by.writer, Credits())

    def _told(self, by: Provenance, credit: Credit, lacking: str) -> Provenance:
        if not self.is_weighed:
            return self._alone(by)
        if lacking:
            return mark(by, min(by.confidence or UNSEEN, UNSEEN), by.evidence, lacking)
        worth = by_credit(by, credit)
        evidence = "; ".join(part for part in (by.evidence, worth.evidence) if part)
        sure = worth.confidence or 0.0
        return mark(by, sure if by.confidence is None else min(by.confidence, sure), evidence, worth.against)

    def _alone(self, by: Provenance) -> Provenance:
        return by if by.against else by.model_copy(update={"against": COMPARED_WITH_NOTHING})
