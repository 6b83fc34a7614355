"""Evidence of words, for all candidates in one pass over their tokens.

BM25 as Robertson and Zaragoza (2009), k1 = 2, b = .75 (best of 20 pairs on the development sentences), over a whole scene and over
the best window of 1, 3, 6 and 12 lines; the mean length is that of the candidates.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from search.fields import CONTEXT_WEIGHT
from search.ranking.question import CONTENT, CUE, NAME, STOP, Question
from search.ranking.scenes import Scenes

K1, B = 2.0, 0.75
NEAR_TOKENS, FAR_TOKENS = 3, 10
MAX_BETWEEN = 6
"""Matched tokens that may stand between two words of a pair."""

WINDOWS = (1, 3, 6, 12)


@dataclass(frozen=True, eq=False)
class Matches:
    """Where the question's words and names stand.

    Attributes:
        frequencies: float32 (L, W): weighted number of each in each line; W words and names, in the order of the question.
        places: int64 (M,): token numbers that match, ascending; of ``groups``: which word.
        rarities: float32 (W,). roles: int (W,).
    """

    frequencies: np.ndarray
    places: np.ndarray
    groups: np.ndarray
    rarities: np.ndarray
    roles: np.ndarray

    def of_roles(self, *roles: int) -> np.ndarray:
        """bool (W,): which words have one of these roles."""
        return np.isin(self.roles, roles)


def find_matches(question: Question, scenes: Scenes) -> Matches:
    """Look every token of every scene up among the question's words."""
    table = question.table()
    num_words = len(question.words) + len(question.names)
    num_lines = len(scenes.line_scenes)
    rarities = np.array([w.rarity for w in question.words] + [n.rarity for n in question.names], np.float32)
    roles = np.array([w.role for w in question.words] + [NAME] * len(question.names), np.int64)
    frequencies = np.zeros(num_lines * num_words, np.float32)
    places, groups = np.zeros(0, np.int64), np.zeros(0, np.int32)
    if len(table.hashes) and len(scenes.tokens):
        spots = np.searchsorted(table.hashes, scenes.tokens)
        spots[spots == len(table.hashes)] = 0
        at = np.flatnonzero(table.hashes[spots] == scenes.tokens)
        for layer in range(len(table.groups)):
            group = table.groups[layer][spots[at]]
            fits = group >= 0
            fits[fits] = table.allowed[group[fits], scenes.fields[at[fits]]]
            own, which = at[fits], group[fits]
            weights = table.weights[layer][spots[own]]
            frequencies += np.bincount(scenes.token_lines[own] * num_words + which, weights, len(frequencies)).astype(np.float32)
            places, groups = np.concatenate((places, own)), np.concatenate((groups, which))
        order = np.argsort(places, kind="stable")
        places, groups = places[order], groups[order]
    return Matches(frequencies.reshape(num_lines, num_words), places, groups, rarities, roles)


def word_features(matches: Matches, scenes: Scenes) -> dict[str, np.ndarray]:
    """Feature → float32 (S,); see :data:`search.ranking.evidence.FEATURES`."""
    weight = np.where(scenes.is_context, np.float32(CONTEXT_WEIGHT), np.float32(1.0))
    by_scene = scenes.sums(matches.frequencies * weight[:, None])
    lengths = scenes.sums(scenes.lengths * weight)
    content, names = matches.of_roles(CONTENT, CUE), matches.of_roles(NAME)
    rarities = matches.rarities
    features = {
        "scene_words": bm25(by_scene[:, content], rarities[content], lengths),
        "scene_all": bm25(by_scene[:, content | names], rarities[content | names], lengths),
        "scene_stops": _stop_words(by_scene[:, matches.of_roles(STOP)], lengths),
        "rarest": ((by_scene[:, content] > 0) * rarities[content]).max(axis=1, initial=0.0),
        "coverage": covered(by_scene[:, content], rarities[content]),
        "length": np.log1p(lengths),
    }
    windows = Windows(matches.frequencies * ~scenes.is_context[:, None], scenes)
    for size in WINDOWS:
        sums, window_lengths = windows.of(size)
        features[f"window{size}_words"] = scenes.largest(bm25(sums[:, content], rarities[content], window_lengths))
        if size > 1:
            features[f"window{size}_coverage"] = scenes.largest(covered(sums[:, content], rarities[content]))
        if size == 6:
            features["window6_all"] = scenes.largest(bm25(sums[:, content | names], rarities[content | names], window_lengths))
    features |= _neighbours(matches, scenes)
    return features


class Windows:
    """Sums over stretches of lines, by running totals."""

    def __init__(self, frequencies: np.ndarray, scenes: Scenes) -> None:
        """Running totals of (L, W) frequencies without what scenes state."""
        self._scenes = scenes
        self._totals = np.concatenate((np.zeros((1, frequencies.shape[1])), np.cumsum(frequencies, axis=0, dtype=np.float64)))
        self._lengths = np.concatenate(([0.0], np.cumsum(scenes.lengths, dtype=np.float64)))

    def of(self, num_lines: int) -> tuple[np.ndarray, np.ndarray]:
        """(L, W) sums and (L,) lengths of the window that begins at each line."""
        ends = self._scenes.window_ends(num_lines)
        sums = (self._totals[ends] - self._totals[:-1]).astype(np.float32)
        return sums, (self._lengths[ends] - self._lengths[:-1]).astype(np.float32)


def bm25(frequencies: np.ndarray, rarities: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """BM25 of (N, W) frequencies in N texts of these lengths: float32 (N,)."""
    if not frequencies.size:
        return np.zeros(len(lengths), np.float32)
    mean = float(lengths[lengths > 0].mean()) if (lengths > 0).any() else 1.0
    norm = K1 * (1 - B + B * lengths / mean)
    scores: np.ndarray = (frequencies * (K1 + 1) / (frequencies + norm[:, None])) @ rarities
    return scores


def covered(frequencies: np.ndarray, rarities: np.ndarray) -> np.ndarray:
    """Share of the words that are there, by rarity: float32 (N,)."""
    total = float(rarities.sum())
    shares: np.ndarray = np.minimum(frequencies, 1.0) @ rarities / np.float32(total) if total else np.zeros(len(frequencies), np.float32)
    return shares


def _stop_words(frequencies: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """BM25 of words that say nothing, whose rarity is taken from the candidates: stores need not count what is everywhere."""
    having = (frequencies > 0).sum(axis=0)
    rarities = np.log(1 + (len(lengths) - having + 0.5) / (having + 0.5)).astype(np.float32)
    return bm25(frequencies, rarities, lengths)


def _neighbours(matches: Matches, scenes: Scenes) -> dict[str, np.ndarray]:
    """How many pairs of words that follow each other in the question stand near each other, by rarity."""
    content = matches.of_roles(CONTENT, CUE)
    order = np.cumsum(content) - 1  # place of a word among the content words
    kept = content[matches.groups]
    places, groups = matches.places[kept], order[matches.groups[kept]]
    rarities = matches.rarities[content]
    num_pairs = max(0, len(rarities) - 1)
    near, far = np.zeros((len(scenes), num_pairs), bool), np.zeros((len(scenes), num_pairs), bool)
    scene_of = scenes.line_scenes[scenes.token_lines[places]] if len(places) else places
    for step in range(1, min(MAX_BETWEEN + 2, len(places))):
        gap, turn = places[step:] - places[:-step], groups[step:] - groups[:-step]
        fits = (gap <= FAR_TOKENS) & (np.abs(turn) == 1) & (scene_of[step:] == scene_of[:-step])
        pair, scene = np.minimum(groups[step:], groups[:-step])[fits], scene_of[step:][fits]
        far[scene, pair] = True
        close = gap[fits] <= NEAR_TOKENS
        near[scene[close], pair[close]] = True
    weights = (rarities[1:] + rarities[:-1]) / 2 if num_pairs else np.zeros(0, np.float32)
    return {"pairs_near": near @ weights, "pairs_far": far @ weights}
