"""The eyes of the lite writer: everything seen in one segment, in a single pass over its sampled pictures.

The spool gives four pictures a second. Text is watched in all of them, faces and looks in every second one, things every two seconds and
joints while somebody is large enough. All times are seconds from the first displayed frame. The same film and range give the same
evidence. Contents: :func:`see`, :func:`models`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from inference.weights import REGISTER

from .evidence import Look, ObjectSample, VisualEvidence
from .face_detection import Image
from .faces import FaceTracker
from .look import LookMeter
from .objects import find_objects, find_pose, whole_label
from .screen_text import TextWatcher

if TYPE_CHECKING:
    from inference.writers.base import Film

OBJECTS_EVERY_S = 2.0
POSE_HEIGHT = 0.45
"""Joints are looked for in a person at least this share of the picture's height."""
_MODELS = ("face-detector", "face-identity", "expression", "age-gender", "objects", "pose", "image-class", "ocr")


def see(film: Film, start_s: float, end_s: float, shots: Sequence[tuple[float, float]]) -> VisualEvidence:
    """Everything seen between two times of a film.

    Args:
        shots: (start, end) of the shots in the range, gapless.

    Raises:
        WeightsError: a model is not on this machine.
    """
    evidence = VisualEvidence()
    if not film.spool.has_video:
        return evidence
    text = TextWatcher()
    shot = _Shot(evidence)
    remaining = list(shots)
    current: tuple[float, float] | None = None
    for number, frame in enumerate(film.spool.frames(start_s, end_s)):
        while remaining and frame.time_s >= remaining[0][0] - 1e-6:
            shot.finish(current)
            current = remaining.pop(0)
            text.cut()
        text.look(frame.time_s, frame.image)
        shot.look(number, frame.time_s, frame.image)
    shot.finish(current)
    evidence.texts += text.finish(end_s)
    return evidence


def models() -> dict[str, str]:
    """Name → version of the models that look."""
    return {name: REGISTER[name].version for name in _MODELS}


class _Shot:
    """What is being gathered about the shot on screen."""

    def __init__(self, evidence: VisualEvidence) -> None:
        self._evidence = evidence
        self._faces = FaceTracker()
        self._look = LookMeter()
        self._objects: ObjectSample | None = None
        self._middle: Image | None = None

    def look(self, number: int, time_s: float, image: Image) -> None:
        """See one picture; ``number`` counts the segment's pictures from 0."""
        if self._middle is None or number % 8 == 4:
            self._middle = image
        if self._objects is None or time_s - self._objects.time_s >= OBJECTS_EVERY_S:
            self._objects = find_objects(image, time_s)
            self._evidence.objects.append(self._objects)
        if number % 2:
            return
        self._faces.look(time_s, image)
        self._look.look(time_s, image)
        self._pose(time_s, image)

    def finish(self, span: tuple[float, float] | None) -> None:
        """The shot is over."""
        self._evidence.faces += self._faces.finish()
        labels = whole_label(self._middle) if self._middle is not None else {}
        look: Look | None = self._look.finish(*span, labels) if span is not None else None
        if look is not None:
            self._evidence.looks.append(look)
        self._objects = self._middle = None

    def _pose(self, time_s: float, image: Image) -> None:
        assert self._objects is not None
        people = [box for label, box in zip(self._objects.labels, self._objects.boxes, strict=True) if label == "person"]
        if people:
            largest = max(people, key=lambda box: box[2] * box[3])
            pose = find_pose(image, largest, time_s) if largest[3] >= POSE_HEIGHT else None
            if pose is not None:
                self._evidence.poses.append(pose)
