"""Ranking of scenes by all evidence: the scenes of every candidate, and of the nearest windows, judged by the learnt model.

The word store is asked for scenes by the clause's words, the vector store for the scenes of the nearest windows and, of every scene that
anything found, for its nearest window and line. Everything else is computed from the scenes' packed lines in one numpy pass, so that
every store gives the same features.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from search.finding.asking import Sentences
from search.finding.moments import Moment, moment_order
from search.finding.scoring import presence_of
from search.passages import EVENT_KIND, NAMED_KIND, SCENE_KIND, WINDOW_KIND
from search.ports import Match, Scope, VectorChannel
from search.query.model import Clause
from search.ranking import FEATURES, EvidenceTable, Question, RankingModel, Scenes, gather
from search.ranking.evidence import FACET_FEATURES
from search.types import Record

NUM_WINDOWS = 150
"""Scenes asked for by their nearest windows, with names and without."""

EXACT_TIER = 100.0
"""More than any difference of evidence: what has the very words that were typed or quoted comes first."""

LINES, WINDOWS, NAMED = frozenset({EVENT_KIND, SCENE_KIND}), frozenset({WINDOW_KIND}), frozenset({NAMED_KIND})


@dataclass(frozen=True, eq=False)
class RankedScenes:
    """The judged scenes of one clause, of ``num_scenes`` in view.

    ``places``: a scene's record id → its row. ``nearest_lines``: scene → id of its nearest line.
    """

    table: EvidenceTable
    scores: np.ndarray
    places: Mapping[str, int]
    nearest_lines: Mapping[str, str]
    model: RankingModel
    num_scenes: int

    def score(self, scene: str) -> float | None:
        """The score of a scene; ``None`` if it was not judged."""
        place = self.places.get(scene)
        return None if place is None else float(self.scores[place])

    def explained(self) -> dict[tuple[str, str], dict[str, tuple[float, float]]]:
        """(asset id, scene id) → feature → its value and its weight."""
        return {
            (record.asset_id, record.scene_id): {
                name: (float(value), self.model.weights.get(name, 0.0)) for name, value in zip(FEATURES, row, strict=True)
            }
            for record, row in zip(self.table.scenes.records, self.table.values, strict=True)
        }


@dataclass(frozen=True)
class NearnessAsked:
    """The vector channels of one clause, in order, and what each answers: feature name and, for clauses, its number."""

    channels: tuple[VectorChannel, ...] = ()
    features: tuple[tuple[str, int], ...] = field(default=())


def anywhere(vectors: Mapping[str, np.ndarray], sentences: Sentences, scope: Scope) -> NearnessAsked:
    """The scenes of the nearest windows in the whole scope.

    Args:
        vectors: sentence → float32 (num_dims,), of length one.
        sentences: those of the clause.
        scope: where.
    """
    asked = [("window", sentences.nameless, WINDOWS), ("window_named", sentences.named, NAMED)]
    kept = [(name, vectors[sentence], kinds) for name, sentence, kinds in asked if sentence in vectors]
    channels = tuple(VectorChannel(vector, replace(scope, kinds=kinds), NUM_WINDOWS, per_scene=True) for _, vector, kinds in kept)
    return NearnessAsked(channels, tuple((name, 0) for name, _, _ in kept))


def inside(vectors: Mapping[str, np.ndarray], sentences: Sentences, scope: Scope, scenes: Iterable[str]) -> NearnessAsked:
    """Of each of some scenes, its nearest window and line.

    Args:
        vectors: sentence → float32 (num_dims,), of length one.
        sentences: those of the clause.
        scope: where; what of it speaks of single events is not asked again.
        scenes: ids of the scenes' records.
    """
    wanted = frozenset(scenes)
    own = Scope(collections=scope.collections, asset_ids=scope.asset_ids, scenes=wanted)
    asked = [
        ("window", 0, sentences.nameless, WINDOWS),
        ("window_named", 0, sentences.named, NAMED),
        ("line", 0, sentences.nameless, LINES),
    ]
    asked += [("clauses", number, part, LINES) for number, part in enumerate(sentences.parts)]
    kept = [(name, number, vectors[sentence], kinds) for name, number, sentence, kinds in asked if sentence in vectors]
    channels = tuple(VectorChannel(vector, replace(own, kinds=kinds), len(wanted), per_scene=True) for _, _, vector, kinds in kept)
    return NearnessAsked(channels, tuple((name, number) for name, number, _, _ in kept))


def rank_scenes(
    clause: Clause,
    question: Question,
    records: Sequence[Record],
    asked: NearnessAsked,
    answers: Sequence[Sequence[Match]],
    model: RankingModel,
    moments: Mapping[str, float],
    num_scenes: int,
) -> RankedScenes:
    """Judge scenes.

    Args:
        clause: what was asked.
        question: the same, as ranking looks for it.
        records: the scenes' records.
        asked: what the vector store was asked of these scenes (:func:`inside`). answers: its matches.
        model: the weights.
        moments: scene → how well its best record answers by itself.
        num_scenes: scenes in view.
    """
    places = {record.id: place for place, record in enumerate(records)}
    cosines, nearest_lines = _cosines(asked, answers, places)
    scenes = Scenes.of(records)
    judged = np.array([moments.get(record.id, 0.0) for record in records], np.float32)
    table = gather(question, scenes, cosines, {**_facets(clause, records), "moment": judged})
    return RankedScenes(table, model.scores(table), places, nearest_lines, model, num_scenes)


def _cosines(
    asked: NearnessAsked, answers: Sequence[Sequence[Match]], places: Mapping[str, int]
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    cosines: dict[str, np.ndarray] = {}
    clauses: list[np.ndarray] = []
    nearest_lines: dict[str, str] = {}
    for (name, _), matches in zip(asked.features, answers, strict=True):
        column = np.full(len(places), np.nan, np.float32)
        for match in matches:
            if match.scene in places:
                column[places[match.scene]] = match.score
        if name == "clauses":
            clauses.append(column)
        else:
            cosines[name] = column
        if name == "line":
            nearest_lines = {match.scene: match.record_id for match in matches}
    if clauses:
        cosines["clauses"] = np.stack(clauses)
    return cosines, nearest_lines


def _facets(clause: Clause, records: Sequence[Record]) -> dict[str, np.ndarray]:
    """How far each scene bears out what was understood as time, mood, place, kind …: the mean over the cues of a facet."""
    facets = {}
    for facet in FACET_FEATURES:
        cues = [cue for cue in clause.cues if cue.facet == facet and not cue.excludes]
        if cues:
            facets[facet] = np.array([sum(presence_of(record, cue) for cue in cues) / len(cues) for record in records], np.float32)
    return facets


def reordered(moments: Sequence[Moment], ranked: RankedScenes) -> list[Moment]:
    """Moments by what their scenes are worth; those that have the very words, before all others and among themselves as they were."""
    rescored = []
    for moment in moments:
        score = ranked.score(moment.best.record.scene_record_id)
        if moment.is_exact:
            rescored.append(replace(moment, score=EXACT_TIER + moment.score))
        elif score is not None:
            rescored.append(replace(moment, score=round(score, 5)))
    return sorted(rescored, key=moment_order)
