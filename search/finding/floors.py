"""Which scenes answer a question at all, by kind of question: floors of evidence.

A scene answers when its best stretch has enough of the words, by rarity, or is near enough in meaning. How near is enough depends on
how much was asked: one or two words reach high cosines by mere association; a long sentence that tells a plot shares few words with
the dialogue that plays it, so that its meaning counts, and lower. In a larger archive chance comes nearer: the floor rises with the
logarithm of the number of scenes. Names are needed in short questions; a plot's are evidence like others.

The floors are chosen by hand on the committed archive's questions; they are not calibrated on archives of other sizes yet.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from search.finding.ranking import RankedScenes
from search.finding.terms import ExpandedWord, floor_for
from search.query.model import HARD, STRONG, Clause

PLOT_WORDS = 6
"""Content words from which a question tells a plot."""

MIN_COVERAGE = {"short": 0.6, "plot": 0.45}
MIN_COSINE = {"short": 0.42, "plot": 0.30}
"""Least share of the words' rarity that the best window has, and least cosine of the best window or line; one of them is enough."""

PER_DOUBLING = 0.006
"""What the cosine's floor rises by when the archive doubles, above :data:`USUAL_SCENES`."""

USUAL_SCENES = 50


def kind_of(clause: Clause) -> str:
    """``plot`` for a sentence that tells one, else ``short``."""
    return "plot" if len(clause.words) >= PLOT_WORDS else "short"


def answering(clause: Clause, ranked: RankedScenes, words: Sequence[ExpandedWord], base: float) -> list[str]:
    """Ids of the scenes that answer a clause of words, best first.

    Args:
        clause: what was asked.
        ranked: its judged scenes.
        words: its content words, and what the index knows of them.
        base: the embedding model's floor, which the cosines' floors were chosen against (.28).
    """
    if not clause.words or clause.phrases or clause.excludes or _needs_more_than_scenes(clause):
        return []
    kind = kind_of(clause)
    min_cosine = max(floor_for(base, tuple(words)), MIN_COSINE[kind] + base - 0.28)
    min_cosine += PER_DOUBLING * max(0.0, math.log2(max(1, ranked.num_scenes) / USUAL_SCENES))
    table = ranked.table
    enough = (table.column("window12_coverage") >= MIN_COVERAGE[kind]) | (table.column("window") >= min_cosine)
    enough |= table.column("line") >= min_cosine
    if kind == "short" and clause.names:
        enough &= table.column("names_missing") <= 0.0
    order = (-ranked.scores).argsort(kind="stable")
    ids: Sequence[str] = [record.id for record in table.scenes.records]
    return [ids[place] for place in order if enough[place]]


def _needs_more_than_scenes(clause: Clause) -> bool:
    """Asked for by ``place:`` and the like, or by "only": what such cues say of single records is not in the table."""
    return any(cue.strength == HARD or (cue.strength == STRONG and cue.facet != "character") for cue in clause.cues)
