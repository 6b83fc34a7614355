"""Dialogue: what a writer says is said, against what is heard (and read in subtitles).

A writer without ears can only know lines from what it was told: each of its lines is matched to a heard one by its words, and gets that
one's words and time; a spelling and a speaker are its own. One that hears is a second pair of ears: where both agree its words stand; where
they do not, it is believed against a small model that is unsure, if its other lines were borne out. In either case what is heard is in the
script, or a note says why not.

Times in seconds of the film. Contents: :class:`LineWeighing`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from rapidfuzz.distance import Levenshtein

from inference.evidence.joining.wordings import similarity, tokenize
from inference.evidence.spans import Span
from omniscript_mam.script import ENVIRONMENT_ID, Event, Provenance

from ..drafts import DraftEvent, DraftPerson
from .codes import Notes
from .credit import Credit, mark
from .witness import Witness, covered

Line = TypeVar("Line", DraftEvent, Event)

NEAR_S = 3.0
"""A line is looked for among those that are heard up to this long before and after it."""
BORNE_OUT = 0.6
"""Least share of a line's words that must be heard (and of a heard line's that must be written) for the two to be one."""
SURE = 0.5
"""Confidence from which a heard line stands against any writer."""
SPELT_ALIKE, NAME_ALIKE = 0.8, 0.6
"""Least likeness by letters of a word and its other spelling; of a name, which recognisers spell by ear."""
LOCAL = "heard:"
"""Before the stand-in's identifier of somebody whom the writer does not know."""
NO_EARS = frozenset({"", "environment"})


@dataclass
class LineWeighing:
    """The lines of a stretch while they are weighed.

    Attributes:
        hears: whether the film's sound reached the writer.
        by: writer and version.
        moved: whether any line changed its time, so that scenes must be found anew.
    """

    witness: Witness
    hears: bool
    by: Provenance
    notes: Notes
    credit: Credit = field(default_factory=Credit)
    people: dict[str, DraftPerson] = field(default_factory=dict)
    moved: bool = False
    num_put_in: int = 0
    _voices: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def weigh(self, events: Sequence[DraftEvent]) -> list[DraftEvent]:
        """The events with lines that are borne out or marked, and every line that is heard; in any order."""
        told = [event for event in events if event.dialogue]
        rest = [event for event in events if not event.dialogue]
        lines = self._of_ears(told) if self.hears else self._of_words(told)
        return [*rest, *(self._with_speaker(event, heard) for event, heard in lines)]

    # A writer that does not hear -----------------------------------------------------------------------------------------

    def _of_words(self, told: Sequence[DraftEvent]) -> list[tuple[DraftEvent, Event | None]]:
        heard = self.witness.lines
        pairs = self._matched(told, heard)
        lines: list[tuple[DraftEvent, Event | None]] = []
        for number, event in enumerate(told):
            if number in pairs:
                line = heard[pairs[number]]
                self._voices[line.character_id][event.character] += 1
                lines.append((self._from_heard(event, line), line))
            else:
                lines += self._without_line(event, covered(event.dialogue, [line.dialogue for line in heard]) >= BORNE_OUT)
        missing = [line for number, line in enumerate(heard) if number not in pairs.values()]
        return lines + [(self._put_in(line), line) for line in missing]

    def _matched(self, told: Sequence[DraftEvent], heard: Sequence[Event]) -> dict[int, int]:
        """Number of a told line → number of the heard one that it is: by words, of equal ones by time; each at most once."""
        scores = []
        for i, event in enumerate(told):
            for j, line in enumerate(heard):
                alike = min(1.0, max(similarity(event.dialogue, line.dialogue), covered(event.dialogue, [line.dialogue])))
                whole = covered(line.dialogue, [event.dialogue])
                if (alike >= BORNE_OUT and whole >= 0.3) or whole >= BORNE_OUT:
                    scores.append((round(alike + whole, 2), -abs(event.start_s - line.start_s), i, j))
        pairs: dict[int, int] = {}
        for _, _, i, j in sorted(scores, reverse=True):
            if i not in pairs and j not in pairs.values():
                pairs[i] = j
        return pairs

    def _from_heard(self, event: DraftEvent, line: Event) -> DraftEvent:
        words = line.dialogue if self.witness.is_written(line) else spelt(line.dialogue, event.dialogue)
        source = line.provenance.get("dialogue", self.by)
        if words != line.dialogue:
            told = f"heard as “{line.dialogue}”; spelt by {self.by.writer}"
            source = mark(self.by, source.confidence or 0.0, told, source.against)
        elif tokenize(event.dialogue) != tokenize(line.dialogue):
            self.notes.add("line.words", line.start_s, f"“{event.dialogue}” → “{words}”")
        if abs(event.start_s - line.start_s) > NEAR_S:
            self.notes.add("line.time", line.start_s, f"from {event.start_s:.1f} s: “{words}”")
        self.moved = True
        times = {"start_s": line.start_s, "end_s": line.end_s, "dialogue": words, "language": line.language}
        return event.model_copy(update={**times, "provenance": {**event.provenance, "dialogue": source}})

    # A writer that hears ---------------------------------------------------------------------------------------------------

    def _of_ears(self, told: Sequence[DraftEvent]) -> list[tuple[DraftEvent, Event | None]]:
        heard = self.witness.lines
        shares = [covered(event.dialogue, [line.dialogue for line in _near(event, heard)]) for event in told]
        for event, share in zip(told, shares, strict=True):
            if share >= BORNE_OUT or self._is_check(event):
                self.credit.note(share >= BORNE_OUT)
        there = {line.id for line in heard if covered(line.dialogue, [event.dialogue for event in _near(line, told)]) >= BORNE_OUT}
        lines: list[tuple[DraftEvent, Event | None]] = []
        outdone: set[str] = set()
        for event, share in zip(told, shares, strict=True):
            close = _near(event, heard)
            if share >= BORNE_OUT:
                lines.append(self._agreed(event, close, share))
                continue
            same_time = [line for line in _meanwhile(event, heard) if line.id not in there]
            kept = self._unborne(event, same_time)
            if kept is not None:
                lines.append((kept, None))
                outdone |= {line.id for line in same_time}
            else:
                lines += [(bare, None) for bare in self._bare(event)]
        for line in heard:
            if line.id not in there and line.id not in outdone:
                if self.credit.is_believed and not _is_sure(line):
                    self.notes.add("line.left_out", line.start_s, f"“{line.dialogue}” ({_sure(line)})")
                else:
                    lines.append((self._put_in(line), line))
        return lines

    def _agreed(self, event: DraftEvent, close: Sequence[Event], share: float) -> tuple[DraftEvent, Event]:
        line = max(close, key=lambda each: (similarity(each.dialogue, event.dialogue), -abs(each.start_s - event.start_s)))
        self._voices[line.character_id][event.character] += 1
        same = tokenize(line.dialogue) == tokenize(event.dialogue)
        evidence = "heard alike by small models" if same else f"small models hear “{line.dialogue}” at {line.start_s:.1f} s"
        sure = max(line.confidence_of("dialogue") or 0.0, 0.6) * share + 0.2 * (1 - share)
        update: dict[str, object] = {"provenance": {**event.provenance, "dialogue": mark(self.by, min(0.98, sure), evidence)}}
        if event.end_s <= event.start_s:
            self.notes.add("line.time", line.start_s, f"from {event.start_s:.1f} s, where it had no length: “{event.dialogue}”")
            update |= {"start_s": line.start_s, "end_s": line.end_s}
            self.moved = True
        return event.model_copy(update=update), line

    def _is_check(self, event: DraftEvent) -> bool:
        """Whether a line that is not borne out tells against its writer: not where small models hear something and are unsure of it."""
        meanwhile = _meanwhile(event, self.witness.lines)
        return not meanwhile or any(_is_sure(line) for line in meanwhile)

    def _unborne(self, event: DraftEvent, same_time: Sequence[Event]) -> DraftEvent | None:
        """The line with its marks where its writer is believed; ``None``, with a note, where it is not.

        Where small models are unsure of what they hear, and nothing yet tells for or against the writer, its word is the better one.
        """
        span = (event.start_s, event.end_s)
        instead = " / ".join(line.dialogue for line in same_time)
        others = self.credit.but_for_one() if self._is_check(event) else self.credit
        is_voice = self.witness.is_voice(span)
        is_believed = others.is_believed or (bool(same_time) and others.num_checked == 0)
        if not is_believed or any(_is_sure(line) for line in same_time) or event.end_s <= event.start_s:
            self.notes.add(
                "line.replaced" if same_time else "line.unheard", span[0], f"“{event.dialogue}”" + (f" → “{instead}”" if instead else "")
            )
            return None
        if same_time:
            confidence, against = 0.45 if others.is_believed else 0.35, f"small models hear “{instead}”, {_sure(same_time[0])}"
            self.notes.add("line.other_words", span[0], f"“{event.dialogue}”; small models, unsure: “{instead}”")
        elif is_voice:
            confidence, against = 0.45, "somebody is heard, but small models make out no words"
        else:
            confidence, against = 0.25, f"no voice is heard from {span[0]:.1f} to {span[1]:.1f} s"
        told = f"its writer hears, and {self.credit.in_words()}"
        return event.model_copy(update={"provenance": {**event.provenance, "dialogue": mark(self.by, confidence, told, against)}})

    # Both ---------------------------------------------------------------------------------------------------------------------

    def _without_line(self, event: DraftEvent, is_twice: bool) -> list[tuple[DraftEvent, Event | None]]:
        self.notes.add("line.said_twice" if is_twice else "line.unheard", event.start_s, f"“{event.dialogue}”")
        return [(bare, None) for bare in self._bare(event)]

    def _bare(self, event: DraftEvent) -> list[DraftEvent]:
        """The event without its line, and without what tells of the line; nothing if nothing is left."""
        left = event.model_copy(update={"dialogue": "", "subtext": "", "voice_type": "", "language": ""})
        return [left] if left.action or left.audio_cue or left.expression else []

    def _put_in(self, line: Event) -> DraftEvent:
        self.notes.add("line.put_in", line.start_s, f"“{line.dialogue}”")
        self.moved = True
        self.num_put_in += 1
        fields = line.model_dump(include={"start_s", "end_s", "dialogue", "language", "on_screen_text"})
        voice = line.voice_type.value if line.voice_type else ""
        kept = ("dialogue", "on_screen_text", "voice_type", "character_id")
        provenance = {name: line.provenance[name] for name in kept if name in line.provenance}
        return DraftEvent(**fields, voice_type=voice, character=LOCAL + line.character_id, provenance=provenance)

    def _with_speaker(self, event: DraftEvent, line: Event | None) -> DraftEvent:
        """The event with how sure it is who speaks; of a line that was put in, with whom the writer means by that voice."""
        if line is None:
            return event
        votes = self._voices[line.character_id]
        known = {name: count for name, count in votes.items() if name.casefold() not in NO_EARS}
        if event.character.startswith(LOCAL):
            if known:
                return event.model_copy(update={"character": max(known, key=lambda name: known[name])})
            if line.character_id == ENVIRONMENT_ID:
                return event.model_copy(update={"character": ""})
            self._meet(line.character_id)
            return event
        total, mine = sum(votes.values()), votes[event.character]
        sure = line.confidence_of("character_id") or 0.0
        if total > 1 and mine * 2 > total:
            by = mark(self.by, 0.4 + 0.4 * mine / total, f"the same voice in {mine} of {total} lines")
        elif total > 1:
            by = mark(
                self.by, 0.3, against=f"that voice speaks for {max(votes, key=lambda name: votes[name])} in {total - mine} of {total} lines"
            )
        else:
            by = mark(self.by, 0.4 * sure + 0.2, against="only one line is heard in that voice")
        return event.model_copy(update={"provenance": {**event.provenance, "character_id": by}})

    def _meet(self, identifier: str) -> None:
        person = self.witness.script.character(identifier)
        if person is not None and identifier not in self.people:
            told = person.model_dump(include={"name", "named", "aliases", "appearance", "voice", "naming_evidence"})
            self.people[identifier] = DraftPerson(key=LOCAL + identifier, provenance=person.provenance, **told)


def spelt(heard: str, told: str) -> str:
    """The told spelling where its words are the heard ones; else the words as they are heard."""
    mine, theirs = tokenize(heard), tokenize(told)
    if mine == theirs:
        return told
    if len(mine) != len(theirs):
        return heard
    others = [(a, b) for a, b in zip(mine, theirs, strict=True) if a != b]
    names = {word.casefold().strip(".,;:!?…“”\"'’") for word in told.split()[1:] if word[:1].isupper()}
    alike = all(
        Levenshtein.normalized_similarity(a, b) >= (NAME_ALIKE if b in names else SPELT_ALIKE) and not (a + b).isdigit() for a, b in others
    )
    return told if alike and len(others) <= max(1, len(mine) // 3) else heard


def _near(part: DraftEvent | Event, others: Sequence[Line]) -> list[Line]:
    """What lies up to :data:`NEAR_S` before or after."""
    span: Span = (part.start_s - NEAR_S, part.end_s + NEAR_S)
    return [each for each in others if each.start_s <= span[1] and each.end_s >= span[0]]


def _meanwhile(event: DraftEvent, lines: Sequence[Event]) -> list[Event]:
    """The lines that are heard while this one is said to be, give or take a second."""
    return [line for line in lines if line.start_s < event.end_s + 1 and line.end_s > event.start_s - 1]


def _is_sure(line: Event) -> bool:
    return (line.confidence_of("dialogue") or 0.0) >= SURE


def _sure(line: Event) -> str:
    sure = line.confidence_of("dialogue")
    return "nobody says how sure" if sure is None else f"{sure:.0%} sure"
