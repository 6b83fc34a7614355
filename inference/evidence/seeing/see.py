"""The eyes: everything seen in one stretch of film, in a single pass over its sampled pictures.

The spool gives four pictures a second. Text is watched in all of them, faces and looks in every second one, joints in every fourth while
somebody is large enough. Things are looked for more often where one person moves than where nothing was found, and not again while the
picture stands still. All times are seconds from the first displayed frame. The same film and range give the same
evidence. Contents: :func:`see`, :func:`models`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from inference.weights import REGISTER

from ..observed import Look, ObjectSample, VisualEvidence
from .face_detection import Image
from .faces import FaceTracker
from .image_text import ImageTextModel, image_text_model
from .objects import find_objects, find_pose, whole_label
from .screen_text import TextWatcher
from .shot_measures import LookMeter

if TYPE_CHECKING:
    from inference.film import Film

ONE_PERSON_EVERY_S, THINGS_EVERY_S, NOTHING_EVERY_S = 1.5, 2.0, 3.0
"""Time between two looks for things, after one that found one person, anything else, or nothing. A person alone is followed: the others
pay for it."""
STILL_LEVEL = 2.0
"""A picture whose thumbnail changed by less on average (luma, 0 to 255), and nowhere by six times that, shows the same things. Chosen."""
POSE_HEIGHT = 0.45
"""Joints are looked for in a person at least this share of the picture's height. Chosen."""
_MODELS = ("face-detector", "face-identity", "expression", "age-gender", "objects", "pose", "image-class", "ocr")


def see(film: Film, start_s: float, end_s: float, shots: Sequence[tuple[float, float]]) -> VisualEvidence:
    """Everything seen between two times of a film.

    Args:
        shots: (start, end) of the shots in the range, gapless.

    Raises:
        WeightsError: a model is not on this machine, or the image-text model that ``film.options["image_text_dir"]`` names is unusable.
    """
    evidence = VisualEvidence()
    if not film.spool.has_video:
        return evidence
    text = TextWatcher()
    named = str(film.options.get("image_text_dir") or "")
    shot = _Shot(evidence, image_text_model(named) if named else None)
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


def _pause_s(sample: ObjectSample) -> float:
    if not sample.labels:
        return NOTHING_EVERY_S
    return ONE_PERSON_EVERY_S if sample.labels.count("person") == 1 else THINGS_EVERY_S


class _Shot:
    """What is being gathered about the shot on screen."""

    def __init__(self, evidence: VisualEvidence, image_text: ImageTextModel | None) -> None:
        self._evidence = evidence
        self._image_text = image_text
        self._faces = FaceTracker()
        self._look = LookMeter()
        self._objects: ObjectSample | None = None
        self._middle: Image | None = None
        self._thumbnail: npt.NDArray[np.float32] | None = None

    def look(self, number: int, time_s: float, image: Image) -> None:
        """See one picture; ``number`` counts the segment's pictures from 0."""
        if self._middle is None or number % 8 == 4:
            self._middle = image
        self._things(time_s, image)
        if number % 2:
            return
        self._faces.look(time_s, image)
        self._look.look(time_s, image)
        if number % 4 == 0:
            self._pose(time_s, image)

    def finish(self, span: tuple[float, float] | None) -> None:
        """The shot is over."""
        self._evidence.faces += self._faces.finish()
        labels = whole_label(self._middle) if self._middle is not None else {}
        if self._middle is not None and self._image_text is not None:
            # the user's own model is asked for places; it outranks ImageNet's names
            labels = labels | self._image_text.classify(self._middle)
        look: Look | None = self._look.finish(*span, labels) if span is not None else None
        if look is not None:
            self._evidence.looks.append(look)
        self._objects = self._middle = self._thumbnail = None

    def _things(self, time_s: float, image: Image) -> None:
        if self._objects is not None and time_s - self._objects.time_s < _pause_s(self._objects) - 1e-3:
            return
        thumbnail = cv2.cvtColor(cv2.resize(image, (48, 27), interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY).astype(np.float32)
        change = np.abs(thumbnail - self._thumbnail) if self._thumbnail is not None else None
        if self._objects is not None and change is not None and change.mean() < STILL_LEVEL and change.max() < 6 * STILL_LEVEL:
            self._objects = self._objects.model_copy(update={"time_s": time_s})
        else:
            self._objects, self._thumbnail = find_objects(image, time_s), thumbnail
        self._evidence.objects.append(self._objects)

    def _pose(self, time_s: float, image: Image) -> None:
        assert self._objects is not None
        people = [box for label, box in zip(self._objects.labels, self._objects.boxes, strict=True) if label == "person"]
        if people:
            largest = max(people, key=lambda box: box[2] * box[3])
            pose = find_pose(image, largest, time_s) if largest[3] >= POSE_HEIGHT else None
            if pose is not None:
                self._evidence.poses.append(pose)
