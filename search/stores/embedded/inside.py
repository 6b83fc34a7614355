"""The nearest part of each of some scenes: from the rows that a scene's document lists, for several vectors in one pass."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from search.ports import Match, Scope, VectorChannel
from search.stores.embedded.opened import OpenIndex
from search.stores.embedded.queries import scope_query
from search.stores.embedded.schema import PART_KINDS, read_parts

SCENES = frozenset({"scene"})


def nearest_inside(opened: OpenIndex, scope: Scope, channels: Sequence[VectorChannel]) -> list[list[Match]]:
    """Of each scene the nearest record of the channel's kinds, for each channel: matches nearest first, ties by id.

    Args:
        opened: the index.
        scope: the scenes' records that are looked into.
        channels: vectors and kinds; their scopes narrow the scenes alike.
    """
    assert opened.vectors is not None and scope.scenes is not None
    hits = opened.searcher.search(scope_query(opened.schema, scope), max(1, len(scope.scenes)), count=False).hits
    scenes = [part for _, address in hits if (part := opened.parts(address)) is not None]
    if not scenes:
        return [[] for _ in channels]
    parts = [read_parts(packed) for _, packed in scenes]
    kinds, rows = np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts]).astype(np.int64)
    firsts = np.concatenate(([0], np.cumsum([len(part[0]) for part in parts])[:-1]))
    unique = {channel.vector.tobytes(): channel.vector for channel in channels}
    scores = dict(zip(unique, opened.vectors.scores(np.stack(list(unique.values())), rows), strict=True))
    answers = []
    for channel in channels:
        wanted = np.isin(kinds, [PART_KINDS.index(kind) for kind in channel.scope.kinds])
        nearest = np.where(wanted, scores[channel.vector.tobytes()], -np.inf).astype(np.float32)
        best = np.maximum.reduceat(nearest, firsts)
        sizes = np.diff(np.append(firsts, len(nearest)))
        order = np.flatnonzero(nearest == np.repeat(best, sizes))
        at = order[np.searchsorted(order, firsts)] - firsts  # the first that is as near as the nearest
        matches = [
            Match(_part_id(scenes[number][0], parts[number][2], int(at[number])), float(best[number]), scenes[number][0])
            for number in np.flatnonzero(np.isfinite(best))
        ]
        answers.append(sorted(matches, key=lambda match: (-round(match.score, 5), match.record_id))[: channel.limit])
    return answers


def _part_id(scene: str, ids: bytes, number: int) -> str:
    return f"{scene.rpartition(':')[0]}:{ids.decode().split(chr(10))[number]}"
