"""Corrections outlive another run of the writer: found between documents, put in again, listed where they do not fit, never dropped."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from omniscript_mam.corrections import (
    Correction,
    add_to,
    apply_again,
    compare,
    corrected_name,
    difference,
    loads,
    merge_people,
    rebase,
    to_data,
)
from omniscript_mam.script import Provenance, Script, check, from_data
from omniscript_mam.script import to_data as script_data

from .film import LINES, own, says, written

EVE = Provenance(writer="person", version="eve")


def made(before: Script, after: Script, known: list[Correction] | None = None, revision: int = 2) -> list[Correction]:
    return add_to(known or [], difference(before, after), author="eve", at="2026-01-01", revision=revision)


def corrected() -> tuple[Script, list[Correction]]:
    """The film with corrections of every sort in it, made one after the other."""
    script, corrections = written(), []
    for number, change in enumerate(EVERY_SORT):
        after = script.model_copy(deep=True)
        change(after)
        assert not check(after)
        corrections = made(script, after, corrections, number + 2)
        script = after
    return script, corrections


def rename(script: Script, line: int, name: str) -> None:
    person = script.character(says(script, line).character_id)
    corrected_name(script, person, name, EVE)


def merge(script: Script, gone: int, kept: int) -> None:
    people = [script.character(says(script, line).character_id) for line in (gone, kept)]
    merge_people(script, *people)


def person_of(script: Script, line: int):
    return script.character(says(script, line).character_id)


EVERY_SORT = [
    lambda script: rename(script, 0, "Klara"),
    lambda script: own(person_of(script, 0), "appearance", "a grey shawl"),
    lambda script: own(person_of(script, 0), "aliases", ["Klärchen", "Man 1"]),
    lambda script: rename(script, 1, "Hans"),
    lambda script: own(person_of(script, 1), "voice", "hoarse"),
    lambda script: own(person_of(script, 1), "personality", "afraid"),
    lambda script: merge(script, 2, 1),
    lambda script: own(says(script, 3), "dialogue", "Then read this letter, please"),
    lambda script: own(says(script, 4), "subtext", "he is lying"),
    lambda script: own(says(script, 5), "action", "turns away"),
    lambda script: own(says(script, 6), "expression", "pale"),
    lambda script: own(says(script, 8), "audio_cue", "a clock"),
    lambda script: own(says(script, 9), "on_screen_text", "1902"),
    lambda script: own(says(script, 10), "voice_type", "OS"),
    lambda script: own(says(script, 12), "character_id", says(script, 0).character_id),
    lambda script: own(says(script, 7), "emotion", "fear"),
    lambda script: own(script.interactions()[1], "kind", "threaten"),
    lambda script: own(script.scenes[0], "location", "The hall"),
    lambda script: own(script.scenes[1], "time", "Night"),
    lambda script: own(script.scenes[2], "mood", "uneasy"),
    lambda script: own(script.plot[0], "summary", "Two people look for a key."),
    lambda script: own(script.meta, "description", "A chamber play."),
]


def holds(script: Script) -> None:
    """Everything of :data:`EVERY_SORT` is in a script."""
    klara, hans = person_of(script, 0), person_of(script, 1)
    assert (klara.name, klara.named, klara.appearance) == ("Klara", True, "a grey shawl") and "Klärchen" in klara.aliases
    assert (hans.name, hans.voice, hans.personality) == ("Hans", "hoarse", "afraid")
    assert person_of(script, 2) is hans and len(script.characters) == 2
    assert says(script, 3).dialogue == "Then read this letter, please" and says(script, 4).subtext == "he is lying"
    assert (says(script, 5).action, says(script, 6).expression, says(script, 8).audio_cue) == ("turns away", "pale", "a clock")
    assert says(script, 9).on_screen_text == "1902" and says(script, 10).voice_type == "OS"
    assert person_of(script, 12) is klara
    assert says(script, 7).emotion == "fear"
    assert script.interactions()[1].kind == "threaten" and script.interactions()[1].provenance["kind"] == EVE
    assert script.scenes[0].location == "The hall" and script.scenes[1].time == "Night"
    assert script.scenes[2].mood == "uneasy" and script.plot[0].summary == "Two people look for a key."
    assert script.meta.description == "A chamber play."
    assert says(script, 3).provenance["dialogue"] == EVE and klara.provenance["name"] == EVE


def test_corrections_of_every_sort_are_found_between_the_documents():
    script, corrections = corrected()
    holds(script)
    assert len(corrections) == len(EVERY_SORT)
    assert all((each.author, bool(each.at), each.problem) == ("eve", True, "") and each.revision for each in corrections)
    assert loads(to_data(corrections)) == corrections


def test_ten_rewrites_keep_every_correction():
    _, corrections = corrected()
    for seed in range(1, 11):
        done = apply_again(corrections, written(seed, swapped=seed % 2 == 0))
        assert [each.problem for each in done.corrections] == [""] * len(EVERY_SORT), seed
        assert not check(done.script)
        holds(done.script)
        corrections = done.corrections


def test_the_model_that_finds_it_itself_and_forgets_it_again_takes_nothing_away():
    _, corrections = corrected()
    knowing = written(3)
    merge(knowing, 2, 1)
    rename(knowing, 1, "Hans")
    between = apply_again(corrections, knowing)
    holds(between.script)
    holds(apply_again(between.corrections, written(4)).script)


def test_what_does_not_fit_is_listed_and_fits_again_later():
    _, corrections = corrected()
    short = written(5)
    short.scenes = short.scenes[:1]
    done = apply_again(corrections, short)
    waiting = [each for each in done.corrections if each.problem]
    assert len(done.corrections) == len(EVERY_SORT) and {each.field for each in waiting} >= {"time", "mood"}
    assert all(not each.part_id for each in waiting)
    holds(apply_again(done.corrections, written(6)).script)


def test_who_does_it_to_whom_is_found_in_another_lineage_by_who_they_are():
    before, after = written(), written()
    own(after.interactions()[2], "target_id", says(after, 2).character_id)
    corrections = made(before, after)
    for seed in range(1, 6):
        done = apply_again(corrections, written(seed, swapped=seed % 2 == 0))
        assert not done.corrections[0].problem and not check(done.script)
        tie = done.script.interactions()[2]
        assert (tie.source_id, tie.target_id) == (person_of(done.script, 0).id, person_of(done.script, 2).id)


def test_two_who_become_one_do_nothing_to_each_other():
    script = written()
    merge(script, 1, 0)
    assert not script.interactions() and not check(script)


def test_what_passes_between_people_cannot_be_put_outside_its_scene():
    before, after = written(), written()
    own(after.interactions()[0], "end_s", 20.0)
    short = written(2)
    short.scenes[0].events, short.scenes[0].end_s = [], 15.0
    done = apply_again(made(before, after), short)
    assert done.corrections[0].problem and not check(done.script)


def test_an_empty_script_keeps_them_all_waiting():
    _, corrections = corrected()
    done = apply_again(corrections, Script())
    assert len(done.corrections) == len(EVERY_SORT)
    assert {each.field for each in done.corrections if not each.problem} == {"description"}, "the film itself is always there"


def test_two_values_for_one_place_are_not_both_right():
    before = written()
    after = before.model_copy(deep=True)
    own(says(after, 0), "subtext", "first")
    own(says(after, 1), "subtext", "second")
    both = written(7)
    one = says(both, 0)
    one.end_s, one.dialogue = 5.4, f"{LINES[0]} {LINES[1]}"
    both.scenes[0].events.remove(says(both, 1))
    done = apply_again(made(before, after), both)
    assert len([each for each in done.corrections if each.problem]) >= 1 and len(done.corrections) == 2


def test_a_time_that_the_new_cut_does_not_allow_waits():
    before = written()
    after = before.model_copy(deep=True)
    own(says(after, 6), "end_s", 20.9)
    cut = written(8)
    cut.scenes[0].end_s = cut.scenes[1].start_s = 20.7
    (correction,) = apply_again(made(before, after), cut).corrections
    assert correction.problem == "The script would break a rule with it." and not check(apply_again([correction], cut).script)


def test_corrections_of_different_things_are_both_kept():
    base = written()
    mine, theirs = base.model_copy(deep=True), base.model_copy(deep=True)
    own(person_of(mine, 0), "appearance", "a red coat")
    rename(theirs, 0, "Klara")
    merge(theirs, 2, 1)
    own(says(theirs, 3), "dialogue", "Read!")
    done = rebase(difference(base, mine).corrections, theirs, difference(base, theirs))
    person = person_of(done.script, 0)
    assert not done.conflicts and (person.name, person.appearance) == ("Klara", "a red coat")
    assert says(done.script, 3).dialogue == "Read!" and not check(done.script)


def test_corrections_of_one_thing_are_a_conflict_that_shows_both():
    base = written()
    mine, theirs = base.model_copy(deep=True), base.model_copy(deep=True)
    rename(mine, 0, "Karla")
    rename(theirs, 0, "Klara")
    done = rebase(difference(base, mine).corrections, theirs, difference(base, theirs))
    assert [(each.value, now) for each, now in done.conflicts if each.field == "name"] == [("Karla", "Klara")]


def test_two_merges_of_one_person_into_different_ones_are_a_conflict():
    base = written()
    mine, theirs, same = (base.model_copy(deep=True) for _ in range(3))
    merge(mine, 2, 1)
    merge(theirs, 2, 0)
    merge(same, 2, 1)
    assert rebase(difference(base, mine).corrections, theirs, difference(base, theirs)).conflicts
    assert not rebase(difference(base, mine).corrections, same, difference(base, same)).conflicts


def test_aliases_that_two_people_add_are_joined():
    base = written()
    mine, theirs = base.model_copy(deep=True), base.model_copy(deep=True)
    own(person_of(mine, 0), "aliases", ["Bob"])
    own(person_of(theirs, 0), "aliases", ["Rob"])
    done = rebase(difference(base, mine).corrections, theirs, difference(base, theirs))
    assert person_of(done.script, 0).aliases == ["Rob", "Bob"] and not done.conflicts


def test_a_correction_of_what_was_written_anew_meanwhile_finds_its_place():
    base, anew = written(), written(9, swapped=True)
    mine = base.model_copy(deep=True)
    rename(mine, 1, "Hans")
    done = rebase(difference(base, mine).corrections, anew, None)
    assert not done.conflicts and person_of(done.script, 1).name == "Hans"
    rename(anew, 1, "Heinz")
    assert rebase(difference(base, mine).corrections, anew, None).conflicts, "a person said otherwise"


def test_a_comparison_reads_as_a_person_would_say_it():
    script, _ = corrected()
    lines = {(line.what, line.field, line.before, line.after, line.by) for line in compare(written(), script, is_one_lineage=True)}
    assert ("Man 1", "name", "Man 1", "Klara", "eve") in lines
    assert any(line[0] == "Man 3 and Hans" and line[3] == "one person" for line in lines)
    assert any(line[1] == "who it is" and line[3] == "Klara" for line in lines)
    back = compare(script, written(), is_one_lineage=True)
    assert any((line.before, line.after) == ("one person", "two people") for line in back)
    anew = compare(written(), written(1, swapped=True), is_one_lineage=False)
    assert anew and not any(line.before == "" and line.field == "" for line in anew), "the same lines, so nothing is new or gone"
    assert compare(script, script, is_one_lineage=True) == []


CHANGES = st.lists(st.sampled_from(range(len(EVERY_SORT))), min_size=1, max_size=8, unique=True)


@given(chosen=CHANGES, seeds=st.lists(st.integers(1, 1000), min_size=1, max_size=3), dropped=st.integers(0, 2))
@settings(max_examples=25, deadline=None)
def test_none_is_ever_dropped_and_the_script_stays_legal(chosen, seeds, dropped):
    script, corrections = written(), []
    for revision, number in enumerate(sorted(chosen), start=2):
        after = script.model_copy(deep=True)
        EVERY_SORT[number](after)
        corrections, script = made(script, after, corrections, revision), after
    keys = [each.key for each in corrections]
    for seed in seeds:
        anew = written(seed, swapped=bool(seed % 2))
        del anew.scenes[:dropped]
        before = script_data(anew)
        done = apply_again(corrections, anew)
        corrections = loads(to_data(done.corrections))
        assert [each.key for each in corrections] == keys and not check(done.script)
        assert script_data(anew) == before, "the writer's own is left as it is"
        assert from_data(script_data(done.script)) == done.script
        for each in corrections:
            assert bool(each.part_id) != bool(each.problem)


@given(one=CHANGES, other=CHANGES)
@settings(max_examples=25, deadline=None)
def test_two_people_lose_nothing_without_being_told(one, other):
    base = written()
    mine, theirs = base.model_copy(deep=True), base.model_copy(deep=True)
    for number in sorted(one):
        EVERY_SORT[number](mine)
    for number in sorted(other):
        EVERY_SORT[number](theirs)
    between, wanted = difference(base, theirs), difference(base, mine).corrections
    done = rebase(wanted, theirs, between)
    assert not done.conflicts and not check(done.script), "both say the same where they say something of one thing"
    for number in set(one) | set(other):
        again = done.script.model_copy(deep=True)
        EVERY_SORT[number](again) if number not in (0, 2, 3, 6) else None
        assert script_data(again) == script_data(done.script), number
