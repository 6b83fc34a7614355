"""What the reference says somebody does is what the picture shows: sides, embraces, poses."""

import pytest

from eval.world import two_hander
from eval.world.puppet import pose_at
from eval.world.sounds import sound_of
from eval.world.staging import APPROACH_S, HUG_GAP, pose_of, stage
from omniscript_mam.script import Event, Scene


def play(*actions: str):
    """A scene of ten seconds in which char_a and char_b act in turn, five seconds each."""
    events = [
        Event(id=f"e{i}", start_s=5.0 * i, end_s=5.0 * i + 4.0, character_id=f"char_{'ab'[i % 2]}", action=action)
        for i, action in enumerate(actions)
    ]
    return stage(Scene(id="s", start_s=0, end_s=5.0 * len(actions), events=events))


def at(staged, who: str, time_s: float):
    return next((placed for placed in staged.cast_at(time_s) if placed.character_id == who), None)


@pytest.mark.parametrize(("words", "begins", "way"), [("from the right", 174, -1), ("from the left", -14, 1)])
def test_people_come_from_the_side_that_the_script_names(words, begins, way):
    staged = play(f"walks in {words}", "waves")
    first, later = at(staged, "char_a", 0.0), at(staged, "char_a", 1.0)
    assert first.x == pytest.approx(begins) and first.facing == way
    assert (later.x - first.x) * way > 0


@pytest.mark.parametrize(("words", "way"), [("to the right", 1), ("to the left", -1)])
def test_people_leave_to_the_side_that_the_script_names(words, way):
    staged = play("waves", f"walks away {words}")
    assert (at(staged, "char_b", 6.5).x - at(staged, "char_b", 5.0).x) * way > 0
    assert at(staged, "char_b", 8.0) is None


def test_in_the_demo_tom_enters_and_leaves_on_the_right():
    staged = stage(two_hander().scenes[0])
    assert staged.homes["char_002"] > 80 > staged.homes["char_001"]


def test_who_hugs_stands_beside_the_other_and_both_embrace():
    staged = play("hugs him", "waves")
    one, other = at(staged, "char_a", APPROACH_S + 1.0), at(staged, "char_b", APPROACH_S + 1.0)
    assert abs(one.x - other.x) == pytest.approx(HUG_GAP)
    assert (one.action, other.action) == ("hug", "hug")
    assert at(staged, "char_b", 4.5).action == "still"


@pytest.mark.parametrize(
    ("action", "pose"),
    [
        ("Tom walks in and waves", "wave"),
        ("puts the lamp on the table", None),
        ("faces Tom", None),
        ("looks down", None),
        ("pays a visit", None),
        ("sits down", "sit"),
        ("runs after the bus", "run"),
        ("stands with hands on hips", "angry"),
        ("cries", "cry"),
        ("talks on the phone", "phone"),
    ],
)
def test_actions_are_read_by_whole_words(action, pose):
    assert pose_of(action) == pose


@pytest.mark.parametrize(
    ("cue", "sound"), [("a train whistles", None), ("research is quiet", None), ("heavy rain", "rain"), ("sea in the distance", "waves")]
)
def test_cues_are_read_by_whole_words(cue, sound):
    assert sound_of(cue) == sound


def test_a_walker_swings_legs_in_turn():
    pose = pose_at("walk", 0.25, 1.0)
    assert pose.stride and pose.left_leg[0] == pytest.approx(-pose.right_leg[0]) and abs(pose.left_leg[0]) > 15
