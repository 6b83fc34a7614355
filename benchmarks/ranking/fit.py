"""Fit the weights of ranking: ``python -m benchmarks.ranking.fit --retrieval ../shared/retrieval --plays TEXTS --work FOLDER``.

Departures from plain listwise softmax (:mod:`benchmarks.ranking.softmax`): each set has a share of the loss whatever its size, so that
none rules; the facets that a scene states (time, mood, interior or exterior, what passes between people) share one weight, because the
sets ask too seldom for each; a question's list is what the product's own look-ups gave, so that what is fitted is what is ranked.
Prints each set's figures by cross-validation over episodes or films (the others' questions in every fit), those of the plays, which are
never fitted on, and writes ``search/ranking/weights.json``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.ranking.committed import committed, world
from benchmarks.ranking.friends import friends
from benchmarks.ranking.labelled import LabelledSet
from benchmarks.ranking.plays import plays
from benchmarks.ranking.softmax import Listed, cross_validated, fit
from search import EmbeddedIndexOptions, ProcessEmbedder, Searcher, SearchRequest, build_records, open_searcher
from search.ranking import FEATURES
from search.ranking.evidence import VECTOR_FEATURES
from tests.search.conftest import find_sentence_model

SHARES = {"friends": 0.4, "nameless": 0.2, "committed": 0.15, "world": 0.1}
"""Of the loss, by set."""

HELD_OUT = "plays"
"""Never fitted on: how the weights do on strangers' scenes."""

TIED = ("time", "mood", "type", "interaction")
NUM_LISTED = 120
"""Candidates of a question that are fitted on: those that the present weights rank first, and the answers."""

WEIGHTS = Path(__file__).parents[2] / "search" / "ranking" / "weights.json"


def opened(labelled: LabelledSet, folder: Path, embedder: ProcessEmbedder) -> Searcher:
    """The set's archive, indexed in a folder if it is not there yet."""
    searcher = open_searcher(EmbeddedIndexOptions(folder), embedder=embedder)
    held = searcher.contents()
    with searcher.stores.writing():
        for asset_id, (title, script) in labelled.scripts.items():
            if asset_id not in held:
                searcher.index(asset_id, build_records(script, asset_id, title, 1))
    return searcher


def lists_of(labelled: LabelledSet, searcher: Searcher) -> list[Listed]:
    """Each question's judged scenes; questions that the model does not rank (a quoted phrase alone, steps) are left out."""
    lists = []
    for question in labelled.questions:
        ranked = searcher.judged(SearchRequest(question.text))
        if ranked is None:
            continue
        wanted = [f"{key.partition(':')[0]}:1:{key.partition(':')[2]}" for key in question.answers]
        answers = np.array([ranked.places[key] for key in wanted if key in ranked.places], int)
        first = np.argsort(-ranked.scores, kind="stable")[:NUM_LISTED]
        kept = np.unique(np.concatenate((first, answers)))
        lists.append(Listed(ranked.table.values[kept], np.searchsorted(kept, answers), question.group))
    return lists


def shared(sets: Mapping[str, Sequence[Listed]]) -> list[Listed]:
    """All lists, each with its part of its set's share, the tied facets put into the first of them."""
    return [tied(replace(each, weight=SHARES[name] / len(lists))) for name, lists in sets.items() for each in lists]


def tied(each: Listed) -> Listed:
    """The facets that share a weight, as one."""
    features = each.features.copy()
    places = [FEATURES.index(name) for name in TIED]
    features[:, places[0]] = features[:, places].sum(axis=1)
    features[:, places[1:]] = 0.0
    return replace(each, features=features)


def without_vectors(each: Listed) -> Listed:
    """The same without what vectors say."""
    features = each.features.copy()
    features[:, [FEATURES.index(name) for name in VECTOR_FEATURES]] = 0.0
    return replace(each, features=features)


def weights_of(sets: Mapping[str, Sequence[Listed]]) -> dict[str, float]:
    """Feature → weight, of all sets; features that never vary have none."""
    fitted = dict(zip(FEATURES, fit(shared(sets)), strict=True))
    fitted |= dict.fromkeys(TIED, fitted[TIED[0]])
    return {name: round(float(weight), 4) for name, weight in fitted.items() if weight}


def write(sets: Mapping[str, Sequence[Listed]], models: Mapping[str, Mapping[str, float]]) -> None:
    """Write ``weights.json``."""
    content = {
        "format": 1,
        "fitted": "benchmarks/ranking/fit.py: listwise softmax, L2 0.005 on weights by spread; see docs/decisions/0016-ranking.md",
        "sets": {name: {"questions": len(lists), "share": SHARES[name]} for name, lists in sets.items()},
        "models": {name: {"weights": dict(weights)} for name, weights in models.items()},
    }
    WEIGHTS.write_text(json.dumps(content, indent=1) + "\n")


def figures(ranks: np.ndarray) -> str:
    """R@1, R@10 and MRR@10."""
    ranked = np.where(ranks > 0, ranks, 10_000)
    return f"{(ranked == 1).mean():.3f} | {(ranked <= 10).mean():.3f} | {np.where(ranked <= 10, 1 / ranked, 0).mean():.3f}"


def main() -> None:
    """Collect, cross-validate, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--retrieval", type=Path, required=True)
    parser.add_argument("--plays", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    options = parser.parse_args()
    model = find_sentence_model()
    if model is None:
        parser.error("the sentence model is not here: omniscript models pull sentence-embedding")
    embedder = ProcessEmbedder(model, options.work / "cache")
    path = options.retrieval / "friends_dev.json"
    labelled = {"friends": friends(path), "nameless": friends(path, named=False), "plays": plays(options.plays)}
    labelled |= {"committed": committed(), "world": world()}
    sets = {}
    for name, each in labelled.items():
        sets[name] = lists_of(each, opened(each, options.work / each.name, embedder))
        print(f"{name}: {len(sets[name])} of {len(each.questions)} questions", flush=True)
    print("\n| set | R@1 | R@10 | MRR@10 |\n| --- | --- | --- | --- |")
    for name, lists in ((name, lists) for name, lists in sets.items() if name != HELD_OUT):
        twin = {"friends": "nameless", "nameless": "friends"}.get(name)  # the same scenes: not to be learnt by the other door
        others = shared({other: each for other, each in sets.items() if other not in (name, twin, HELD_OUT)})
        own = [tied(replace(each, weight=SHARES[name] / len(lists))) for each in lists]
        print(f"| {name} | {figures(cross_validated(own, others=others))} |", flush=True)
    held_out = sets.pop(HELD_OUT)
    weights = fit(shared(sets))
    print(f"| {HELD_OUT}, held out | {figures(np.array([tied(each).rank(weights) for each in held_out]))} |")
    words = {name: [without_vectors(each) for each in lists] for name, lists in sets.items()}
    write(sets, {"sentences": weights_of(sets), "words": weights_of(words)})
    embedder.close()


if __name__ == "__main__":
    main()
