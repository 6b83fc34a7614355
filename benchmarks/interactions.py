"""What passes between people, against plot sentences: a weak truth, for a plot tells little of what a scene's lines do.

    python -m benchmarks.interactions PLOTS --half odd|even      (needs the sentence-embedding model; minutes)

PLOTS holds ``scenes`` (id → [speaker, line]) and ``queries`` (a plot sentence of a scene, whose @placeholder is ``answer``). A sentence
with a verb of a kind between two people labels that pair of that scene. AUC: how often a labelled pair outweighs another, ties half. Words
and weights were chosen on odd episodes; even ones are for looking at once.
"""

from __future__ import annotations

import argparse
import json
import re
import tempfile
from collections import Counter, defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np

from inference.evidence.feeling.emotions import Spoken, feelings_of
from inference.evidence.feeling.interactions import examples, interactions_of, pair_weights
from inference.weights import weights_path

VERBS = {
    "argue": "argu|fight|fought|quarrel|bicker|yell|shout|scream|snap|accus|confront",
    "ask": "ask|question|wonder",
    "comfort": "comfort|consol|reassur|calm|cheer|sooth|hug|support",
    "confess": "confess|admit|reveal|confid",
    "flirt": "flirt|hits? on|hitting on|seduc|kiss|date",
}
Pair = tuple[str, frozenset[str]]


def labels(queries: list[dict[str, str]]) -> set[tuple[str, Pair]]:
    """(kind, (scene, pair)) of every plot sentence with a verb between two people."""
    found = set()
    for query in queries:
        text = query["query"].replace("@placeholder", query["answer"])
        for kind, verbs in VERBS.items():
            between = rf"(@ent\d+)(?: (?!@ent)\S+){{0,3}}? (?:{verbs})\w*(?: (?!@ent|\.|,)\S+){{0,3}} (@ent\d+)"
            found |= {(kind, (query["scene_id"], frozenset(m.groups()))) for m in re.finditer(between, text) if m[1] != m[2]}
    return found


def plain(text: str) -> str:
    """A line without stage directions and the blanks of its tokens; people are "someone"."""
    text = re.sub(r"\([^)]*\)|\[[^\]]*\]", "", text)
    text = re.sub(r" (n't|'\w+)\b", r"\1", re.sub(r"@ent\d+", "someone", text))
    return " ".join(re.sub(r" ([.,!?;:])", r"\1", text).split())


def main() -> None:
    """See the module."""
    from search.embeddings.minilm import SentenceModel

    parser = argparse.ArgumentParser(description="What passes between people, against plot sentences.")
    parser.add_argument("plots", type=Path)
    parser.add_argument("--half", choices=("odd", "even"), default="odd")
    arguments = parser.parse_args()
    stored = json.loads(arguments.plots.read_text("utf-8"))
    wanted = labels(stored["queries"])
    scenes = sorted({scene for _, (scene, _) in wanted if int(scene.split("_e")[1][:2]) % 2 == (arguments.half == "odd")})
    rows = [(scene, who, plain(text)) for scene in scenes for who, text in stored["scenes"][scene] if who]
    with tempfile.TemporaryDirectory() as graphs:
        vectors = SentenceModel(weights_path("sentence-embedding"), Path(graphs)).embed([row[2] for row in rows] + examples())
    weights: dict[str, dict[Pair, float]] = defaultdict(lambda: defaultdict(float))
    pairs: set[Pair] = set()
    told: Counter[str] = Counter()
    for scene in scenes:
        own = [i for i, row in enumerate(rows) if row[0] == scene]
        lines = [Spoken(3.0 * n, 3.0 * n + 2.8, rows[i][2], rows[i][1], vector=vectors[i]) for n, i in enumerate(own)]
        feelings = feelings_of(lines)
        pairs |= {(scene, frozenset((a.speaker, b.speaker))) for a, b in pairwise(lines) if a.speaker != b.speaker}
        for weight in pair_weights(lines, feelings, vectors[len(rows) :]):
            pairs.add((scene, frozenset((weight.line.speaker, weight.target))))
            weights[weight.kind][scene, frozenset((weight.line.speaker, weight.target))] += weight.value
        told.update(passing.kind for passing in interactions_of(lines, feelings, vectors[len(rows) :]))
    print(f"{len(scenes)} scenes of {arguments.half} episodes, {len(pairs)} pairs; told: {dict(told.most_common())}")
    for kind in VERBS:
        truth = {pair for name, pair in wanted if name == kind} & pairs
        ours, others = [weights[kind][pair] for pair in truth], [weights[kind][pair] for pair in pairs - truth]
        better = [float(np.mean([(a > b) + 0.5 * (a == b) for b in others])) for a in ours]
        print(f"{kind:8} {len(truth):3d} labelled, AUC {np.mean(better) if better else float('nan'):.2f}")


if __name__ == "__main__":
    main()
