"""Emotions of lines: fits the linear head that the lite writer reads words with, and says how well it does on episodes it never saw.

    make bench-emotion EMOTIONS=/path/to/emotion_dev.json        (needs the sentence-embedding model; about two minutes)
    python -m benchmarks.emotion DATA --write                     also writes inference/evidence/feeling/emotions.json

DATA is a file in the form of EmoryNLP's emotion detection set (Zahiri and Choi 2018; Apache-2.0): episodes, scenes, utterances with one of
seven emotions. Cross-validation leaves out one episode at a time: its lines are scored, and calibrated, by the others alone. Ridge strength
and share of the neighbouring lines were chosen on the same cross-validation (about 30 settings), so the figures flatter a little.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from inference.evidence.feeling.emotion_words import EMOTIONS, words_of
from inference.evidence.feeling.emotions import FLOOR, HEAD_FILE, inputs, marks
from inference.weights import weights_path

LABELS = {"joy": "Joyful", "anger": "Mad", "fear": "Scared", "sadness": "Sad"}
RIDGE = 20.0
CONTEXT = 0.8
MARK_WEIGHT = 0.1
"""Standard deviation of each mark; that of a vector's element is about .05."""


@dataclass
class Lines:
    """All lines: inputs [lines, dims], truth [lines, emotions], whether a word says so [lines, emotions], and episodes."""

    inputs: np.ndarray
    truth: np.ndarray
    words: np.ndarray
    episodes: np.ndarray
    scenes: list[str]
    mark_scale: np.ndarray


def read(path: Path) -> Lines:
    """The labelled lines with their vectors."""
    from search.embeddings.minilm import SentenceModel

    data = json.loads(path.read_text("utf-8"))
    rows = [
        (episode["episode_id"], scene["scene_id"], line["transcript"], line["emotion"])
        for episode in data["episodes"]
        for scene in episode["scenes"]
        for line in scene["utterances"]
    ]
    texts = [row[2] for row in rows]
    with tempfile.TemporaryDirectory() as graphs:
        vectors = SentenceModel(weights_path("sentence-embedding"), Path(graphs)).embed(texts).astype(float)
    mark_scale = MARK_WEIGHT / np.array([marks(text) for text in texts]).std(axis=0)
    scenes = [row[1] for row in rows]
    parts = []
    for scene in dict.fromkeys(scenes):
        own = [i for i, other in enumerate(scenes) if other == scene]
        parts.append(inputs(vectors[own], [texts[i] for i in own], CONTEXT, mark_scale))
    return Lines(
        np.concatenate(parts),
        np.array([[float(row[3] == LABELS[emotion]) for emotion in EMOTIONS] for row in rows]),
        np.array([[float(emotion in words_of(text)) for emotion in EMOTIONS] for text in texts]),
        np.array([row[0] for row in rows]),
        scenes,
        mark_scale,
    )


def ridge(x: np.ndarray, truth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(weights, means) of ridge regression on 0/1 targets."""
    means = x.mean(axis=0)
    centred = x - means
    return np.linalg.solve(centred.T @ centred + RIDGE * np.eye(x.shape[1]), centred.T @ (truth - truth.mean(axis=0))), means


def platt(scores: np.ndarray, words: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """[slope, gain of a word, bias] of one emotion, by Newton's method with a little ridge."""
    x = np.column_stack([scores, words, np.ones(len(scores))])
    w = np.zeros(3)
    penalty = np.array([1e-3, 1.0, 1e-6])
    for _ in range(25):
        p = 1.0 / (1.0 + np.exp(-x @ w))
        w -= np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + np.diag(penalty), x.T @ (p - truth) + penalty * w)
    return w


def held_out(lines: Lines) -> tuple[np.ndarray, np.ndarray]:
    """(scores, probabilities), both [lines, emotions], of each episode by the other episodes alone."""
    scores, probabilities = np.zeros_like(lines.truth), np.zeros_like(lines.truth)
    for episode in np.unique(lines.episodes):
        others = lines.episodes != episode
        inner = _scores(lines, others)
        weights, means = ridge(lines.inputs[others], lines.truth[others])
        scores[~others] = (lines.inputs[~others] - means) @ weights
        for k in range(len(EMOTIONS)):
            w = platt(inner[others, k], lines.words[others, k], lines.truth[others, k])
            x = np.column_stack([scores[~others, k], lines.words[~others, k], np.ones((~others).sum())])
            probabilities[~others, k] = 1.0 / (1.0 + np.exp(-x @ w))
    return scores, probabilities


def _scores(lines: Lines, among: np.ndarray) -> np.ndarray:
    """Scores of the lines among ``among``, each episode's by the others of them."""
    scores = np.zeros_like(lines.truth)
    for episode in np.unique(lines.episodes[among]):
        own = lines.episodes == episode
        weights, means = ridge(lines.inputs[among & ~own], lines.truth[among & ~own])
        scores[own] = (lines.inputs[own] - means) @ weights
    return scores


def area(scores: np.ndarray, truth: np.ndarray) -> float:
    """Area under the ROC curve, ties counted half."""
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    for value in np.unique(scores):
        ranks[scores == value] = ranks[scores == value].mean()
    num = truth.sum()
    return float((ranks[truth > 0].sum() - num * (num + 1) / 2) / (num * (len(truth) - num)))


def report(lines: Lines, probabilities: np.ndarray) -> None:
    """Per line and per scene (summed evidence against whether the emotion is the scene's most frequent)."""
    print(f"{len(lines.truth)} lines, {len(set(lines.episodes))} episodes, each scored by the others")
    print("emotion   share   AUC  best F1 | told at the floor: lines precision recall | scene AUC")
    scene_keys = list(dict.fromkeys(lines.scenes))
    member = np.array([[float(scene == key) for scene in lines.scenes] for key in scene_keys])
    pooled, most = member @ probabilities / member.sum(1)[:, None], member @ lines.truth / member.sum(1)[:, None]
    likeliest = probabilities.argmax(axis=1)
    rows = []
    for k, emotion in enumerate(EMOTIONS):
        truth, p = lines.truth[:, k], probabilities[:, k]
        order = np.argsort(-p)
        hits = truth[order].cumsum()
        f1 = (2 * hits / (np.arange(1, len(p) + 1) + truth.sum())).max()
        told = (p >= FLOOR) & (likeliest == k)
        precision = truth[told].mean() if told.any() else float("nan")
        scene_area = area(pooled[:, k], (most[:, k] >= 0.25).astype(float))
        rows.append((area(p, truth), f1, scene_area))
        print(
            f"{emotion:9} {truth.mean():.3f}  {rows[-1][0]:.3f}  {f1:.3f}   |  {told.sum():4d}  {precision:.2f}  "
            f"{truth[told].sum() / truth.sum():.3f}  | {scene_area:.3f}"
        )
    print("macro            {:.3f}  {:.3f}   |                      | {:.3f}".format(*np.mean(rows, axis=0)))


def write(lines: Lines) -> None:
    """The head of all episodes, as whole numbers in [-127, 127] times a unit per emotion."""
    inner = _scores(lines, np.ones(len(lines.truth), bool))
    weights, means = ridge(lines.inputs, lines.truth)
    units = np.abs(weights).max(axis=0) / 127.0
    mean_unit = float(np.abs(means).max() / 9999.0)
    stored = {
        "what": "Linear head over all-MiniLM-L6-v2 vectors and six marks of writing; see inference/evidence/feeling/emotions.py",
        "fitted_on": f"{len(lines.truth)} lines of {len(set(lines.episodes))} episodes of EmoryNLP (Zahiri and Choi 2018)",
        "licence_of_data": "Apache-2.0",
        "fitted_by": "benchmarks/emotion.py --write",
        "context": CONTEXT,
        "mark_scale": [round(float(value), 5) for value in lines.mark_scale],
        "calibration": {
            emotion: [round(float(v), 4) for v in platt(inner[:, k], lines.words[:, k], lines.truth[:, k])]
            for k, emotion in enumerate(EMOTIONS)
        },
        "units": [float(f"{unit:.5g}") for unit in units],
        "mean_unit": float(f"{mean_unit:.5g}"),
        "means": [round(float(value / mean_unit)) for value in means],
        "weights": {emotion: [round(float(w)) for w in weights[:, k] / units[k]] for k, emotion in enumerate(EMOTIONS)},
    }
    lists = [f"  {json.dumps(key)}: {json.dumps(value, separators=(',', ':'))}" for key, value in stored.items()]
    HEAD_FILE.write_text("{\n" + ",\n".join(lists) + "\n}\n", "utf-8")
    print(f"wrote {HEAD_FILE.name}: {HEAD_FILE.stat().st_size} bytes")


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description="Emotions of lines: cross-validated figures, and the fit.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--write", action="store_true", help="write the packaged weights anew")
    arguments = parser.parse_args()
    lines = read(arguments.data)
    report(lines, held_out(lines)[1])
    if arguments.write:
        write(lines)


if __name__ == "__main__":
    main()
