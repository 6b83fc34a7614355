"""Who speaks: a vector for each line's voice, and groups of lines with one voice.

Problem: the packaged embedder is weak on film sound. Lines are therefore described by its 256 numbers and by plain prosody together, and
grouped so that groups are pure: splitting one person's lines over two groups is repaired later (by name, by face, by a person);
two people in one group is not.

The voice vector (:func:`voice_vector`) has unit length and ``VECTOR_SIZE`` numbers, in three parts; each part has unit length before it is
scaled by the root of its weight, so that the dot product of two vectors is the weighted mean of three similarities:

    [0:256]     weight .55: the embedder's d-vector (Wan et al. 2018, "Generalized End-to-End Loss for Speaker Verification")
    [256:271]   weight .225: median pitch, as a bump of 3 semitones' width on a scale from 50 to 566 Hz; zero if nothing is voiced
    [271:285]   weight .225: spectral colour (:class:`~inference.evidence.hearing.prosody.Prosody`.spectrum), standardised

Times in seconds. Contents: :func:`voice_of`, :func:`voice_vector`, :func:`cluster_voices`, :func:`describe_voice`.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import onnxruntime

from inference.environment import read_environment
from inference.evidence.hearing import spectra
from inference.evidence.hearing.prosody import NUM_SPECTRAL, Prosody, describe_voice, measure
from inference.sampling import SAMPLE_RATE_HZ
from inference.weights import weights_path

__all__ = ["VECTOR_SIZE", "cluster_voices", "describe_voice", "embed", "voice_of", "voice_vector"]

Audio = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float32]

LEAST_S = 0.6
"""A shorter line has no voice vector."""
SURE_S = 1.0
"""A shorter line joins a group, but does not found or bridge one."""
SAME_VOICE = 0.52
"""Mean similarity at which two groups are one voice.

Measured on a cutscene of 8 voices and 64 lines: purity .82, coverage .69, 13 groups (weights .4, .3, .3 and .6: .84, .47, 23 groups).
"""
SHORT_SAME_VOICE = 0.5
_NEIGHBOUR_BONUS = 0.1
_NEIGHBOUR_GAP_S = 0.5

_WINDOW = 80
_STRIDE = 40
_WEIGHTS = (0.55, 0.225, 0.225)
_EMBEDDING = 256
_PITCH_CENTRES = np.linspace(-24.0, 18.0, 15, dtype=np.float32)
_PITCH_WIDTH = 3.0
"""Semitones, relative to 200 Hz."""
# Mean and spread of the spectral measures over the lines of a voiced cutscene.
_SPECTRUM_MEAN = np.array([2.2, -7.25, 1.4, 0, 0.45, 0.12, 0.02, 0.05, -0.04, -0.04, -0.06, 0, -0.05, -0.03], np.float32)
_SPECTRUM_SPREAD = np.array([0.66, 1.38, 0.31, 0.21, 0.18, 0.12, 0.13, 0.1, 0.11, 0.1, 0.08, 0.07, 0.07, 0.05], np.float32)
VECTOR_SIZE = _EMBEDDING + len(_PITCH_CENTRES) + NUM_SPECTRAL


@functools.lru_cache(maxsize=1)
def _session() -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = read_environment().num_threads
    return onnxruntime.InferenceSession(str(weights_path("speaker")), options, providers=["CPUExecutionProvider"])


def embed(audio: Audio) -> Vector:
    """The embedder's d-vector of a voice [256], unit length: the mean over windows of 80 frames (0.8 s), one every 0.4 s.

    Features as the embedder was trained on: power spectra under a Hamming window, 40 Slaney mel bands from 0 to 8 kHz, log10(x + 1e-10).
    """
    power = spectra.magnitudes(audio, "hamming") ** 2
    features = np.log10(power @ spectra.mel_bank(40, 0.0, 8000.0, "slaney") + 1e-10).astype(np.float32)
    if len(features) < _WINDOW:
        features = np.pad(features, ((0, _WINDOW - len(features)), (0, 0)))
    windows = np.lib.stride_tricks.sliding_window_view(features, _WINDOW, axis=0)[::_STRIDE].transpose(0, 2, 1)
    rows = _session().run(None, {"mel_window": np.ascontiguousarray(windows)})[0]
    rows = rows / (np.linalg.norm(rows, axis=1, keepdims=True) + 1e-12)
    return _unit(rows.mean(axis=0))


def voice_vector(audio: Audio) -> list[float]:
    """The voice of one line (layout: see the module); empty if the line is too short or too silent to tell."""
    return voice_of(audio)[0]


def voice_of(audio: Audio) -> tuple[list[float], Prosody | None]:
    """The voice vector of one line and the prosody it was made with; empty and ``None`` if too short or too silent to tell."""
    if len(audio) < LEAST_S * SAMPLE_RATE_HZ or not audio.any():
        return [], None
    prosody = measure(audio)
    return [round(float(value), 5) for value in vector_of(embed(audio), prosody)], prosody


def vector_of(embedding: Vector, prosody: Prosody) -> Vector:
    """Join a d-vector and prosody into a voice vector."""
    bump = np.zeros(len(_PITCH_CENTRES), np.float32)
    colour = np.zeros(NUM_SPECTRAL, np.float32)
    if prosody.pitch_hz > 0:
        distance = 12 * np.log2(max(prosody.pitch_hz, 60.0) / 200.0) - _PITCH_CENTRES
        bump = _unit(np.exp(-0.5 * (distance / _PITCH_WIDTH) ** 2))
        colour = _unit((prosody.spectrum - _SPECTRUM_MEAN) / _SPECTRUM_SPREAD)
    parts = (embedding, bump, colour)
    return _unit(np.concatenate([np.sqrt(weight) * part for weight, part in zip(_WEIGHTS, parts, strict=True)]))


def cluster_voices(vectors: Sequence[npt.ArrayLike], ranges: Sequence[tuple[float, float]]) -> list[int]:
    """Group the lines of a film by voice.

    Lines of at least ``SURE_S`` are grouped by average linkage down to ``SAME_VOICE``; shorter ones then join the most similar group, with
    a bonus for the group of a line right before or after.

    Args:
        vectors: voice vectors; an empty one means that the voice is unknown.
        ranges: (start, end) of each line.

    Returns:
        Group numbers from 0 in order of first appearance; -1 where nobody can tell.
    """
    rows = [np.asarray(vector, np.float32) for vector in vectors]
    groups = [-1] * len(rows)
    sure = [i for i, row in enumerate(rows) if row.size and ranges[i][1] - ranges[i][0] >= SURE_S]
    if sure:
        matrix = np.stack([_unit(rows[i]) for i in sure])
        for i, group in zip(sure, average_linkage(matrix @ matrix.T, SAME_VOICE), strict=True):
            groups[i] = group
        _place_short(rows, ranges, sure, groups)
    order: dict[int, int] = {}
    return [order.setdefault(group, len(order)) if group >= 0 else -1 for group in groups]


def _place_short(rows: list[Vector], ranges: Sequence[tuple[float, float]], sure: list[int], groups: list[int]) -> None:
    """Let the short lines join the groups that the long ones made."""
    numbers = sorted({groups[i] for i in sure})
    means = np.stack([np.mean([_unit(rows[i]) for i in sure if groups[i] == number], axis=0) for number in numbers])
    fixed = list(groups)
    for i, row in enumerate(rows):
        if fixed[i] >= 0 or not row.size:
            continue
        likeness = means @ _unit(row)
        for j in (i - 1, i + 1):
            if (
                0 <= j < len(rows)
                and fixed[j] >= 0
                and max(ranges[i][0], ranges[j][0]) - min(ranges[i][1], ranges[j][1]) < _NEIGHBOUR_GAP_S
            ):
                likeness[numbers.index(fixed[j])] += _NEIGHBOUR_BONUS
        if likeness.max() >= SHORT_SAME_VOICE:
            groups[i] = numbers[int(likeness.argmax())]


def average_linkage(similarity: npt.NDArray[np.float32], threshold: float) -> list[int]:
    """Agglomerative clustering with average linkage, stopped at a similarity, by nearest-neighbour chains in O(n²).

    (Murtagh 1983, "A survey of recent advances in hierarchical clustering algorithms": the linkage is reducible, so merging mutual nearest
    neighbours in any order gives the same tree.)
    """
    num = len(similarity)
    link = (similarity.astype(np.float64) + similarity.T) / 2  # exactly symmetric, or a chain could run in a circle
    np.fill_diagonal(link, -np.inf)
    sizes = np.ones(num)
    label = list(range(num))
    alive = np.ones(num, bool)
    chain: list[int] = []
    while True:
        if not chain:
            # Any live cluster may start a chain; one without a similar enough neighbour is finished.
            open_rows = np.flatnonzero(alive & (link.max(axis=1, initial=-np.inf) >= threshold))
            if not len(open_rows):
                return [_root(label, i) for i in range(num)]
            chain = [int(open_rows[0])]
        top = chain[-1]
        nearest = int(link[top].argmax())
        if len(chain) > 1 and link[top, chain[-2]] >= link[top, nearest]:
            other = chain[-2]
            if link[top, other] < threshold:  # similarities only grow along a chain, so nothing in it can be merged
                chain = []
                continue
            del chain[-2:]
            merged = (sizes[top] * link[top] + sizes[other] * link[other]) / (sizes[top] + sizes[other])
            link[other], link[:, other] = merged, merged
            link[other, other] = -np.inf
            link[top], link[:, top] = -np.inf, -np.inf
            sizes[other] += sizes[top]
            alive[top] = False
            label[top] = other
        else:
            chain.append(nearest)


def _root(label: list[int], i: int) -> int:
    while label[i] != i:
        i = label[i]
    return i


def _unit(vector: npt.NDArray[np.floating]) -> Vector:
    return (vector / (np.linalg.norm(vector) + 1e-12)).astype(np.float32)
