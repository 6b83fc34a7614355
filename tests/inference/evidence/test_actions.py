"""Visible actions from made-up boxes and joints."""

from __future__ import annotations

from inference.evidence.joining.actions import find_actions
from inference.evidence.joining.movements import Action
from inference.evidence.observed import ObjectSample, PoseSample
from tests.inference.evidence.evidence_maker import face, segment


def sample(time_s: float, *people: tuple[float, float, float, float], things: tuple[str, ...] = (), score: float = 0.9) -> ObjectSample:
    labels = ["person"] * len(people) + list(things)
    boxes = [*people, *[(0.1, 0.1, 0.2, 0.2)] * len(things)]
    return ObjectSample(time_s=time_s, labels=labels, scores=[score] * len(labels), boxes=boxes)


def actions(objects=(), poses=(), faces=()) -> list[Action]:
    return find_actions(segment(10.0, objects=list(objects), poses=list(poses), faces=list(faces)), first_face=100)


def pose(time_s: float, **joints: tuple[float, float]) -> PoseSample:
    order = {"nose": 0, "left_shoulder": 5, "right_shoulder": 6, "left_wrist": 9, "right_wrist": 10, "left_hip": 11, "right_hip": 12}
    values = [(0.0, 0.0, 0.0)] * 17
    for name, (x, y) in joints.items():
        values[order[name]] = (x, y, 0.9)
    return PoseSample(time_s=time_s, joints=values)


STANDING = {
    "nose": (0.5, 0.2),
    "left_shoulder": (0.55, 0.3),
    "right_shoulder": (0.45, 0.3),
    "left_hip": (0.53, 0.55),
    "right_hip": (0.47, 0.55),
}
LYING = {
    "nose": (0.3, 0.8),
    "left_shoulder": (0.35, 0.8),
    "right_shoulder": (0.35, 0.84),
    "left_hip": (0.55, 0.8),
    "right_hip": (0.55, 0.84),
}


def test_somebody_enters_an_empty_picture():
    box = (0.35, 0.1, 0.3, 0.8)
    (action,) = actions([sample(0), sample(1), sample(2, box), sample(3, box)], faces=[face(2, 4, 0)])
    assert (action.kind, action.subject, action.start_s) == ("enter", 100, 1.0)


def test_doubtful_people_neither_come_nor_go():
    box = (0.4, 0.1, 0.2, 0.8)
    assert actions([sample(0, box, score=0.4), sample(1, box, score=0.4), sample(2, box), sample(3, box)]) == []


def test_crossing_the_frame():
    (action,) = actions([sample(t, (0.05 + 0.2 * t, 0.2, 0.15, 0.7)) for t in range(4)])
    assert action.phrase == "{who} moves across the frame to the right." and (action.start_s, action.end_s) == (0.0, 3.0)
    assert actions([sample(t, (0.4 + 0.05 * (t % 2), 0.2, 0.15, 0.7)) for t in range(4)]) == []


def test_hands_and_falls():
    up = {**STANDING, "left_wrist": (0.6, 0.05)}
    (hand,) = actions(poses=[pose(0, **STANDING), pose(1, **up), pose(2, **up), pose(3, **STANDING)])
    assert (hand.phrase, hand.start_s, hand.end_s) == ("{who} raises a hand.", 1.0, 2.0)
    (fall,) = actions(poses=[pose(0, **STANDING), pose(1, **LYING)])
    assert fall.kind == "fall"
    assert actions(poses=[pose(0, **STANDING), pose(5, **LYING)]) == []


def test_who_and_what_is_in_view():
    two = [(0.1, 0.1, 0.2, 0.8), (0.6, 0.1, 0.2, 0.8)]
    phrases = [action.phrase for action in actions([sample(t, *two, things=("dog",)) for t in range(3)])]
    assert phrases == ["A dog is in view.", "Two people are in view."]
    assert actions([sample(0, things=("dog",)), sample(1), sample(2), sample(3)]) == []


def test_who_is_alone_in_view_is_told_only_of_a_known_face():
    box = (0.35, 0.1, 0.3, 0.8)
    (view,) = actions([sample(t, box) for t in range(3)], faces=[face(0, 3, 0)])
    assert (view.kind, view.subject) == ("person", 100)


def test_whoever_was_followed_until_a_moment_ago_does_not_enter():
    box = (0.35, 0.1, 0.3, 0.8)
    assert [a for a in actions([sample(0), sample(2), sample(4, box), sample(6, box)], faces=[face(0, 1.5, 0)]) if a.kind == "enter"] == []


def test_a_picture_that_dissolves_is_nobody_leaving():
    seen = [sample(0, (0.2, 0.1, 0.4, 0.8)), sample(2, (0.0, 0.1, 0.3, 0.8)), sample(4), sample(6)]
    assert [a.kind for a in actions(seen) if a.kind == "leave"] == []
    followed = [pose(2.5, **STANDING), pose(3.0, **STANDING)]
    assert [a.kind for a in actions(seen, poses=followed) if a.kind == "leave"] == ["leave"]


def test_one_more_person_from_the_edge_comes_in():
    stays, edge, inside = (0.6, 0.3, 0.15, 0.6), (0.0, 0.3, 0.13, 0.6), (0.26, 0.3, 0.15, 0.6)
    (action,) = [a for a in actions([sample(0, stays), sample(2, stays, edge), sample(4, stays, inside)]) if a.kind == "enter"]
    assert action.phrase == "{who} comes in from the left." and (action.start_s, action.end_s) == (0.0, 4.0)
    assert [a for a in actions([sample(0, stays, edge), sample(2, stays, edge), sample(4, stays, inside)]) if a.kind == "enter"] == []
