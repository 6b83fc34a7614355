"""Every note that weighing leaves in a segment's draft, beside the repairs of its text (:data:`inference.answers.faults.REPAIRS`).

Those change punctuation and spelling of an answer; these change what is said of the film, so each keeps the words that it took away.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..drafts import DraftRepair

WEIGHINGS = {
    "line.unheard": ("a line that nobody is heard to say is left out", "its writer does not hear, or was wrong where it could be checked"),
    "line.replaced": ("a line gives way to the words that are heard then", "they are others, and its writer is not believed against them"),
    "line.put_in": ("a line that is heard and was not written is put in, as it was heard", "a writer may not drop what is said"),
    "line.left_out": ("a line that the small models are unsure of stays out", "a writer that hears, and is borne out elsewhere, has none"),
    "line.other_words": ("the writer's words stand where the small models, unsure, have others", "it hears, and is borne out elsewhere"),
    "line.words": ("a line of a writer that does not hear gets the words that are heard", "it cannot know better"),
    "line.time": ("a line is moved to where it is heard", "its words are heard there, and its writer does not hear or gave it no length"),
    "line.said_twice": ("a line is left out whose words stand in another one", "they are heard once"),
    "event.no_length": ("an event of no length lasts up to the next, one second at most", "nothing happens in no time"),
    "event.at_end": ("an event of no length at the very end of its stretch is left out", "when it happens cannot be known"),
    "event.nothing": ("an event is left out of which nothing is left", "what it told was left out for the reasons that stand beside"),
    "text.echo": ("a text that repeats the question is left out", "it tells of the form, and not of the film"),
    "place.type": ("“Interior” or “Exterior” as a place is the scene's type", "it names no place"),
    "hints.none": ("written without hints, and compared with nothing", "the small models could not observe it"),
    "script.cut": ("the model stopped before its answer was whole", "what was whole stands"),
    "model.other": ("another model answered than was asked for", "its name stands in the provenance"),
}  # fmt: skip
"""Code → what is done, and why. ``docs/repairs.md`` shows the same table."""


class Notes:
    """Notes while a draft is weighed."""

    def __init__(self) -> None:
        self.repairs: list[DraftRepair] = []

    def add(self, code: str, time_s: float | None, detail: str) -> None:
        """One note; ``time_s`` is when, in seconds of the film."""
        assert code in WEIGHINGS, code
        self.repairs.append(DraftRepair(code=code, place="" if time_s is None else f"{time_s:.1f} s", detail=detail[:400]))

    def count(self, codes: Iterable[str]) -> int:
        """How many notes are of these kinds."""
        wanted = set(codes)
        return sum(repair.code in wanted for repair in self.repairs)
