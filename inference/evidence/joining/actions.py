"""What people visibly do, from person boxes, joints, faces and motion: short sentences in the present tense.

Only what the detectors show plainly is said: who is in view, who comes and goes, who crosses the picture, raises a hand, falls. An
action is found within one shot (a cut changes the picture, not the world). ``subject`` says whom the sentence is about: the index
of a face track in the film, or -1 for somebody not identified; "{who}" in the phrase is filled in when identities are known.

Times in seconds; positions and sizes as fractions of the frame.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..observed import Box, Evidence, FaceTrack, ObjectSample, PoseSample
from .movements import (
    JOINT_FLOOR,
    LEFT_HIP,
    LEFT_SHOULDER,
    LEFT_WRIST,
    NOSE,
    RIGHT_HIP,
    RIGHT_SHOULDER,
    RIGHT_WRIST,
    Action,
    face_movements,
    pose_movements,
)

PERSON_FLOOR = 0.55
"""Least score of a person box from which somebody is in view. Chosen, like the next."""
SINGLE_FLOOR = 0.75
"""The same where a shot is so short that it was looked at once."""

NUMBERS = {1: "One person", 2: "Two people", 3: "Three people", 4: "Four people", 5: "Five people"}
SEEN_THINGS = frozenset(
    "bicycle car motorcycle airplane bus train truck boat bird cat dog horse sheep cow elephant bear zebra giraffe "
    "bed tv laptop book clock bottle cup chair couch".split()
) | {"dining table"}
"""Things worth a line of their own; the detector's other classes are too often wrong on film."""


def find_actions(segment: Evidence, first_face: int) -> list[Action]:
    """The actions of one segment in time order; ``first_face`` is the film-wide index of its first face track."""
    actions: list[Action] = []
    for start_s, end_s in segment.shots:
        samples = [s for s in segment.visual.objects if start_s <= s.time_s < end_s]
        poses = [p for p in segment.visual.poses if start_s <= p.time_s < end_s]
        faces = [(first_face + i, f) for i, f in enumerate(segment.visual.faces) if f.start_s < end_s and f.end_s > start_s]
        motion = max((x.motion for x in segment.visual.looks if x.start_s < end_s and x.end_s > start_s), default=0.0)
        whole = [(i, face) for i, face in faces if face.start_s >= start_s - 0.3 and face.end_s <= end_s + 0.3]
        in_shot = [
            *_comings_and_goings(samples, poses, end_s, faces),
            *_crossings(samples, faces),
            *_from_the_edge(samples, faces),
            *_approaches(samples, faces),
            *face_movements(whole, motion),
            *_gestures(poses, faces),
            *(replace(action, subject=_subject(action.start_s, faces)) for action in pose_movements(poses)),
        ]
        actions += _without_repeats(in_shot)
        actions += _views(samples, start_s, end_s, faces, alone=not in_shot)
    return sorted(actions, key=lambda a: (a.start_s, a.end_s, a.phrase))


def _persons(sample: ObjectSample, floor: float = PERSON_FLOOR) -> list[Box]:
    things = zip(sample.labels, sample.scores, sample.boxes, strict=True)
    return [box for label, score, box in things if label == "person" and score >= floor]


def _subject(time_s: float, faces: Sequence[tuple[int, FaceTrack]], box: Box | None = None) -> int:
    """The face track that an action belongs to: the one inside the box, or the only one there is; else -1."""
    present = [(i, face) for i, face in faces if face.start_s - 0.5 <= time_s <= face.end_s + 0.5]
    if box is not None:
        inside = [i for i, face in present if _contains(box, face, time_s)]
        return inside[0] if len(inside) == 1 else -1
    return present[0][0] if len(present) == 1 else -1


def _contains(box: Box, face: FaceTrack, time_s: float) -> bool:
    sample = min(face.samples, key=lambda s: abs(s.time_s - time_s), default=None)
    if sample is None:
        return False
    x, y = sample.box[0] + sample.box[2] / 2, sample.box[1] + sample.box[3] / 2
    return box[0] <= x <= box[0] + box[2] and box[1] <= y <= box[1] + box[3]


def _without_repeats(actions: Sequence[Action]) -> list[Action]:
    """The same movement seen twice (by the box and by the face) is told once, by the one that knows whose it is."""
    kept: list[Action] = []
    for action in sorted(actions, key=lambda a: (a.subject < 0, -a.confidence, a.start_s)):
        if not any(other.kind == action.kind and other.start_s < action.end_s and other.end_s > action.start_s for other in kept):
            kept.append(action)
    return kept


def _comings_and_goings(
    samples: Sequence[ObjectSample], poses: Sequence[PoseSample], shot_end_s: float, faces: Sequence[tuple[int, FaceTrack]]
) -> list[Action]:
    """Somebody enters an empty picture, or leaves it empty: two samples without, then two with a person (or the reverse).

    Pictures that dissolve into others look like somebody leaving; so a leaver must have been followed
    since, and last have been seen at the edge.
    """
    counts = [len(_persons(sample)) for sample in samples]
    # A person found with little confidence is neither there nor gone: such samples settle nothing.
    doubtful = [
        any(label == "person" and 0.2 <= score < PERSON_FLOOR for label, score in zip(s.labels, s.scores, strict=True)) for s in samples
    ]
    actions = []
    for i in range(2, len(samples)):
        before, after = counts[i - 2 : i], counts[i : i + 2]
        time_s, previous_s = samples[i].time_s, samples[i - 1].time_s
        settled = not any(doubtful[i - 2 : i + 2])
        seen = [pose.time_s for pose in poses if previous_s < pose.time_s <= time_s + 1.5]
        seen += [face.start_s for _, face in faces if previous_s < face.start_s <= time_s + 1.5]
        # Faces and joints are looked for more often than people: who was seen a moment ago has not just come in.
        there = any(face.end_s > previous_s - 4.0 and face.start_s <= previous_s for _, face in faces)
        there = there or any(previous_s - 4.0 < pose.time_s <= previous_s for pose in poses)
        if settled and not there and max(before) == 0 and min(after) == 1 == max(after) and (len(after) == 2 or seen):
            subject = _subject(time_s, faces, _persons(samples[i])[0])
            start_s = max(previous_s, min(seen, default=previous_s) - 1.0)
            evidence = "nobody in view, then one person"
            actions.append(Action(start_s, min(time_s + 1.0, shot_end_s), "{who} enters the frame.", 0.6, evidence, "enter", subject))
        elif settled and len(after) == 2 and min(before) == 1 == max(before) and max(after) == 0:
            box = _persons(samples[i - 1])[0]
            left, right = _persons(samples[i - 2])[0][0] - box[0], box[0] + box[2] - sum(_persons(samples[i - 2])[0][::2])
            followed = any(previous_s < pose.time_s < time_s for pose in poses) or any(previous_s < f.end_s < time_s for _, f in faces)
            if followed and ((box[0] < 0.02 and left > 0.02) or (box[0] + box[2] > 0.98 and right > 0.02)):
                subject = _subject(previous_s, faces, box)
                evidence = "one person at the edge, then nobody"
                actions.append(Action(previous_s, time_s, "{who} leaves the frame.", 0.5, evidence, "leave", subject))
    return actions


def _from_the_edge(samples: Sequence[ObjectSample], faces: Sequence[tuple[int, FaceTrack]]) -> list[Action]:
    """One more person than before, first at the edge of the picture, then well inside: that one has come in."""
    actions = []
    for before, at, after in zip(samples, samples[1:], samples[2:], strict=False):
        there, now, then = _persons(before), _persons(at), _persons(after)
        edge = [box for box in now if box[0] < 0.02 or box[0] + box[2] > 0.98]
        if len(edge) != 1 or len(now) != len(there) + 1 or len(then) != len(now):
            continue
        others = [box[0] + box[2] / 2 for box in now if box is not edge[0]]
        # Whoever stood there before stands there still; the box that is left is the newcomer's.
        free = [box for box in then if all(abs(box[0] + box[2] / 2 - x) > 0.12 for x in others)]
        side = "left" if edge[0][0] < 0.02 else "right"
        if len(free) == 1 and abs(free[0][0] - edge[0][0]) >= 0.1:
            subject = _subject(after.time_s, faces, free[0])
            evidence = f"one more person, at the {side} edge and then inside"
            actions.append(Action(before.time_s, after.time_s, f"{{who}} comes in from the {side}.", 0.65, evidence, "enter", subject))
    return actions


def _approaches(samples: Sequence[ObjectSample], faces: Sequence[tuple[int, FaceTrack]]) -> list[Action]:
    """One whole figure that grows or shrinks steadily while it stays in view: it walks towards us, or away."""
    actions: list[Action] = []
    for run in _alone(samples):
        heights = np.array([box[3] for _, box in run])
        whole = all(box[1] > 0.01 and box[1] + box[3] < 0.99 for _, box in run)
        steps = np.diff(heights)
        growth = float(heights[-1] / max(heights[0], 1e-6))
        steady = bool(np.all(steps > 0) or np.all(steps < 0))
        if len(run) < 3 or not whole or not steady or max(growth, 1 / growth) < 1.35:
            continue
        phrase, kind = ("{who} comes closer.", "closer") if growth > 1 else ("{who} moves away.", "away")
        evidence = f"one figure becomes {growth:.1f} times as high in {run[-1][0] - run[0][0]:.1f} s"
        actions.append(Action(run[0][0], run[-1][0], phrase, 0.5, evidence, kind, _subject(run[0][0], faces, run[0][1])))
    return actions


def _alone(samples: Sequence[ObjectSample], longest_gap_s: float = 2.1) -> list[list[tuple[float, Box]]]:
    """Runs of samples that show exactly one person."""
    runs: list[list[tuple[float, Box]]] = [[]]
    for sample in samples:
        persons = _persons(sample)
        if len(persons) != 1:
            runs.append([])
        elif not runs[-1] or sample.time_s - runs[-1][-1][0] < longest_gap_s:
            runs[-1].append((sample.time_s, persons[0]))
        else:
            runs.append([(sample.time_s, persons[0])])
    return [run for run in runs if run]


def _crossings(samples: Sequence[ObjectSample], faces: Sequence[tuple[int, FaceTrack]]) -> list[Action]:
    """One person whose box travels far in one direction while keeping its size."""
    return [action for run in _alone(samples) for action in _travel(run, faces)]


def _travel(run: Sequence[tuple[float, Box]], faces: Sequence[tuple[int, FaceTrack]]) -> list[Action]:
    if len(run) < 3:
        return []
    centres = np.array([box[0] + box[2] / 2 for _, box in run])
    heights = np.array([box[3] for _, box in run])
    way = float(centres[-1] - centres[0])
    steps = np.diff(centres)
    one_way = bool(np.all(steps * np.sign(way) > -0.02))
    if abs(way) < 0.3 or not one_way or heights.max() > 1.5 * heights.min():
        return []
    duration_s = run[-1][0] - run[0][0]
    # Speed in body heights: a walker covers about one body height a second at most; a runner more.
    speed = abs(way) * (16 / 9) / float(np.median(heights)) / max(duration_s, 0.25)
    verb = "hurries" if speed > 1.6 else "moves"
    side = "right" if way > 0 else "left"
    subject = _subject(run[0][0], faces, run[0][1])
    evidence = f"one person's box travels {abs(way):.0%} of the width in {duration_s:.1f} s"
    return [Action(run[0][0], run[-1][0], f"{{who}} {verb} across the frame to the {side}.", 0.6, evidence, "cross", subject)]


def _gestures(poses: Sequence[PoseSample], faces: Sequence[tuple[int, FaceTrack]]) -> list[Action]:
    actions: list[Action] = []
    raised = [_raised_hands(pose) for pose in poses]
    i = 0
    while i < len(poses):
        j = i
        while j + 1 < len(poses) and raised[j + 1] == raised[i] and poses[j + 1].time_s - poses[j].time_s < 1.6:
            j += 1
        if raised[i] and j > i:
            phrase = "{who} raises both hands." if raised[i] == 2 else "{who} raises a hand."
            subject = _subject(poses[i].time_s, faces)
            actions.append(
                Action(poses[i].time_s, poses[j].time_s, phrase, 0.5, f"wrist above the head in {j - i + 1} samples", "hand", subject)
            )
        i = j + 1
    for before, after in itertools.pairwise(poses):
        if after.time_s - before.time_s <= 1.3 and _upright(before) and _lying(after):
            subject = _subject(before.time_s, faces)
            actions.append(
                Action(before.time_s, after.time_s, "{who} falls.", 0.5, "upright, then lying within a second or so", "fall", subject)
            )
    return actions


def _joint(pose: PoseSample, index: int) -> tuple[float, float] | None:
    x, y, score = pose.joints[index]
    return (x, y) if score >= JOINT_FLOOR else None


def _raised_hands(pose: PoseSample) -> int:
    nose = _joint(pose, NOSE)
    shoulders = [joint for joint in (_joint(pose, LEFT_SHOULDER), _joint(pose, RIGHT_SHOULDER)) if joint]
    if nose is None or len(shoulders) < 2:
        return 0
    return sum(wrist is not None and wrist[1] < nose[1] - 0.02 for wrist in (_joint(pose, LEFT_WRIST), _joint(pose, RIGHT_WRIST)))


def _torso(pose: PoseSample) -> tuple[float, float] | None:
    """The vector from hips to shoulders (width, height), if all four joints are seen."""
    joints = [_joint(pose, index) for index in (LEFT_SHOULDER, RIGHT_SHOULDER, LEFT_HIP, RIGHT_HIP)]
    if any(joint is None for joint in joints):
        return None
    points = np.array(joints)
    way = points[:2].mean(axis=0) - points[2:].mean(axis=0)
    return float(way[0]) * 16 / 9, float(way[1])


def _upright(pose: PoseSample) -> bool:
    torso = _torso(pose)
    return torso is not None and torso[1] < -0.12 and abs(torso[0]) < 0.5 * abs(torso[1])


def _lying(pose: PoseSample) -> bool:
    torso = _torso(pose)
    return torso is not None and abs(torso[0]) > 0.1 and abs(torso[1]) < 0.5 * abs(torso[0])


def _views(
    samples: Sequence[ObjectSample], start_s: float, end_s: float, faces: Sequence[tuple[int, FaceTrack]], *, alone: bool
) -> list[Action]:
    """Who and what a shot shows, where it shows them steadily; one person only if that one has a face to know
    by and there is nothing better to say (``alone``)."""
    actions: list[Action] = []
    if not samples or (len(samples) == 1 and end_s - start_s > 2.5):
        return actions
    floor = PERSON_FLOOR if len(samples) > 1 else SINGLE_FLOOR
    counts = np.array([len(_persons(sample, floor)) for sample in samples])
    steady = int(np.median(counts))
    share = float((counts == steady).mean()) if steady < 6 else float((counts >= 4).mean())
    evidence = f"{steady} people in {share:.0%} of {len(samples)} samples"
    confidence = round((0.5 if len(samples) > 1 else 0.4) + 0.4 * share, 2)
    if steady >= 2 and share >= 0.6:
        who = NUMBERS.get(steady, "A group of people")
        verb = "is" if steady > 5 else "are"
        actions.append(Action(start_s, end_s, f"{who} {verb} in view.", confidence, evidence, "view"))
    elif steady == 1 and share >= 0.6 and alone and (subject := _subject(samples[len(samples) // 2].time_s, faces)) >= 0:
        actions.append(Action(start_s, end_s, "{who} is in view.", confidence, evidence.replace("people", "person"), "person", subject))
    elif alone:
        actions += _lone_face(start_s, end_s, faces)
    for label in sorted(SEEN_THINGS) if len(samples) > 1 else ():
        scores = [max((s for n, s in zip(x.labels, x.scores, strict=True) if n == label), default=0.0) for x in samples]
        seen = [s for s in scores if s >= 0.6]
        if len(seen) >= 2 and len(seen) >= 0.5 * len(samples):
            label = {"tv": "television"}.get(label, label)
            article = "An" if label[0] in "aeiou" else "A"
            evidence = f"found in {len(seen)} of {len(samples)} samples"
            actions.append(Action(start_s, end_s, f"{article} {label} is in view.", round(float(np.mean(seen)), 2), evidence, "thing"))
    return actions


def _lone_face(start_s: float, end_s: float, faces: Sequence[tuple[int, FaceTrack]]) -> list[Action]:
    """One face that a shot shows for most of its time, where the detector of whole people is not sure."""
    inside = [(i, face, min(face.end_s, end_s) - max(face.start_s, start_s)) for i, face in faces]
    inside = [(i, face, shown_s) for i, face, shown_s in inside if shown_s > 0.3]
    if len(inside) != 1 or inside[0][2] < max(1.0, 0.5 * (end_s - start_s)) or not inside[0][1].embedding:
        return []
    index, face, shown_s = inside[0]
    evidence = f"one face for {shown_s:.1f} of {end_s - start_s:.1f} s"
    return [Action(max(start_s, face.start_s), min(end_s, face.end_s), "{who} is in view.", 0.6, evidence, "person", index)]
