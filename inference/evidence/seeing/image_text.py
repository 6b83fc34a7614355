"""Place, interior or exterior, and time of day from an image-text model that the user names (CLIP or SigLIP, exported to ONNX).

No such model is packaged, so none is pulled: ``film.options["image_text_dir"]`` names a folder in the layout of the usual exports,
``config.json``, ``preprocessor_config.json``, ``tokenizer.json`` and, beside them or in ``onnx/``, ``vision_model.onnx`` and
``text_model.onnx``. Each group of :data:`PROMPTS` is judged on its own: a softmax over :data:`SCALE` × cosine, in which the group's
decoys (a face, a blur, black) take part, so that a picture which shows no place gets none. Only a sure winner is reported, under its
label. The exports hold no trained scale; CLIP's is 100 and SigLIP's about 115. Only the plumbing is tested, with toy encoders: no real
model was at hand, so :data:`LEAST` is a guess that nobody has calibrated.

Pictures are RGB, uint8, (height, width, 3). Contents: :func:`image_text_model`, :class:`ImageTextModel`, :data:`PROMPTS`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import onnxruntime
from tokenizers import Tokenizer

from inference.environment import read_environment
from inference.errors import CorruptWeightsError, MissingWeightsError

from .face_detection import Image

SCALE = 100.0
"""What similarities are multiplied by before the softmax: CLIP's trained scale."""
LEAST = 0.6
"""Least probability within its group of a label that is reported."""
Vectors = npt.NDArray[np.float32]

_PLACES = (
    "church,library,restaurant,barn,castle,palace,prison,greenhouse,cinema,stage,seashore,valley,cliff,volcano,pier,dock,"
    "suspension bridge,street,forest,desert,kitchen,bedroom,living room,office,classroom,hospital,bar,car,train,cave,snow"
).split(",")
_DECOYS: dict[str, tuple[str, ...]] = {
    "": ("a close-up of a face", "a blurry picture", "a black picture", "white letters on a plain background", "a drawing")
}
PROMPTS: dict[str, dict[str, tuple[str, ...]]] = {
    "place": {**{place: (f"a scene of a film in a {place}",) for place in _PLACES}, **_DECOYS},
    "type": {"interior": ("a room indoors", "the inside of a building"), "exterior": ("the open air", "a place outdoors"), **_DECOYS},
    "time": {"night": ("a scene at night",), "day": ("a scene in daylight",), "sunset": ("a scene at sunset or sunrise",), **_DECOYS},
}
"""Group → label → what the model is asked; the best prompt counts. The label "" holds the decoys: when it wins, nothing is reported."""


@cache
def image_text_model(folder: str) -> ImageTextModel:
    """The model in a folder, loaded once per process; raises as :class:`ImageTextModel`."""
    return ImageTextModel(Path(folder))


class ImageTextModel:
    """An image encoder and the encoded prompts. The text encoder is let go after they are encoded.

    Raises:
        MissingWeightsError: a file of the folder is missing; the sentence names it.
        CorruptWeightsError: a file is there, but cannot be used.
    """

    def __init__(self, folder: Path, prompts: dict[str, dict[str, tuple[str, ...]]] | None = None) -> None:
        config = _settings(_found(folder, "config.json"))
        self._picture = _settings(_found(folder, "preprocessor_config.json"))
        tokenizer, text_path = _found(folder, "tokenizer.json"), _found(folder, "text_model.onnx")
        self._vision = _session(_found(folder, "vision_model.onnx"))
        text = _Text(tokenizer, _session(text_path), config)
        self._groups = {
            group: {label: np.stack([text(prompt) for prompt in asked]) for label, asked in labels.items()}
            for group, labels in (PROMPTS if prompts is None else prompts).items()
        }

    def classify(self, image: Image) -> dict[str, float]:
        """Label → probability of the sure winner of each group; labels of groups other than ``place`` are written ``group: label``."""
        picture = _unit(_embedding(self._vision, {"pixel_values": prepared(image, self._picture)}, "image_embeds"))
        winners = {}
        for group, vectors in self._groups.items():
            labels = list(vectors)
            logits = SCALE * np.array([float((rows @ picture).max()) for rows in vectors.values()])
            shares = np.exp(logits - logits.max())
            shares /= shares.sum()
            best = int(np.argmax(shares))
            if labels[best] and shares[best] >= LEAST:
                winners[labels[best] if group == "place" else f"{group}: {labels[best]}"] = round(float(shares[best]), 3)
        return winners


def prepared(image: Image, settings: dict[str, Any]) -> Vectors:
    """The picture as the image encoder wants it, (1, 3, height, width), after ``preprocessor_config.json``."""
    size = settings.get("size", 224)
    short = size.get("shortest_edge") if isinstance(size, dict) else size
    if short and settings.get("do_center_crop", True):
        scale = short / min(image.shape[:2])
        width, height = max(short, round(image.shape[1] * scale)), max(short, round(image.shape[0] * scale))
        crop = settings.get("crop_size", short)
        rows, columns = (crop["height"], crop["width"]) if isinstance(crop, dict) else (crop, crop)
    else:
        rows, columns = (size["height"], size["width"]) if isinstance(size, dict) and "height" in size else (short, short)
        width, height = columns, rows
    resized = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA if height < image.shape[0] else cv2.INTER_CUBIC)
    top, left = (height - rows) // 2, (width - columns) // 2
    values = resized[top : top + rows, left : left + columns].astype(np.float32) * float(settings.get("rescale_factor", 1 / 255))
    mean, std = (np.asarray(settings.get(name, [0.5] * 3), np.float32) for name in ("image_mean", "image_std"))
    return np.ascontiguousarray(((values - mean) / std).transpose(2, 0, 1)[None], dtype=np.float32)


class _Text:
    """The text encoder: a sentence to a vector."""

    def __init__(self, path: Path, session: Any, config: dict[str, Any]) -> None:
        try:
            self._tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises nothing narrower
            raise CorruptWeightsError(f"{path.name} of the image-text model cannot be read: {error}") from error
        self._session = session
        text = config.get("text_config") or {}
        self._tokenizer.enable_truncation(int(text.get("max_position_embeddings", 77)))
        if str(config.get("model_type", "")).startswith("siglip"):
            # SigLIP reads the last of always 64 positions and was trained on padded sentences; CLIP finds the sentence's end itself.
            self._tokenizer.enable_padding(length=int(text.get("max_position_embeddings", 64)), pad_id=int(text.get("pad_token_id", 1)))
        else:
            self._tokenizer.no_padding()

    def __call__(self, sentence: str) -> Vectors:
        read = self._tokenizer.encode(sentence)
        feed = {"input_ids": np.array([read.ids], np.int64), "attention_mask": np.array([read.attention_mask], np.int64)}
        return _unit(_embedding(self._session, feed, "text_embeds"))


def _embedding(session: Any, feed: dict[str, Any], name: str) -> Vectors:
    """Run an encoder; its projected output (``text_embeds``, ``image_embeds``) or, in SigLIP, ``pooler_output``."""
    wanted = {given.name for given in session.get_inputs()}
    outputs = [output.name for output in session.get_outputs()]
    chosen = next((option for option in (name, "pooler_output") if option in outputs), None)
    if chosen is None or not wanted <= set(feed):
        raise CorruptWeightsError(
            f"An encoder of the image-text model takes {sorted(wanted)} and gives {outputs}; expected {sorted(feed)} and {name}.",
            remedy="Export the model to ONNX with separate vision and text encoders.",
        )
    values: Vectors = np.asarray(session.run([chosen], {key: feed[key] for key in wanted})[0][0], np.float32)
    return values


def _session(path: Path) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = read_environment().num_vision_threads, 1
    try:
        return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # onnxruntime's exceptions have no common base
        raise CorruptWeightsError(f"{path.name} of the image-text model cannot be read: {error}") from error


def _settings(path: Path) -> dict[str, Any]:
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise CorruptWeightsError(f"{path.name} of the image-text model cannot be read: {error}") from error
    if not isinstance(settings, dict):
        raise CorruptWeightsError(f"{path.name} of the image-text model is not a JSON object.")
    return settings


def _found(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / "onnx" / name):
        if path.is_file():
            return path
    raise MissingWeightsError(
        f"The image-text model in {folder} has no {name}.",
        remedy="Name a folder with config.json, preprocessor_config.json, tokenizer.json, vision_model.onnx and text_model.onnx.",
    )


def _unit(vector: npt.NDArray[Any]) -> Vectors:
    length = float(np.linalg.norm(vector))
    return (vector / length).astype(np.float32) if length > 1e-9 else vector.astype(np.float32)
