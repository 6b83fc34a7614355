"""The weights of ranking: a linear model per kind of vectors, read from ``weights.json``, where it is also said what they were fitted on.

    score of a scene = Σ weight × feature

Fitted as ``benchmarks/ranking/fit.py`` does (listwise softmax over a question's candidates, L2). Only differences between the candidates of
one question mean anything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from search.ranking.evidence import FEATURES, EvidenceTable

WORDS_ONLY, SENTENCES = "words", "sentences"
"""The model for a question without vectors; with a sentence model's."""


@dataclass(frozen=True, eq=False)
class RankingModel:
    """Weights by feature. ``vector``: float32 (len(FEATURES),), the same in the order of a table's columns."""

    name: str
    weights: dict[str, float]
    vector: np.ndarray

    def scores(self, table: EvidenceTable) -> np.ndarray:
        """float32 (S,): the score of each candidate."""
        scores: np.ndarray = table.values @ self.vector
        return scores


@lru_cache
def load_model(model_id: str) -> RankingModel:
    """The weights for vectors of an embedding model.

    Args:
        model_id: as the embedder names it; empty for no vectors. Hashed n-grams, which only know spellings, count as none here.
    """
    models = json.loads((files(__package__) / "weights.json").read_text())["models"]
    name = WORDS_ONLY if not model_id or model_id.startswith("hashed-ngrams") else SENTENCES
    weights = {feature: float(weight) for feature, weight in models[name]["weights"].items()}
    return RankingModel(name, weights, np.array([weights.get(feature, 0.0) for feature in FEATURES], np.float32))
