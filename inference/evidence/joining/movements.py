"""Movements that a followed face or a run of joints shows: coming closer, moving across, turning the head, sitting.

Faces are followed twice a second and joints once, people only every other second; so these see what :mod:`.actions` cannot.
A camera that moves makes everything move: where two faces in a shot change alike, or the whole picture changes, nothing is said.

Times in seconds; positions and sizes as fractions of the frame. Contents: :class:`Action`, :func:`face_movements`,
:func:`pose_movements`.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..observed import FaceTrack, PoseSample

JOINT_FLOOR = 0.4
"""Least score of a joint that is relied on. Chosen, like the thresholds below."""
NOSE, LEFT_EAR, RIGHT_EAR = 0, 3, 4
"""Positions of joints in the pose model's output (COCO's order), here and in the next line."""
LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_WRIST, RIGHT_WRIST, LEFT_HIP, RIGHT_HIP, LEFT_KNEE, RIGHT_KNEE = 5, 6, 9, 10, 11, 12, 13, 14

GROWTH = 1.4
"""Ratio of face heights from which somebody has come closer."""
TRAVEL = 0.22
"""Share of the frame's width from which somebody has moved across."""
STILL_CAMERA = 0.3
"""Mean change of luma per second above which the whole picture moves."""
_ONE_WAY = 0.85
"""Least correlation of position or size with time: it changes in one direction."""
_PROFILE, _HIDDEN = 0.5, 0.2
"""Scores of the ear that is seen (at least) and of the other one (at most) of a head in profile."""
_NEXT_POSE_S = 1.1
"""Joints are looked for once a second at most; samples further apart are no neighbours."""


@dataclass(frozen=True)
class Action:
    """One visible action. ``subject`` is an index into the film's face tracks, or -1; ``confidence`` 0..1."""

    start_s: float
    end_s: float
    phrase: str
    confidence: float
    evidence: str
    kind: str
    subject: int = -1


def face_movements(faces: Sequence[tuple[int, FaceTrack]], motion: float) -> list[Action]:
    """What followed faces of one shot do.

    Args:
        faces: (film-wide index, track).
        motion: the shot's mean change of luma per second.
    """
    movements: list[Action] = []
    for index, track in faces:
        times = np.array([sample.time_s for sample in track.samples])
        if len(times) < 4 or times[-1] - times[0] < 1.0:
            continue
        heights = _smooth(np.array([sample.box[3] for sample in track.samples]))
        centres = _smooth(np.array([sample.box[0] + sample.box[2] / 2 for sample in track.samples]))
        growth = float(heights[-1] / max(heights[0], 1e-6))
        way = float(centres[-1] - centres[0])
        lasting = f"in {times[-1] - times[0]:.1f} s"
        start_s, end_s = track.start_s, track.end_s
        if max(growth, 1 / growth) >= GROWTH and abs(_correlation(times, heights)) >= _ONE_WAY:
            phrase = "{who} comes closer." if growth > 1 else "{who} moves away."
            kind = "closer" if growth > 1 else "away"
            movements.append(Action(start_s, end_s, phrase, 0.55, f"the face becomes {growth:.1f} times as high {lasting}", kind, index))
        elif abs(way) >= TRAVEL and abs(_correlation(times, centres)) >= _ONE_WAY and motion < STILL_CAMERA:
            side = "right" if way > 0 else "left"
            evidence = f"the face travels {abs(way):.0%} of the width {lasting}"
            movements.append(Action(start_s, end_s, f"{{who}} moves to the {side}.", 0.5, evidence, f"move {side}", index))
    alike = {a.kind for a, b in itertools.combinations(movements, 2) if a.kind == b.kind}
    return [action for action in movements if action.kind not in alike]


def _smooth(values: np.ndarray) -> np.ndarray:
    """Running median over three samples: one misplaced box is no movement."""
    padded = np.pad(values, 1, mode="edge")
    return np.asarray(np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0))


def _correlation(left: np.ndarray, right: np.ndarray) -> float:
    return float(np.corrcoef(left, right)[0, 1]) if right.std() > 1e-6 else 0.0


def pose_movements(poses: Sequence[PoseSample]) -> list[Action]:
    """Head turns and sitting, from the joints of a shot's main person."""
    return [*_turns(poses), *_sitting(poses)]


def _turns(poses: Sequence[PoseSample]) -> list[Action]:
    """Two samples in one profile, then two in the other: only one ear is seen, and then only the other."""
    sides = [_profile(pose) for pose in poses]
    movements = []
    for i in range(2, len(poses) - 1):
        before, after = sides[i - 2 : i], sides[i : i + 2]
        close = poses[i + 1].time_s - poses[i - 2].time_s <= 3 * _NEXT_POSE_S
        if close and before[0] == before[1] != 0 and after[0] == after[1] == -before[0]:
            evidence = "one profile, then the other, two samples each"
            movements.append(Action(poses[i - 1].time_s, poses[i].time_s, "{who} turns round.", 0.5, evidence, "turn"))
    return movements


def _profile(pose: PoseSample) -> int:
    """1 if only the left ear is seen, -1 if only the right one, 0 otherwise."""
    left, right, nose = pose.joints[LEFT_EAR][2], pose.joints[RIGHT_EAR][2], pose.joints[NOSE][2]
    if nose < JOINT_FLOOR:
        return 0
    return int(left >= _PROFILE and right <= _HIDDEN) - int(right >= _PROFILE and left <= _HIDDEN)


def _sitting(poses: Sequence[PoseSample]) -> list[Action]:
    seated = [pose for pose in poses if _is_seated(pose)]
    if len(seated) < 3 or len(seated) < 0.6 * len(poses):
        return []
    evidence = f"hips beside the knees in {len(seated)} of {len(poses)} samples"
    return [Action(poses[0].time_s, poses[-1].time_s, "{who} sits.", 0.5, evidence, "sit")]


def _is_seated(pose: PoseSample) -> bool:
    """Upright, with the thighs level: knees hardly lower than hips, measured against the length of the torso."""
    joints = [pose.joints[i] for i in (LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP, LEFT_KNEE, RIGHT_KNEE)]
    if any(score < JOINT_FLOOR for _, _, score in joints):
        return False
    heights = np.array([y for _, y, _ in joints])
    torso = heights[2:4].mean() - heights[:2].mean()
    return bool(torso > 0.1 and heights[4:].mean() - heights[2:4].mean() < 0.45 * torso)
