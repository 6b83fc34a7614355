"""What may be wrong with a model's text: every repair there is and why it is certain, and the refusal where it is not.

A repair never adds a word: it changes punctuation, spelling of times and of enumerations, order, or leaves something out, and says so.

Contents: :data:`REPAIRS`, :class:`Repair`, :class:`Log`.
"""

from __future__ import annotations

import itertools
from bisect import bisect_right
from dataclasses import dataclass

MAX_DETAIL_CHARS = 120
"""Most of a passage that a repair quotes."""

REPAIRS = {
    "text.tokens": ("special tokens of chat templates at the end are left out", "no script has them"),
    "text.control": ("control characters and halves of surrogate pairs are left out of texts", "they are no letters in any language"),
    "text.loop": ("a text that ends in three or more copies of one passage keeps the first", "at least 120 characters go round exactly"),
    "text.type": ("a number, a list of texts or an object with one text in the place of a text is that text", "the words are the same"),
    "text.nothing": ("“null” and “N/A” written as a text, but a line or a name, are empty", "they say that there is nothing"),
    "prose": ("text around the document is left out", "it is outside of the document's brackets"),
    "fence": ("Markdown fences are left out", "they are not part of JSON"),
    "thinking.tags": ("thinking without one of its tags goes up to the other one, or to the document", "nothing else is there"),
    "thinking.answer": ("a document inside the thinking part is taken where none comes after it", "it is the only one"),
    "document.cut": ("what was whole when the text ended is kept, the rest left out", "whole items do not depend on the rest"),
    "document.draft": ("a passage in brackets that cannot be read is left out before a whole answer", "the answer has the keys asked for"),
    "document.repeated": ("a document whose every item is in another one is left out", "nothing is lost"),
    "document.joined": ("documents that go on in time, or hold different parts, are one", "no time and no part is in two of them"),
    "document.wrapped": ("an answer inside an object of one key, or written as a JSON text, is taken out", "there is one way to read it"),
    "document.bare": ("a list of scenes or events, or one scene, without the object around it is put into one", "the keys say what it is"),
    "json.comma": ("a missing comma is put in, one too many left out", "where one item ends and the next begins is plain"),
    "json.bracket": ("a missing bracket is put in, one too many left out", "the other brackets say where it belongs"),
    "json.quotes": ("texts and keys in other quotation marks, and bare keys", "where they end is plain from what follows"),
    "json.inner_quote": ("quotation marks within a text belong to it", "no comma, colon or bracket that goes on with the document follows"),
    "json.unclosed": ("a text whose closing mark is missing ends before the next key", "the next key begins there"),
    "json.newline": ("line breaks and tabs within a text belong to it", "they are only to be spelt otherwise"),
    "json.escape": ("a backslash before a character that needs none is left out or kept as it is", "JSON knows no such escape"),
    "json.punctuation": ("Chinese or other full-width punctuation between texts is read as JSON's", "it is outside of texts"),
    "json.comment": ("comments and dots for what was left out are left out", "they are outside of texts"),
    "json.bare": ("a word or a time without quotation marks is a text", "it is one word, and a comma or a bracket follows"),
    "json.number": ("NaN and infinite numbers are as if absent", "they say nothing"),
    "key.twice": ("of a key that comes twice: equal or empty values are one, lists are joined", "nothing is lost"),
    "key.spelling": ("keys in another spelling, or of the authors' release", "the word is the same, or the release documents it"),
    "key.unknown": ("keys that were not asked for are left out", "no field is for them"),
    "list.type": ("one object for a list of one, a list in a list, names in one text, null: read as the list", "the items are plain"),
    "item.empty": ("items that are null, empty or lack what makes them (an identifier, a name) are left out", "they say nothing"),
    "item.cut": ("an item that was being written when its document ended is left out", "half a line is no line"),
    "item.repeated": ("an item that is there already, in every field, is left out", "nothing is lost"),
    "item.loop": ("of four or more copies in a row of the same events the first stays", "times apart, every field repeats"),
    "scene.flat": ("events between scenes belong to the scene before them", "a scene's events follow it"),
    "enum.spelling": ("scene types and voice types in other spellings (INT., 室内, V.O. …)", "each means one value"),
    "enum.unknown": ("an unknown scene type or voice type is left empty", "the field may be empty"),
    "number.type": ("numbers written as text, as 8/10 or as 90%", "the number is the same"),
    "number.range": ("numbers outside of their range are left at 0, which is “not told”", "what they mean cannot be known"),
    "time.spelling": ("times as H:MM:SS, 12.5 s, 1分5秒, seconds as a number, in full-width digits", "each has one value in seconds"),
    "time.clamped": ("times up to 1 s outside of the clip are moved to its border", "models round"),
    "time.outside": ("what begins later than that after the clip's end is left out", "it is not of this clip"),
    "time.unreadable": ("what has no readable start is left out", "when it happens cannot be known"),
    "time.no_end": ("without a possible end: up to the next start, an event at most 5 s", "the start stands"),
    "time.order": ("times that go back are sorted", "each item has its own time"),
    "character.spelling": ("char_1, unknown_001, “char_001 (Tom)” are the listed char_001", "only one that was listed has the number"),
    "character.unknown": ("an identifier that was not listed is a label: char 007", "nobody knows whom it means outside of this answer"),
}  # fmt: skip
"""Code → what is done, and why that is certain. ``docs/repairs.md`` shows the same table."""

COUNTED = frozenset(code for code in REPAIRS if code.startswith(("json.", "key.", "text.", "enum.", "time.spelling", "number.type")))
"""Repairs of which an answer may have hundreds: one entry with the first place and a count."""


@dataclass(frozen=True)
class Repair:
    """One thing that was put right: which rule, where (line and column, or JSON path), and what."""

    code: str
    place: str
    detail: str = ""


class Log:
    """Repairs while a text is read. Places within the text are offsets until somebody looks at them."""

    def __init__(self, text: str = "") -> None:
        self.text = text
        self._notes: list[tuple[str, int | str, str]] = []
        self._lines: list[int] | None = None

    def add(self, code: str, at: int | str, detail: str = "") -> None:
        """A repair at an offset or a JSON path."""
        self._notes.append((code, at, detail))

    def mark(self) -> int:
        """A point to go back to."""
        return len(self._notes)

    def back_to(self, mark: int) -> None:
        """Forget what was noted since."""
        del self._notes[mark:]

    def place(self, at: int | str) -> str:
        """An offset as a line and a column, both from 1; a path as it is."""
        if isinstance(at, str):
            return at
        if self._lines is None:
            ends = (i + 1 for i, char in enumerate(self.text) if char == "\n")
            self._lines = [0, *ends]
        line = bisect_right(self._lines, at)
        return f"line {line}, column {at - self._lines[line - 1] + 1}"

    def first(self, *codes: str) -> tuple[int | str, str] | None:
        """Where the first repair of these kinds was made, and its detail."""
        return next(((at, detail) for code, at, detail in self._notes if code in codes), None)

    def repairs(self) -> list[Repair]:
        """What was put right, in the order of the table's kinds that are counted, and else as it happened."""
        counts: dict[str, int] = {}
        for code, _, _ in self._notes:
            counts[code] = counts.get(code, 0) + 1
        seen: set[str] = set()
        repairs = []
        for code, at, detail in self._notes:
            if code in COUNTED and code in seen:
                continue
            seen.add(code)
            times = f"{counts[code]} times, first: " if code in COUNTED and counts[code] > 1 else ""
            repairs.append(Repair(code, self.place(at), (times + detail)[:MAX_DETAIL_CHARS].removesuffix(", first: ")))
        return repairs


def shown(text: str) -> str:
    """The beginning of a passage, on one line, for a message."""
    short = " ".join("".join(itertools.islice(text, 200)).split())
    return short if len(short) <= 60 else short[:59] + "…"
