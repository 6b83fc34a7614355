"""What is in a picture: people and things (SSD MobileNet V2, COCO), the main person's joints (MoveNet), and what the whole looks like
(EfficientNet-Lite3, ImageNet).

Pictures are RGB, uint8. People are found well; other things sparsely. The ImageNet label is right for some places when it is sure, and
nonsense below about one half, so only sure ones are kept.
"""

from __future__ import annotations

import threading
from functools import cache
from typing import Any

import cv2
import numpy as np

from inference.environment import read_environment

from ..observed import Box, ObjectSample, PoseSample
from .face_detection import Image
from .networks import network, weights_file

LEAST_SCORE = 0.45
"""Least score of a thing that is kept. Chosen; what says that somebody is there asks for more."""
LEAST_LABEL = 0.5
"""Least probability of a label of the whole picture: below about one half they are nonsense."""
LEAST_JOINTS = 0.3
"""A pose whose mean joint score is lower is not one."""
_COCO = (
    "person,bicycle,car,motorcycle,airplane,bus,train,truck,boat,traffic light,fire hydrant,,stop sign,parking meter,bench,bird,cat,dog,"
    "horse,sheep,cow,elephant,bear,zebra,giraffe,,backpack,umbrella,,,handbag,tie,suitcase,frisbee,skis,snowboard,sports ball,kite,"
    "baseball bat,baseball glove,skateboard,surfboard,tennis racket,bottle,,wine glass,cup,fork,knife,spoon,bowl,banana,apple,sandwich,"
    "orange,broccoli,carrot,hot dog,pizza,donut,cake,chair,couch,potted plant,bed,,dining table,,,toilet,,tv,laptop,mouse,remote,keyboard,"
    "cell phone,microwave,oven,toaster,sink,refrigerator,,book,clock,vase,scissors,teddy bear,hair drier,toothbrush"
).split(",")
"""COCO's 90 class numbers (1-based); unused numbers are empty."""
_lock = threading.Lock()


def find_objects(image: Image, time_s: float) -> ObjectSample:
    """People and things of a picture, best first."""
    with _lock:
        detector = _detector()
        detector.setInput(cv2.dnn.blobFromImage(image, size=(300, 300), swapRB=False, crop=False))
        rows = detector.forward()[0, 0]
    things = [
        (float(row[2]), _COCO[int(row[1]) - 1], _box(row[3:7])) for row in rows if row[2] >= LEAST_SCORE and 1 <= row[1] <= len(_COCO)
    ]
    things = sorted((item for item in things if item[1]), key=lambda item: (-item[0], item[1], item[2]))
    return ObjectSample(
        time_s=time_s,
        labels=[label for _, label, _ in things],
        scores=[round(score, 3) for score, _, _ in things],
        boxes=[box for _, _, box in things],
    )


def find_pose(image: Image, box: Box, time_s: float) -> PoseSample | None:
    """The joints of the person in a box, or ``None`` if the network does not see one."""
    height, width = image.shape[:2]
    side = max(box[2] * width, box[3] * height) * 1.2
    left, top = (box[0] + box[2] / 2) * width - side / 2, (box[1] + box[3] / 2) * height - side / 2
    scale = 192 / max(side, 1.0)
    matrix = np.array([[scale, 0, -scale * left], [0, scale, -scale * top]], np.float32)
    crop = cv2.warpAffine(image, matrix, (192, 192), flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    joints = network("pose", "movenet_lightning.tflite")(crop[None])[0][0, 0]
    if float(joints[:, 2].mean()) < LEAST_JOINTS:
        return None
    placed = [(left + float(x) * side, top + float(y) * side, float(score)) for y, x, score in joints]
    return PoseSample(time_s=time_s, joints=[(round(x / width, 4), round(y / height, 4), round(score, 3)) for x, y, score in placed])


def whole_label(image: Image) -> dict[str, float]:
    """ImageNet's name for the whole picture, with its probability; empty unless sure."""
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    square = cv2.resize(image[top : top + side, left : left + side], (280, 280), interpolation=cv2.INTER_AREA)
    # the graph's input scale and zero point undo (x - 127) / 128: bytes go in as they are
    scores = network("image-class", "efficientnet_lite3.tflite")(square[None])[0][0] / 255.0
    best = int(np.argmax(scores))
    return {_labels()[best]: round(float(scores[best]), 3)} if scores[best] >= LEAST_LABEL else {}


@cache
def _detector() -> Any:
    graph, description = "frozen_inference_graph.pb", "ssd_mobilenet_v2_coco_2018_03_29.pbtxt"
    net = cv2.dnn.readNetFromTensorflow(str(weights_file("objects", graph)), str(weights_file("objects", description)))
    cv2.setNumThreads(read_environment().num_vision_threads)
    return net


@cache
def _labels() -> tuple[str, ...]:
    text = weights_file("image-class", "efficientnet_labels.txt").read_text(encoding="utf-8")
    return tuple(line.split(",")[0].strip() for line in text.splitlines())


def _box(corners: Any) -> Box:
    x0, y0, x1, y1 = (min(1.0, max(0.0, float(value))) for value in corners)
    return round(x0, 4), round(y0, 4), round(max(x1 - x0, 0.0), 4), round(max(y1 - y0, 0.0), 4)
