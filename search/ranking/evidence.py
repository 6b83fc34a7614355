"""Every feature of a scene, by name, and the table of them for all candidates of one question.

Words (:mod:`.words`), BM25 or sums of idf unless said:
    scene_words, scene_all      the question's words in the whole scene; names too
    scene_stops                 words that say nothing by themselves
    window1_words … window12_words, window6_all     the same in the best stretch of so many lines
    coverage, window3_coverage …                    share of the words that are there, by rarity, in [0, 1]
    rarest                      idf of the rarest word that is there
    pairs_near, pairs_far       pairs of neighbouring words within 3 and 10 tokens
    length                      log of the number of tokens
People (:mod:`.people`), shares in [0, 1]:
    names_there, names_act, names_speak     of the names, those that the scene has at all; that act; that speak
    names_missing               their number that it has not
    named_lines, first_lines    lines said by any of them; by the first of them
    to_whom                     lines of the first that name, or are answered by, another
Vectors, cosines of the nearest in the scene:
    window, window_named, line  windows and lines, names put as "someone"; windows with names in
    clauses, clauses_over       the question's clauses, each with its nearest line: their mean; sum of what is over .25
Facets, in [−1, 1], by the field's confidence; below zero the scene says otherwise:
    time, mood, type, location, kind, interaction
Judged records (:mod:`search.finding.scoring`):
    moment                      the best record of the scene, as it answers by itself: one line, who acts in it or near it, its kind
``*_root`` is the square root: what comes first counts most.

Mood and interaction are evidence like the others: whoever writes those facets into records gives them their values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from search.ranking.people import people_features
from search.ranking.question import Question
from search.ranking.scenes import Scenes
from search.ranking.words import Matches, find_matches, word_features

WORD_FEATURES = (
    "scene_words", "scene_all", "scene_stops", "window1_words", "window3_words", "window6_words", "window12_words", "window6_all",
    "coverage", "window3_coverage", "window6_coverage", "window12_coverage", "rarest", "pairs_near", "pairs_far", "length",
)  # fmt: skip
PEOPLE_FEATURES = ("names_there", "names_missing", "names_act", "named_lines", "names_speak", "first_lines", "to_whom")
VECTOR_FEATURES = ("window", "window_named", "line", "clauses", "clauses_over")
FACET_FEATURES = ("time", "mood", "type", "location", "kind", "interaction")
RECORD_FEATURES = ("moment",)
ROOTS = ("pairs_near", "pairs_far", "window6_words", "scene_words", "to_whom")
FEATURES = (*WORD_FEATURES, *PEOPLE_FEATURES, *VECTOR_FEATURES, *FACET_FEATURES, *RECORD_FEATURES, *(f"{name}_root" for name in ROOTS))
"""Every feature, in the order of a table's columns."""

CLAUSE_FLOOR = 0.25


@dataclass(frozen=True, eq=False)
class EvidenceTable:
    """The features of candidates: float32 (S, len(FEATURES)), a row for each of ``scenes``, and where the words stand."""

    scenes: Scenes
    matches: Matches
    values: np.ndarray

    def column(self, name: str) -> np.ndarray:
        """float32 (S,): one feature."""
        column: np.ndarray = self.values[:, FEATURES.index(name)]
        return column


def gather(
    question: Question, scenes: Scenes, cosines: Mapping[str, np.ndarray], facets: Mapping[str, np.ndarray] | None = None
) -> EvidenceTable:
    """All evidence for all candidates.

    Args:
        question: what is looked for.
        scenes: the candidates.
        cosines: of :data:`VECTOR_FEATURES`, float32 (S,) each; ``clauses`` is (number of clauses, S). NaN where the store named none,
            which counts as the least that it named. What is left out counts as 0.
        facets: of :data:`FACET_FEATURES` and :data:`RECORD_FEATURES`, float32 (S,) each; what is left out counts as 0.
    """
    matches = find_matches(question, scenes)
    features = word_features(matches, scenes) | people_features(question, matches, scenes)
    features |= {name: _filled(values) for name, values in cosines.items() if name != "clauses"}
    if "clauses" in cosines and len(cosines["clauses"]):
        clauses = np.stack([_filled(row) for row in cosines["clauses"]])
        features["clauses"] = clauses.mean(axis=0)
        features["clauses_over"] = np.maximum(clauses - CLAUSE_FLOOR, 0.0).sum(axis=0)
    features |= facets or {}
    features |= {f"{name}_root": np.sqrt(np.maximum(features[name], 0.0)) for name in ROOTS}
    nothing = np.zeros(len(scenes), np.float32)
    values = np.stack([features.get(name, nothing) for name in FEATURES], axis=1).astype(np.float32)
    return EvidenceTable(scenes, matches, values)


def _filled(cosines: np.ndarray) -> np.ndarray:
    """The same without NaN: what a store did not name is no nearer than the last that it did."""
    known = cosines[~np.isnan(cosines)]
    filled: np.ndarray = np.nan_to_num(cosines, nan=float(known.min()) if known.size else 0.0)
    return filled
