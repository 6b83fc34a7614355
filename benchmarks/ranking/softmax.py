"""Fitting a linear ranker: listwise softmax with an L2 penalty, by damped Newton steps. numpy only.

    loss = Σ weight · (−log Σ_answers softmax(X w)) + λ/2 · |w|²        (features by their spread; weights sum to one)

A feature's spread is its standard deviation among one question's candidates, over all questions. Started from zero.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

MAX_STEPS = 30


@dataclass(frozen=True, eq=False)
class Listed:
    """A question's candidates: features float32 (S, F), the rows that answer, what it is kept together with, its weight."""

    features: np.ndarray
    answers: np.ndarray
    group: str
    weight: float = 1.0

    def rank(self, weights: np.ndarray) -> int:
        """The rank of the best answer, ties against it; 0 if no candidate answers."""
        scores = self.features @ weights
        return 1 + int((scores > scores[self.answers].max()).sum()) if len(self.answers) else 0


def fit(questions: Sequence[Listed], *, penalty: float = 5e-3, columns: Sequence[int] | None = None) -> np.ndarray:
    """The weights: float64 (F,).

    Args:
        questions: what to fit on; those without an answer among their candidates are passed over.
        penalty: λ, for weights by their features' spread.
        columns: the features used; default: all that vary.
    """
    questions = [question for question in questions if len(question.answers)]
    spread = np.sqrt(np.mean([question.features.var(axis=0) for question in questions], axis=0))
    used = np.flatnonzero(spread > 1e-9) if columns is None else np.array([place for place in columns if spread[place] > 1e-9])
    scaled = [question.features[:, used] / spread[used] for question in questions]
    rows = [(x - x.mean(axis=0)).astype(np.float64) for x in scaled]
    shares = np.array([question.weight for question in questions])
    shares = shares / shares.sum()
    weights = np.zeros(len(used))
    loss, gradient, curvature = _loss(weights, rows, questions, shares, penalty)
    for _ in range(MAX_STEPS):
        step = np.linalg.solve(curvature, gradient)
        size = 1.0
        while size > 1e-4:
            tried = _loss(weights - size * step, rows, questions, shares, penalty)
            if tried[0] <= loss:
                break
            size /= 2
        gained = loss - tried[0]
        if gained < 1e-7:
            break
        weights, (loss, gradient, curvature) = weights - size * step, tried
    fitted = np.zeros(len(spread))
    fitted[used] = weights / spread[used]
    return fitted


def _loss(
    weights: np.ndarray, rows: Sequence[np.ndarray], questions: Sequence[Listed], shares: np.ndarray, penalty: float
) -> tuple[float, np.ndarray, np.ndarray]:
    """The loss, its gradient and a positive definite curvature (that of the softmax over all candidates)."""
    loss = 0.5 * penalty * float(weights @ weights)
    gradient, curvature = penalty * weights, penalty * np.eye(len(weights))
    for x, question, share in zip(rows, questions, shares, strict=True):
        scores = x @ weights
        odds = np.exp(scores - scores.max())
        odds /= odds.sum()
        right = odds[question.answers]
        loss -= share * float(np.log(max(right.sum(), 1e-300)))
        mean = odds @ x
        gradient = gradient - share * ((right / max(right.sum(), 1e-300)) @ x[question.answers] - mean)
        spread = x * odds[:, None]
        curvature = curvature + share * (spread.T @ x - np.outer(mean, mean))
    return loss, gradient, curvature


def cross_validated(
    questions: Sequence[Listed], *, num_folds: int = 5, seed: int = 0, others: Sequence[Listed] = (), penalty: float = 5e-3
) -> np.ndarray:
    """Rank of every question by weights fitted without its fold (and on all of ``others``): int (num questions,).

    Args:
        questions: folds keep each group together.
        num_folds: number of folds. seed: of the dealing of groups to folds.
        others: questions of other sets, in every fit.
        penalty: see :func:`fit`.
    """
    groups = sorted({question.group for question in questions})
    np.random.default_rng(seed).shuffle(groups)
    fold_of = {group: number % num_folds for number, group in enumerate(groups)}
    ranks = np.zeros(len(questions), int)
    for fold in range(num_folds):
        weights = fit([question for question in questions if fold_of[question.group] != fold] + list(others), penalty=penalty)
        for number, question in enumerate(questions):
            if fold_of[question.group] == fold:
                ranks[number] = question.rank(weights)
    return ranks
