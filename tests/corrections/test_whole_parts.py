"""Lines, scenes, people, relationships and high points that a person adds or takes away outlive another run of the writer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omniscript_mam.corrections import Correction, add_to, apply_again, apply_to, compare, difference, loads, rebase, to_data
from omniscript_mam.script import Character, Event, HighPoint, Interaction, PlotSegment, Provenance, Relationship, Scene, Script, check
from omniscript_mam.script import to_data as script_data

from . import film
from .film import LINES, own, says

BY = {"dialogue": Provenance(writer="person", version="eve")}


def written(seed: int = 0) -> Script:
    """The film, with a relationship and a high point that the writer claims to see, a little elsewhere in each run."""
    script = film.written(seed, swapped=seed % 2 == 0 and seed > 0)
    one, two = (says(script, line).character_id for line in (0, 1))
    script.relationships = [Relationship(source_id=one, target_id=two, relation="talks to")]
    script.high_points = [HighPoint(start_s=30 + seed % 10 * 0.1, end_s=36, type="Climax", description=f"run {seed}", score=5)]
    return script


def add_line(script: Script) -> None:
    said = Event(id="mine", start_s=20.5, end_s=20.9, character_id=says(script, 0).character_id, dialogue="Hush", provenance=BY)
    script.scenes[0].events.append(said)


def drop_line(script: Script) -> None:
    gone = says(script, 11)
    for scene in script.scenes:
        scene.events = [event for event in scene.events if event is not gone]


def add_tie(script: Script) -> None:
    one, two = (says(script, line).character_id for line in (1, 2))
    script.relationships = [*script.relationships, Relationship(source_id=one, target_id=two, relation="brother of")]


def drop_tie(script: Script) -> None:
    script.relationships = [tie for tie in script.relationships if tie.relation != "talks to"]


def add_high_point(script: Script) -> None:
    script.high_points = [*script.high_points, HighPoint(start_s=50, end_s=54, type="Reveal", description="The key.", score=9)]


def drop_high_point(script: Script) -> None:
    script.high_points = [point for point in script.high_points if point.type != "Climax"]


def cut_scene(script: Script) -> None:
    """As an editor does it: what comes later goes into the new scene, what passes over the cut ends at it."""
    scene, cut_s = script.scenes[1], 29.9
    new = Scene(id="mine", start_s=cut_s, end_s=scene.end_s, location="The stairs")
    new.events = [event for event in scene.events if event.start_s >= cut_s]
    new.interactions = [tie for tie in scene.interactions if tie.start_s >= cut_s]
    scene.events = [event for event in scene.events if event.start_s < cut_s]
    scene.interactions = [tie for tie in scene.interactions if tie.start_s < cut_s]
    for tie in scene.interactions:
        tie.end_s = min(tie.end_s, cut_s)
    scene.end_s = cut_s
    script.scenes.insert(2, new)


def join_scenes(script: Script) -> None:
    one, two = script.scenes[-2:]
    one.end_s, one.events = two.end_s, [*one.events, *two.events]
    one.interactions = [*one.interactions, *two.interactions]
    script.scenes.remove(two)


def add_interaction(script: Script) -> None:
    one, two = (says(script, line).character_id for line in (1, 2))
    scene = script.scenes[1]
    scene.interactions = [*scene.interactions, Interaction(id="mine", start_s=24, end_s=28, source_id=one, target_id=two, kind="refuse")]


def drop_interaction(script: Script) -> None:
    script.scenes[0].interactions = []


def add_plot(script: Script) -> None:
    script.plot = [*script.plot, PlotSegment(id="mine", start_s=40, end_s=60, summary="The key is found.")]


def add_person(script: Script) -> None:
    script.characters = [*script.characters, Character(id="char_900", name="The neighbour", named=True)]
    own(says(script, 18), "character_id", "char_900")


def tie_of(script: Script, relation: str) -> tuple[str, str] | None:
    return next(((tie.source_id, tie.target_id) for tie in script.relationships if tie.relation == relation), None)


def has_brothers(script: Script) -> bool:
    return tie_of(script, "brother of") == (says(script, 1).character_id, says(script, 2).character_id)


def has_stairs(script: Script) -> bool:
    return says(script, 11) in next(each for each in script.scenes if each.location == "The stairs").events


CHANGES = {
    "line added": (add_line, lambda script: any(event.dialogue == "Hush" for event in script.scenes[0].events)),
    "line removed": (drop_line, lambda script: not any(32.9 < event.start_s < 33.5 for event in script.events())),
    "relationship added": (add_tie, has_brothers),
    "relationship removed": (drop_tie, lambda script: tie_of(script, "talks to") is None),
    "high point added": (add_high_point, lambda script: any(point.type == "Reveal" and point.score == 9 for point in script.high_points)),
    "high point removed": (drop_high_point, lambda script: not any(point.type == "Climax" for point in script.high_points)),
    "interaction added": (add_interaction, lambda script: sum(each.kind == "refuse" for each in script.interactions()) == 1),
    "interaction removed": (drop_interaction, lambda script: min(each.start_s for each in script.interactions()) > 20),
    "scene cut in two": (cut_scene, has_stairs),
    "scenes joined": (join_scenes, lambda script: abs(script.scenes[-1].start_s - 42) > 1),
    "plot added": (add_plot, lambda script: any(part.summary == "The key is found." for part in script.plot)),
    "person added": (add_person, lambda script: script.character(says(script, 18).character_id).name == "The neighbour"),
}  # fmt: skip
"""Each change, and whether it is in a script."""


def corrected(*changes: str, script: Script | None = None) -> tuple[Script, list[Correction]]:
    script, corrections = script or written(), []
    for number, name in enumerate(changes, start=2):
        after = script.model_copy(deep=True)
        CHANGES[name][0](after)
        assert not check(after), name
        made = difference(script, after)
        assert made.corrections, name
        corrections, script = add_to(corrections, made, author="eve", at="2026-01-01", revision=number), after
    return script, corrections


@pytest.mark.parametrize("name", CHANGES)
def test_a_whole_part_outlives_ten_rewrites(name):
    script, corrections = corrected(name)
    assert CHANGES[name][1](script)
    for seed in range(1, 11):
        anew = written(seed)
        before = script_data(anew)
        done = apply_again(corrections, anew)
        # The end of what passes over the cut is found by who does it to whom, and these have other labels in every second run.
        assert not [each for each in done.corrections if each.problem and each.field != "end_s"], seed
        assert done.corrections and len(done.corrections) == len(corrections)
        assert CHANGES[name][1](done.script) and not check(done.script), seed
        assert script_data(anew) == before, "the writer's own is left as it is"
        corrections = loads(to_data(done.corrections))


@given(
    chosen=st.lists(st.sampled_from(list(CHANGES)), min_size=1, max_size=6, unique=True), seeds=st.lists(st.integers(1, 999), max_size=3)
)
@settings(max_examples=25, deadline=None)
def test_parts_of_every_sort_together_are_there_or_listed(chosen, seeds):
    _, corrections = corrected(*chosen)
    keys = {each.key for each in corrections}
    for seed in seeds:
        done = apply_again(corrections, written(seed))
        assert {each.key for each in done.corrections} == keys and not check(done.script)
        assert all(bool(each.part_id) != bool(each.problem) for each in done.corrections)
        if not any(each.problem for each in done.corrections) and not {"line removed", "scene cut in two"} <= set(chosen):
            assert all(CHANGES[name][1](done.script) for name in chosen)
        corrections = done.corrections


def test_what_the_writer_hears_by_itself_later_is_not_there_twice():
    _, corrections = corrected("line added", "high point added", "relationship added")
    anew = written(3)
    add_line(anew)
    add_high_point(anew)
    add_tie(anew)
    done = apply_again(corrections, anew)
    assert not [each for each in done.corrections if each.problem]
    assert sum(event.dialogue == "Hush" for event in done.script.events()) == 1
    assert len(done.script.high_points) == 2 and len(done.script.relationships) == 2


def test_what_is_corrected_in_an_added_part_is_part_of_it_and_what_is_taken_away_again_was_never_added():
    script, corrections = corrected("line added")
    after = script.model_copy(deep=True)
    own(next(event for event in after.events() if event.id == "mine"), "dialogue", "Quiet now", "tom")
    corrections = add_to(corrections, difference(script, after), author="tom", at="2026-01-02", revision=3)
    assert [(each.kind, each.value["dialogue"]) for each in corrections] == [("added", "Quiet now")]
    done = apply_again(corrections, written(4)).script
    assert [event.provenance["dialogue"].version for event in done.events() if event.dialogue == "Quiet now"] == ["tom"]
    gone = after.model_copy(deep=True)
    gone.scenes[0].events = [event for event in gone.scenes[0].events if event.id != "mine"]
    assert add_to(corrections, difference(after, gone), author="eve", at="2026-01-03", revision=4) == []


def test_a_line_of_somebody_who_is_not_there_waits_and_goes_to_whom_a_person_chooses():
    _, corrections = corrected("line added")
    alone = Script(meta=written().meta, scenes=[Scene(id="s", start_s=0, end_s=60)], characters=[Character(id="char_7", name="Somebody")])
    (waiting,) = apply_again(corrections, alone).corrections
    assert waiting.problem == "Whom it names is not clearly in the script." and not waiting.part_id
    done = apply_to(waiting, alone, "char_7")
    assert done.corrections[0].problem == "" and done.script.scenes[0].events[0].character_id == "char_7"


def test_a_removed_line_that_may_be_either_of_two_is_not_guessed():
    _, corrections = corrected("line removed")
    twice = written(0)
    scene = next(scene for scene in twice.scenes if says(twice, 11) in scene.events)
    scene.events.append(says(twice, 11).model_copy(update={"id": "again"}))
    done = apply_again(corrections, twice)
    assert [each.problem for each in done.corrections] == ["Nothing in the script fits it clearly."]
    assert sum(event.dialogue == LINES[11] for event in done.script.events()) == 2
    decided = apply_to(done.corrections[0], done.script, "again")
    assert decided.corrections[0].problem == "" and sum(event.dialogue == LINES[11] for event in decided.script.events()) == 1


def test_two_people_one_takes_away_what_the_other_corrects():
    base = written()
    mine, theirs = base.model_copy(deep=True), base.model_copy(deep=True)
    drop_line(mine)
    own(says(theirs, 11), "subtext", "pride")
    between = difference(base, theirs)
    assert rebase(difference(base, mine).corrections, theirs, between).conflicts, "taking away what somebody cared for is asked about"
    assert rebase(between.corrections, mine, difference(base, mine)).conflicts, "and so is correcting what is gone"
    both = rebase(difference(base, mine).corrections, mine, difference(base, mine))
    assert not both.conflicts, "both took it away"


def test_two_people_add_different_things():
    base = written()
    mine, theirs = base.model_copy(deep=True), base.model_copy(deep=True)
    add_line(mine)
    for change in (add_tie, add_high_point, cut_scene):
        change(theirs)
    theirs.scenes[0].events.append(Event(id="mine", start_s=19.0, end_s=19.4, action="sits down"))
    done = rebase(difference(base, mine).corrections, theirs, difference(base, theirs))
    assert not done.conflicts and not check(done.script)
    assert {"Hush", "sits down"} <= {event.dialogue or event.action for event in done.script.scenes[0].events}
    assert len(done.script.relationships) == 2 and len(done.script.scenes) == 4


def test_a_comparison_tells_what_was_added_and_what_is_gone():
    script, _ = corrected("line added", "line removed", "relationship added", "high point removed")
    lines = {(line.what, line.before, line.after) for line in compare(written(), script, is_one_lineage=True)}
    assert ("Line “Hush”", "", "Hush") in lines and (f"Line “{LINES[11]}”", LINES[11], "") in lines
    assert ("Man 2 and Man 3", "", "brother of") in lines and ("High point “Climax”", "run 0", "") in lines
