"""Sounds that are not speech: from the tagger's scores to events that lasted from here to there.

Problem: YAMNet gives 521 class scores for every 0.96 s, which flicker, overlap and are coarse (8-bit weights: the score moves in steps of
0.76 logits). A script wants "an explosion, 31.2 to 33.6 s". So scores are pooled over the classes that one phrase describes
(:mod:`.sound_words`), median-smoothed, cut with two thresholds, joined over short gaps; what a more exact phrase says already is dropped.

Features as in YAMNet (Plakal & Ellis, github.com/tensorflow/models, research/audioset/yamnet): magnitude spectra of 25 ms every
10 ms, 64 mel bands from 125 to 7500 Hz, log(x + 0.001), patches of 96 frames. The quantised model's input range begins at -6.903, which
is log(0.001): that confirms the offset.

Times in seconds from the first displayed frame. Contents: :func:`tag_sounds`, :func:`class_scores`, :func:`sound_phrase`.
"""

from __future__ import annotations

import csv
import functools
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import onnxruntime

from inference.environment import read_environment
from inference.evidence.hearing import spectra
from inference.evidence.hearing.sound_words import GROUPS, SoundGroup, is_covered, sound_phrase
from inference.evidence.hearing.voice_activity import hysteresis
from inference.evidence.observed import Sound
from inference.evidence.spans import overlap_s
from inference.weights import weights_path

__all__ = ["class_names", "class_scores", "log_mel", "sound_phrase", "tag_sounds"]

Audio = npt.NDArray[np.float32]

HOP_S = 0.48
PATCH_S = 0.975
"""Length of sound that a patch needs: 96 frames, the last one whole."""
_PATCH = 96
_PATCH_HOP = 48
_LOG_OFFSET = 1e-3
_INPUT_SCALE, _INPUT_ZERO = 0.04793788, 144
_OUTPUT_SCALE, _OUTPUT_ZERO = 0.7565417, 190
"""Quantisation of the pinned weights (initialisers audio_scale, audio_zero_point, class_scores_scale, class_scores_zero_point)."""

_ON, _OFF = 0.6, 0.3
_ON_BRIEF = 0.65
_LEAST_S = 1.2
"""Shortest event of a lasting kind."""
_JOIN_S = 1.5


@functools.lru_cache(maxsize=1)
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = read_environment().num_threads
    return onnxruntime.InferenceSession(str(weights_path("yamnet") / "model.onnx"), options, providers=["CPUExecutionProvider"])


@functools.lru_cache(maxsize=1)
def class_names() -> tuple[str, ...]:
    """Display names of the 521 classes, in the model's order."""
    with (weights_path("yamnet") / "yamnet_class_map.csv").open(encoding="utf-8", newline="") as stream:
        return tuple(row["display_name"] for row in csv.DictReader(stream))


def log_mel(audio: Audio) -> npt.NDArray[np.float32]:
    """Log-mel features [frames, 64] of 16 kHz sound."""
    mel = spectra.magnitudes(audio, "hann") @ spectra.mel_bank(64, 125.0, 7500.0, "htk")
    return np.log(mel + _LOG_OFFSET).astype(np.float32)


def class_scores(audio: Audio) -> npt.NDArray[np.float32]:
    """Probability of every class [patches, 521]; patch ``i`` covers ``PATCH_S`` from ``i * HOP_S`` on."""
    features = log_mel(audio)
    quantised = np.clip(np.round(features / _INPUT_SCALE + _INPUT_ZERO), 0, 255).astype(np.uint8)
    session = _session()
    rows = [
        session.run(None, {"audio": quantised[None, None, first : first + _PATCH]})[0][0]
        for first in range(0, len(quantised) - _PATCH + 1, _PATCH_HOP)
    ]
    if not rows:
        return np.zeros((0, len(class_names())), np.float32)
    logits = (np.stack(rows).astype(np.float32) - _OUTPUT_ZERO) * _OUTPUT_SCALE
    return (1.0 / (1.0 + np.exp(-np.clip(logits, -30.0, 30.0)))).astype(np.float32)


def tag_sounds(audio: Audio, start_s: float) -> list[Sound]:
    """Sound events of a stretch that begins at ``start_s``, in order of time. Speech and silence are not among them."""
    scores = class_scores(audio)
    if not len(scores):
        return []
    columns = {name: i for i, name in enumerate(class_names())}
    found: list[tuple[str, Sound]] = []
    for group in GROUPS:
        members = [columns[label] for label in group.labels if label in columns]
        found += [(group.phrase, sound) for sound in _events(scores, members, group, start_s)]
    kept = [sound for phrase, sound in found if not _said_better(phrase, sound, found)]
    return sorted(kept, key=lambda sound: (sound.start_s, sound.label))


def _events(scores: npt.NDArray[np.float32], members: list[int], group: SoundGroup, start_s: float) -> list[Sound]:
    """Events of one group; each takes the name of its strongest class."""
    pooled = scores[:, members].max(axis=1)
    curve = pooled if group.is_brief else _median(pooled)
    runs: list[list[int]] = []
    for first, last in hysteresis(curve, _ON_BRIEF if group.is_brief else _ON, _OFF):
        if runs and (first - runs[-1][1]) * HOP_S <= _JOIN_S:
            runs[-1][1] = last
        else:
            runs.append([first, last])
    events = []
    for first, last in runs:
        begin, end = _extent(first, last)
        if end - begin < _LEAST_S and not group.is_brief:
            continue
        best = members[int(scores[first:last][:, members].mean(axis=0).argmax())]
        events.append(
            Sound(
                start_s=round(start_s + begin, 2),
                end_s=round(start_s + end, 2),
                label=class_names()[best],
                score=round(float(pooled[first:last].mean()), 3),
            )
        )
    return events


def _extent(first: int, last: int) -> tuple[float, float]:
    """Seconds covered by patches [first, last): neighbouring patches share half, so a quarter is taken off either end of a long run."""
    trim = PATCH_S / 4 if last - first > 1 else 0.0
    return first * HOP_S + trim, (last - 1) * HOP_S + PATCH_S - trim


def _median(values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Running median over three patches."""
    padded = np.pad(values, 1, mode="edge")
    return np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0).astype(np.float32)


def _said_better(phrase: str, sound: Sound, found: Iterable[tuple[str, Sound]]) -> bool:
    """Whether a more exact phrase covers most of this event."""
    covered = sum(max(0.0, overlap_s(other, sound)) for other_phrase, other in found if is_covered(phrase, other_phrase))
    return covered >= 0.5 * (sound.end_s - sound.start_s)
