"""The order in which moments are listed: by how well they answer, film by film, or spread so that no film fills the page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import chain, zip_longest

from search.finding.moments import Moment

SPREAD_RUN = 2
"""Moments of one film that stand in a row where they are spread."""


def arranged(moments: Sequence[Moment], how: str) -> list[Moment]:
    """Moments in the order that is asked for.

    Args:
        moments: best first.
        how: ``film`` (the film with the best moment first, then its others, best first), ``scene`` (the same by scenes), ``spread`` (each
            film's best two first, then the next two of each), anything else: as they are.
    """
    if how not in ("film", "scene", "spread"):
        return list(moments)
    groups: defaultdict[tuple[str, ...], list[Moment]] = defaultdict(list)
    for moment in moments:
        groups[(moment.asset_id, moment.scene_id) if how == "scene" else (moment.asset_id,)].append(moment)
    if how != "spread":
        return list(chain.from_iterable(groups.values()))
    runs = [[group[at : at + SPREAD_RUN] for at in range(0, len(group), SPREAD_RUN)] for group in groups.values()]
    return [moment for turn in zip_longest(*runs, fillvalue=()) for run in turn for moment in run]
