"""Retrieval figures over labelled queries: R@1, mean reciprocal rank, nDCG@10."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from search.types import Hit
from tests.search.archive import Query

DEPTH = 10


@dataclass(frozen=True)
class Figures:
    """Means over queries, each in [0, 1]."""

    recall_at_1: float
    reciprocal_rank: float
    ndcg: float
    num_queries: int

    def __str__(self) -> str:
        return f"R@1 {self.recall_at_1:.3f}  MRR {self.reciprocal_rank:.3f}  nDCG@10 {self.ndcg:.3f}  ({self.num_queries} queries)"


def measure(queries: Sequence[Query], search: Callable[[str], Sequence[Hit]]) -> Figures:
    """Run the queries and score the first ten hits of each. A hit's grade is the better of its best event's and its scene's."""
    rows = []
    for query in queries:
        grades = grades_of(query, search(query.text))
        first = next((rank for rank, grade in enumerate(grades, 1) if grade == 2), 0)
        ideal = _dcg(sorted(_moment_grades(query), reverse=True))
        rows.append((float(first == 1), 1.0 / first if first else 0.0, min(1.0, _dcg(grades) / ideal)))
    count = len(rows)
    return Figures(*(sum(column) / count for column in zip(*rows, strict=True)), count)


def grades_of(query: Query, hits: Sequence[Hit]) -> list[int]:
    """Grade of each of the first ten hits; the same answer found twice counts once."""
    seen: set[tuple[str, str]] = set()
    grades = []
    for hit in hits[:DEPTH]:
        event = f"{hit.asset_id}:{hit.event_ids[0]}" if hit.event_ids else ""
        grade = max(query.relevant.get(event, 0), query.relevant.get(f"{hit.asset_id}:{hit.scene_id}", 0))
        key = (hit.asset_id, hit.scene_id)
        grades.append(0 if key in seen else grade)
        seen.add(key)
    return grades


def _moment_grades(query: Query) -> list[int]:
    """Best possible: one moment has the best grade (the answers of a query lie in one scene, but for scene labels)."""
    scenes = [grade for key, grade in query.relevant.items() if key.split(":")[1].startswith("s")]
    return scenes or [max(query.relevant.values())]


def _dcg(grades: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, 1))
