"""Corrections → a script.

:func:`apply_again` puts all of them into a script that was written anew: a person's value outranks a model's, and what does not fit stays
in the list with the reason. :func:`rebase` puts those of one person into a script that others changed meanwhile: what both changed,
differently, is a conflict and nothing is changed. Neither changes the script it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from omniscript_mam.script import ENVIRONMENT_ID, Character, Event, Interaction, Meta, Provenance, Scene, Script, check

from .differing import PEOPLE_FIELDS, Difference, fields_of_part, value_of
from .locating import Parts, is_twin
from .people import corrected_name, merge_people
from .records import Correction, Part, anchor_of, key_of
from .whole import put_in, seat, take_out, with_people

GONE = "Nothing in the script fits it clearly."
PERSON_GONE = "Whom it names is not clearly in the script."
TAKEN = "Another correction says something else of the same."
RULE = "The script would break a rule with it."


@dataclass(frozen=True)
class Applied:
    """What came of it.

    Attributes:
        script: the script with everything that fits.
        corrections: all of them, each with its part and, where it does not fit, the problem.
        conflicts: of a rebase: each correction that somebody else's contradicts, and what stands there now.
        ids: id of a character that is gone → who it became.
    """

    script: Script
    corrections: list[Correction]
    conflicts: list[tuple[Correction, Any]] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)


def apply_again(corrections: Iterable[Correction], script: Script) -> Applied:
    """Put people's corrections into a script that was written anew (another lineage)."""
    wanted = list(corrections)
    done = _all(wanted, script)
    if check(done.script):  # rare: find out whose fault it is
        fitting: list[Correction] = []
        for correction in wanted:
            if not check(_all([*fitting, correction], script).script):
                fitting.append(correction)
        done = _all(fitting, script)
        placed = {correction.key: correction for correction in done.corrections}
        every = [placed.get(each.key) or _problem(each, RULE) for each in wanted]
        done = Applied(done.script, every, ids=done.ids)
    return done


def rebase(corrections: Iterable[Correction], script: Script, theirs: Difference | None) -> Applied:
    """Put a person's corrections into a script that is newer than the one they saw.

    Args:
        theirs: what others did meanwhile; ``None`` if the script was written anew.
    """
    work = _Work(script, None if theirs is None else theirs.ids)
    if theirs is not None:
        work.merged = {each.where.id for each in theirs.corrections if each.kind == "same"}
        work.touched = {(each.where.kind, each.part_id) for each in theirs.corrections}
    conflicts: list[tuple[Correction, Any]] = []

    def is_mine(correction: Correction) -> bool:
        now, is_theirs = work.other_view(correction)
        if is_theirs:
            conflicts.append((correction, now))
        return not is_theirs

    placed = work.place_all(corrections, is_mine)
    conflicts += [(each, None) for each in placed if each.problem]
    return Applied(work.script, placed, conflicts, work.ids)


def apply_to(correction: Correction, script: Script, part_id: str) -> Applied:
    """Put one correction into the part that a person chose for it, which is its place from now on."""
    if correction.kind == "added":  # what was chosen is whom it names
        work = _Work(script, None)
        named = {each.id: person.id for each in correction.people if isinstance(person := work.parts.part(each), Character)}
        work.parts.ids = {each.id: named.get(each.id, part_id) for each in correction.people}
        return Applied(work.script, work.place_all([correction]), ids=work.ids)
    is_tie = correction.where.kind == "relationship"
    work = _Work(script, {correction.where.id: part_id} if correction.where.id != part_id else {})
    part = work.parts.keyed(correction.where.kind, part_id) if is_tie else work.parts.part(correction.where)
    if is_tie and part is not None:
        correction = correction.model_copy(update={"where": anchor_of(work.script, part)})
    here = correction if part is None else correction.model_copy(update={"where": anchor_of(work.script, part)})
    if correction.people and correction.kind == "value":  # whom it names is found by lines, as the script may be another lineage
        others = Parts(work.script)
        named = {each.id: person.id for each in correction.people if isinstance(person := others.part(each), Character)}
        work.parts.ids = {**named, **(work.parts.ids or {})}
    (placed,) = work.place_all([correction])
    return Applied(work.script, [placed if placed.problem else placed.model_copy(update={"where": here.where})], ids=work.ids)


def _all(corrections: Iterable[Correction], script: Script) -> Applied:
    work = _Work(script, None)
    placed = work.place_all(corrections)
    kept = [each.model_copy(update={"part_id": _now(each.part_id, work.ids)}) for each in placed]
    return Applied(work.script, kept, ids=work.ids)


def _now(identifier: str, ids: Mapping[str, str]) -> str:
    seen: set[str] = set()
    while identifier in ids and identifier not in seen:
        seen.add(identifier)
        identifier = ids[identifier]
    return identifier


class _Work:
    """A copy of a script while corrections are put into it, one after the other."""

    def __init__(self, script: Script, ids: Mapping[str, str] | None) -> None:
        self.script = script.model_copy(deep=True)
        self.parts = Parts(self.script, ids)
        self.ids: dict[str, str] = {}
        self.merged: set[str] = set()
        self.touched: set[tuple[str, str]] = set()
        self._left_with_scene: list[Event | Interaction] = []
        self._said: dict[tuple[int, str], Any] = {}

    def place_all(self, corrections: Iterable[Correction], is_wanted: Callable[[Correction], bool] = lambda each: True) -> list[Correction]:
        """Do what they say, cuts between scenes first; returns those that are wanted, each with the part it went to or the problem."""
        wanted = list(corrections)
        cuts = self._cut([each for each in wanted if _is_cut(each) and is_wanted(each)])
        placed = []
        for correction in wanted:
            if _is_cut(correction):
                placed += [each for each in cuts if each.key == correction.key and _is_like(each, correction)][:1]
            elif is_wanted(correction):
                placed.append(self._place(correction))
        return placed

    def _cut(self, cuts: list[Correction]) -> list[Correction]:
        """Scenes cut, joined, added and removed: all together, as each alone may leave events without a scene; else one by one."""
        placed = self._cut_at_once(cuts)
        return [done for each in cuts for done in self._cut_at_once([each]) or [_problem(each, RULE)]] if placed is None else placed

    def _cut_at_once(self, cuts: list[Correction]) -> list[Correction] | None:
        """``None`` if the script would break a rule; nothing is changed then."""
        if not cuts:
            return []
        before = self.script.model_copy(deep=True).scenes
        inside: list[Event | Interaction] = [*self.script.events(), *self.script.interactions()]
        placed = [self._place(each) for each in cuts]
        gone = {id(part) for part in self._left_with_scene}
        self._left_with_scene = []
        if seat(self.script, [part for part in inside if id(part) not in gone]) and not check(self.script):
            return placed
        self.script.scenes = before
        self._said.clear()
        self._look_again()
        return None

    def _look_again(self) -> None:
        self.parts = Parts(self.script, self.parts.ids)

    def _place(self, correction: Correction) -> Correction:
        """Do what it says; returns it with the part it went to, or with the problem."""
        if correction.kind == "added":
            return self._add(correction)
        part = self.parts.part(correction.where)
        if correction.kind == "removed":
            return self._remove(correction, part)
        problem = GONE
        if part is not None:
            problem = self._merge(correction, part) if correction.kind == "same" else self._set(correction, part)
        if part is None or problem:
            return _problem(correction, problem)
        return correction.model_copy(update={"part_id": _now(key_of(part), self.ids), "problem": ""})

    def _add(self, correction: Correction) -> Correction:
        """A whole part; where the writer has it now as well, it is the person's that stands there."""
        named = {each.id: person.id for each in correction.people if isinstance(person := self.parts.part(each), Character)}
        try:
            data = with_people(correction.value, named)
        except KeyError:
            return _problem(correction, PERSON_GONE)
        twin = self.parts.part(correction.where) if self.parts.ids is None else None
        try:
            if twin is not None and is_twin(correction.where, twin):
                self._take_over(twin, data)
                return correction.model_copy(update={"part_id": key_of(twin), "problem": ""})
            part = put_in(self.script, correction.where.kind, data)
        except ValueError:
            return _problem(correction, RULE)
        if not _is_cut(correction) and check(self.script):
            take_out(self.script, part)
            return _problem(correction, RULE)
        self._look_again()
        return correction.model_copy(update={"part_id": key_of(part), "problem": ""})

    def _take_over(self, twin: Part, data: dict[str, Any]) -> None:
        person = {name: by for name, by in data.get("provenance", {}).items() if name in fields_of_part(twin)}
        for name in fields_of_part(twin):
            if name in data and name not in ("start_s", "end_s", "name") and data[name]:
                setattr(twin, name, data[name])
        twin.provenance = {**twin.provenance, **person}

    def _remove(self, correction: Correction, part: Part | None) -> Correction:
        """A part that is gone by itself is what the person wanted; one that is not clearly there has to be pointed at."""
        if part is None and self.parts.fits(correction.where):
            return _problem(correction, GONE)
        if part is not None:
            before = self.script.model_copy(deep=True)
            if isinstance(part, Scene) and correction.before and correction.before.get("events"):
                self._left_with_scene += [*part.events, *part.interactions]
            take_out(self.script, part)
            if not _is_cut(correction) and check(self.script):
                self.script = before
                self._said.clear()
                self._look_again()
                return _problem(correction, RULE)
            self._look_again()
        return correction.model_copy(update={"part_id": key_of(part) if part is not None else correction.where.id, "problem": ""})

    def other_view(self, correction: Correction) -> tuple[Any, bool]:
        """What stands there now, and whether somebody else wants that and not what the correction says."""
        part = self.parts.part(correction.where)
        if part is None or correction.kind == "added":
            return None, False
        if correction.kind == "removed":
            return "corrected", (correction.where.kind, key_of(part)) in self.touched
        if correction.kind == "same":
            is_somebody = correction.where.id in self.merged and part is not self.parts.part(correction.people[0])
            return getattr(part, "name", ""), is_somebody
        now, wanted = value_of(part, correction.field), self._meant(correction)
        if correction.field == "aliases" or now in (correction.before, wanted) or wanted is None:
            return now, False
        by = part.provenance.get(correction.field)
        return now, self.parts.ids is not None or (by is not None and by.is_person)

    def _set(self, correction: Correction, part: Part) -> str:
        value = self._meant(correction)
        if value is None and correction.value is not None:
            return PERSON_GONE
        if correction.field == "aliases":
            value = _joined(value_of(part, "aliases"), correction.before or [], value, getattr(part, "name", ""))
        place = (id(part), correction.field)
        if self._said.get(place, value) != value and correction.field != "aliases":
            return TAKEN
        before, was = value_of(part, correction.field), part.provenance
        by = Provenance(writer="person", version=correction.author)
        try:
            if correction.field == "name" and isinstance(part, Character):
                self._name(part, value, by)
            else:
                setattr(part, correction.field, value)
                part.provenance = {**part.provenance, correction.field: by}
        except ValueError:
            return RULE
        if not _is_cut(correction) and not self._is_legal(part):
            setattr(part, correction.field, before)
            part.provenance = was
            return RULE
        self._said[place] = value
        return ""

    def _name(self, person: Character, name: str, by: Provenance) -> None:
        old_id = person.id
        new_id = corrected_name(self.script, person, name, by)
        if new_id != old_id:
            self.ids[old_id] = new_id
            if self.parts.ids is not None:
                self.parts.ids[old_id] = new_id

    def _merge(self, correction: Correction, gone: Part) -> str:
        kept = self.parts.part(correction.people[0])
        if not isinstance(kept, Character) or not isinstance(gone, Character):
            return PERSON_GONE
        if kept is gone:  # they are one already
            return ""
        merge_people(self.script, gone, kept)
        self.ids[gone.id] = kept.id
        if self.parts.ids is not None:
            self.parts.ids[gone.id] = kept.id
        return ""

    def _meant(self, correction: Correction) -> Any:
        """The value, with the characters that it names as this script numbers them; ``None`` if one is not in it."""
        if correction.field not in PEOPLE_FIELDS:
            return correction.value
        now: dict[str, str] = {ENVIRONMENT_ID: ENVIRONMENT_ID}
        for anchor in correction.people:
            person = self.parts.part(anchor)
            if isinstance(person, Character):
                now[anchor.id] = person.id
        named = [correction.value] if isinstance(correction.value, str) else correction.value
        if any(each not in now for each in named):
            return None
        ids = list(dict.fromkeys(now[each] for each in named))
        return ids[0] if isinstance(correction.value, str) else ids

    def _is_legal(self, part: Part) -> bool:
        """False where a person's time or text cannot stand in this script: an event outside of its scene, or without any text."""
        if isinstance(part, (Meta, Character)):
            return True
        if isinstance(part, (Event, Interaction)):
            alone = Script(scenes=[self._scene_of(part)])
        elif isinstance(part, Scene):
            alone = self.script
        else:
            return True
        return not [fault for fault in check(alone) if "no character" not in fault.message]

    def _scene_of(self, part: Event | Interaction) -> Scene:
        """The part's scene with nothing else in it."""
        name = "events" if isinstance(part, Event) else "interactions"
        scene = next(scene for scene in self.script.scenes if any(each is part for each in getattr(scene, name)))
        return scene.model_copy(update={"events": [], "interactions": [], name: [part]})


def _is_cut(correction: Correction) -> bool:
    """It changes which scenes there are and when."""
    return correction.where.kind == "scene" and (correction.kind in ("added", "removed") or correction.field in ("start_s", "end_s"))


def _is_like(one: Correction, other: Correction) -> bool:
    """One is the other, placed; corrections that are not stored yet have no key."""
    return (one.kind, one.field, one.where.id) == (other.kind, other.field, other.where.id)


def _problem(correction: Correction, problem: str) -> Correction:
    return correction.model_copy(update={"part_id": "", "problem": problem})


def _joined(now: list[str], before: list[str], wanted: list[str], name: str) -> list[str]:
    """Names as three say it: what a person added and took away, done to what is there now."""
    added = [each for each in wanted if each not in before]
    kept = [each for each in now if each in wanted or each not in before]
    return [each for each in dict.fromkeys([*kept, *added]) if each != name]
