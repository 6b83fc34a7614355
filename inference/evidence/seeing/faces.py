"""Faces over time: tracks within a shot, what each track shows, and which tracks are one person over the whole film.

Faces are looked for twice a second (:class:`FaceTracker`). A track keeps its largest pictures; when it ends, identity, expression, age and
gender are read from those, so that the dear models run a few times a track and not once a frame.

Identity is one unit vector: the face network's 128 numbers beside a coarse colour description of face, hair and clothes
(:func:`appearance`), which carries drawn characters and small faces. Both change with light and costume: clusters are cautious
(:func:`cluster_faces`), one person may get several identities, two persons rarely one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import cv2
import dlib
import numpy as np
import numpy.typing as npt

from inference.errors import MissingWeightsError

from ..observed import Box, FaceSample, FaceTrack
from .expressions import age_and_gender, expression
from .face_detection import Image, crop_face, detect_faces, mouth_opening, overlap
from .networks import weights_file

LEAST_OVERLAP = 0.2
"""Least intersection over union of a track's last box and a face that goes on with it. Chosen."""
GONE_S = 1.6
"""A face that was not seen for this long has left."""
LEAST_SAMPLES = 2
"""Pictures in which a face must be seen: one alone is not believed. Chosen."""
IDENTITY_PX = 40
"""Smaller faces carry no identity."""
KEPT_PICTURES = 2
"""Pictures of a track from which identity, expression, age and gender are read: the dear models run so often."""
APPEARANCE_WEIGHT = 0.75
"""Length of the colour half of the identity vector, beside 1 for the face network's."""
SURE_OF_FACE = 0.68
"""A track whose best score is lower, and on which the mesh never fitted, is a landscape or a lamp."""
SAME_PERSON = 0.89
"""Mean cosine above which two clusters are one person: on film, two persons in one light came to 0.86, one person in two shots to 0.93."""


@dataclass
class _Track:
    samples: list[FaceSample] = field(default_factory=list)
    pictures: list[tuple[float, Image, Image, float]] = field(default_factory=list)
    """Largest faces: (width in pixels, 224 px crop with margin, body crop, time)."""

    @property
    def last(self) -> FaceSample:
        return self.samples[-1]


class FaceTracker:
    """Feed it pictures of one shot in order; :meth:`finish` gives the tracks."""

    def __init__(self) -> None:
        self._open: list[_Track] = []
        self._closed: list[_Track] = []

    def look(self, time_s: float, image: Image) -> None:
        """See one picture: link its faces to the open tracks, best overlap first."""
        faces = detect_faces(image)
        self._closed += [track for track in self._open if time_s - track.last.time_s > GONE_S]
        self._open = [track for track in self._open if time_s - track.last.time_s <= GONE_S]
        pairs = sorted(
            ((overlap(track.last.box, face.box), t, f) for t, track in enumerate(self._open) for f, face in enumerate(faces)),
            key=lambda pair: (-pair[0], pair[1], pair[2]),
        )
        owner: dict[int, _Track] = {}
        taken: set[int] = set()
        for shared, t, f in pairs:
            if shared >= LEAST_OVERLAP and t not in taken and f not in owner:
                owner[f] = self._open[t]
                taken.add(t)
        for f, face in enumerate(faces):
            track = owner.get(f)
            if track is None:
                track = _Track()
                self._open.append(track)
            sample = FaceSample(time_s=time_s, box=face.box, score=round(face.score, 3), mouth_open=mouth_opening(image, face.box))
            track.samples.append(sample)
            _keep_picture(track, image, face.box, time_s)

    def finish(self) -> list[FaceTrack]:
        """The tracks of the shot, in order of appearance; the tracker is empty afterwards."""
        tracks = [_described(track) for track in (*self._closed, *self._open) if _is_face(track)]
        self._open, self._closed = [], []
        return sorted(tracks, key=lambda track: (track.start_s, track.samples[0].box))


def _is_face(track: _Track) -> bool:
    is_sure = any(sample.score >= SURE_OF_FACE or sample.mouth_open is not None for sample in track.samples)
    return is_sure and len(track.samples) >= LEAST_SAMPLES


def _keep_picture(track: _Track, image: Image, box: Box, time_s: float) -> None:
    width_px = box[2] * image.shape[1]
    if width_px < IDENTITY_PX:
        return
    if len(track.pictures) == KEPT_PICTURES and width_px <= track.pictures[-1][0] * 1.1:
        return
    body = (box[0] - 0.5 * box[2], box[1] + 1.2 * box[3], 2 * box[2], 1.6 * box[3])
    track.pictures.append((width_px, crop_face(image, box, 224, margin=0.35), _region(image, body), time_s))
    track.pictures.sort(key=lambda picture: -picture[0])
    del track.pictures[KEPT_PICTURES:]


def _region(image: Image, box: tuple[float, float, float, float]) -> Image:
    height, width = image.shape[:2]
    x0, y0 = max(0, int(box[0] * width)), max(0, int(box[1] * height))
    x1, y1 = min(width, int((box[0] + box[2]) * width)), min(height, int((box[1] + box[3]) * height))
    return image[y0:y1, x0:x1].copy()


def _described(track: _Track) -> FaceTrack:
    embedding = _embedding([(crop, body) for _, crop, body, _ in track.pictures])
    large = [(width, crop) for width, crop, _, _ in track.pictures]
    age, gender, sure = age_and_gender(large)
    return FaceTrack(
        start_s=track.samples[0].time_s,
        end_s=round(track.last.time_s + 0.25, 3),
        samples=track.samples,
        embedding=[round(float(value), 4) for value in embedding],
        expression=expression([crop for _, crop in large]),
        age=age,
        gender=gender,
        gender_confidence=sure,
    )


def _embedding(pictures: Sequence[tuple[Image, Image]]) -> npt.NDArray[np.float32]:
    if not pictures:
        return np.zeros(0, np.float32)
    colours = _unit(np.mean([appearance(crop, body) for crop, body in pictures], axis=0))
    face = _face_vector(pictures[0][0])
    return _unit(np.concatenate([face, APPEARANCE_WEIGHT * colours]).astype(np.float32))


def appearance(crop: Image, body: Image) -> npt.NDArray[np.float32]:
    """Colours of hair (top of the crop), face (middle) and clothes, each a 6×3×3 histogram of hue, saturation, value: (162,), length 1."""
    size = crop.shape[0]
    parts = [crop[: size // 4], crop[size // 3 : 3 * size // 4, size // 4 : 3 * size // 4], body]
    return _unit(np.concatenate([_unit(_colours(part)) for part in parts]))


def cluster_faces(embeddings: Sequence[npt.NDArray[Any]], spans: Sequence[tuple[float, float]]) -> list[int]:
    """Which tracks are one person: a cluster number per track, -1 without an embedding.

    Average-linkage clustering by cosine, never joining two tracks that are in view at once.

    Args:
        embeddings: one unit vector per track (or an empty one).
        spans: (start, end) of each track in seconds.
    """
    numbers = [-1] * len(embeddings)
    usable = [i for i, vector in enumerate(embeddings) if len(vector)]
    clusters = [[i] for i in usable]
    vectors = {i: np.asarray(embeddings[i], np.float32) for i in usable}
    sums = [vectors[i].copy() for i in usable]
    apart = np.array([[a != b and _meet(spans[a], spans[b]) for b in usable] for a in usable], bool).reshape(len(usable), len(usable))
    alive = np.ones(len(usable), bool)
    sizes = np.ones(len(usable))
    matrix = np.array([[float(a @ b) for b in sums] for a in sums], np.float64).reshape(len(usable), len(usable))
    while alive.sum() > 1:
        mean = matrix / np.outer(sizes, sizes)
        mean[~alive] = mean[:, ~alive] = -1.0
        mean[apart] = -1.0
        np.fill_diagonal(mean, -1.0)
        a, b = np.unravel_index(int(np.argmax(mean)), mean.shape)
        if mean[a, b] < SAME_PERSON:
            break
        matrix[a] += matrix[b]
        matrix[:, a] += matrix[:, b]
        apart[a] |= apart[b]
        apart[:, a] |= apart[:, b]
        sizes[a] += sizes[b]
        alive[b] = False
        clusters[a] += clusters[b]
    living = sorted((min(clusters[k]), k) for k in np.flatnonzero(alive))
    for number, (_, k) in enumerate(living):
        for i in clusters[k]:
            numbers[i] = number
    return numbers


def _meet(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return min(a[1], b[1]) - max(a[0], b[0]) > 0.25


def _colours(part: Image) -> npt.NDArray[np.float32]:
    if part.size == 0:
        return np.zeros(54, np.float32)
    histogram = cv2.calcHist([cv2.cvtColor(part, cv2.COLOR_RGB2HSV)], [0, 1, 2], None, [6, 3, 3], [0, 180, 0, 256, 0, 256])
    values: npt.NDArray[np.float32] = np.sqrt(histogram.reshape(-1) / max(1, part.shape[0] * part.shape[1]))
    return values


@cache
def _face_networks() -> tuple[Any, Any] | None:
    """dlib's five-point predictor and face network, or ``None`` where the (large, optional) identity weights are not installed."""
    try:
        identity = weights_file("face-identity", "dlib_face_recognition_resnet_model_v1.dat")
    except MissingWeightsError:
        return None
    predictor = dlib.shape_predictor(str(weights_file("age-gender", "shape_predictor_5_face_landmarks.dat")))
    return predictor, dlib.face_recognition_model_v1(str(identity))


def _face_vector(crop: Image) -> npt.NDArray[np.float32]:
    networks = _face_networks()
    if networks is None:
        return np.zeros(128, np.float32)
    predictor, model = networks
    # the crop has a margin of 35 % of the face on each side
    edge = int(crop.shape[0] * 0.35 / 1.7)
    shape = predictor(crop, dlib.rectangle(edge, edge, crop.shape[1] - edge, crop.shape[0] - edge))
    return _unit(np.array(model.compute_face_descriptor(crop, shape), np.float32))


def _unit(vector: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    length = float(np.linalg.norm(vector))
    return (vector / length).astype(np.float32) if length > 1e-9 else vector.astype(np.float32)
