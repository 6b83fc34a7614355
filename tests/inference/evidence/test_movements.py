"""Movements of followed faces and joints, from made-up tracks."""

from __future__ import annotations

from inference.evidence.joining.movements import face_movements, pose_movements
from inference.evidence.observed import FaceTrack, PoseSample
from tests.inference.evidence.evidence_maker import face

from .test_actions import STANDING, pose


def track(boxes: list[tuple[float, float, float, float]], start_s: float = 0.0) -> FaceTrack:
    made = face(start_s, start_s + len(boxes) * 0.25, 0)
    samples = [sample.model_copy(update={"box": box}) for sample, box in zip(made.samples, boxes, strict=True)]
    return made.model_copy(update={"samples": samples})


def test_a_face_that_grows_comes_closer():
    growing = track([(0.4, 0.2, 0.1, 0.1 + 0.02 * i) for i in range(8)])
    (action,) = face_movements([(7, growing)], motion=0.1)
    assert (action.kind, action.subject, action.phrase) == ("closer", 7, "{who} comes closer.")
    assert face_movements([(7, track([(0.4, 0.2, 0.1, 0.1 + 0.04 * (i % 2)) for i in range(8)]))], motion=0.1) == []


def test_two_faces_that_grow_alike_are_the_camera():
    growing = track([(0.4, 0.2, 0.1, 0.1 + 0.02 * i) for i in range(8)])
    assert face_movements([(0, growing), (1, growing)], motion=0.1) == []


def test_a_face_moves_across_a_still_picture_only():
    moving = track([(0.1 + 0.05 * i, 0.2, 0.1, 0.2) for i in range(8)])
    (action,) = face_movements([(0, moving)], motion=0.1)
    assert action.phrase == "{who} moves to the right."
    assert face_movements([(0, moving)], motion=0.5) == []


def seated(time_s: float) -> PoseSample:
    made = pose(time_s, **STANDING)
    joints = list(made.joints)
    joints[13], joints[14] = (0.6, 0.58, 0.9), (0.4, 0.58, 0.9)
    return made.model_copy(update={"joints": joints})


def test_sitting_needs_level_thighs_in_most_samples():
    (action,) = pose_movements([seated(t / 2) for t in range(4)])
    assert action.phrase == "{who} sits."
    assert pose_movements([pose(t / 2, **STANDING) for t in range(4)]) == []
    assert pose_movements([seated(0), *(pose(t / 2, **STANDING) for t in range(1, 6))]) == []


def profile(time_s: float, left: float, right: float) -> PoseSample:
    made = pose(time_s, **STANDING)
    joints = list(made.joints)
    joints[3], joints[4] = (0.55, 0.2, left), (0.45, 0.2, right)
    return made.model_copy(update={"joints": joints})


def test_turning_round_shows_one_ear_and_then_the_other():
    (action,) = pose_movements([profile(0, 0.9, 0.1), profile(0.5, 0.9, 0.1), profile(1, 0.1, 0.9), profile(1.5, 0.1, 0.9)])
    assert (action.kind, action.start_s, action.end_s) == ("turn", 0.5, 1.0)
    assert pose_movements([profile(0, 0.9, 0.1), profile(0.5, 0.9, 0.1), profile(1, 0.1, 0.9), profile(1.5, 0.9, 0.1)]) == []
