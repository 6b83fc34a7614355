"""The learnt ranking: evidence as it is defined, weights as they are written, and questions that hand-set ranking lost."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.ranking.softmax import Listed, fit
from search import SearchRequest, build_records
from search.passages import PackedScene, unpack
from search.ports import Alternative
from search.ranking import FEATURES, NameWanted, Question, Scenes, WordWanted, gather, load_model
from search.ranking.words import K1, B
from tests.search.archive import FILMS, script_of


@pytest.fixture(scope="module")
def scenes() -> Scenes:
    records = [record for asset_id, (title, *_) in FILMS.items() for record in build_records(script_of(asset_id), asset_id, title, 1)]
    return Scenes.of([record for record in records if record.kind == "scene"])


def wanted(*tokens: str) -> tuple[WordWanted, ...]:
    return tuple(WordWanted((Alternative(token),), 2.0) for token in tokens)


def test_word_evidence_is_that_of_a_plain_count(scenes):
    table = gather(Question(wanted("basil", "deliveri")), scenes, {})
    place = next(n for n, record in enumerate(scenes.records) if record.id == "kitchen:1:s1")
    assert table.column("coverage")[place] == pytest.approx(1.0)
    assert table.column("window3_coverage")[place] == pytest.approx(1.0)
    assert table.column("pairs_far")[place] == pytest.approx(2.0)  # "There is no basil, Chef, the delivery never came."
    own, average = scenes.sums(scenes.lengths * np.where(scenes.is_context, 0.4, 1.0)), 0.0
    average = float(own.mean())
    norm = K1 * (1 - B + B * own[place] / average)
    times = {"basil": 3, "deliveri": 1}
    assert table.column("scene_words")[place] == pytest.approx(sum(2.0 * f * (K1 + 1) / (f + norm) for f in times.values()), rel=1e-3)


def test_people_evidence(scenes):
    question = Question((), (NameWanted(frozenset({"Grug"}), 1.0, ("grug",)), NameWanted(frozenset({"Eep"}), 1.0, ("eep",))))
    table = gather(question, scenes, {})
    row = {record.id: number for number, record in enumerate(scenes.records)}
    cave = row["orchard:1:s1"]
    assert table.column("names_there")[cave] == 1.0 and table.column("names_missing")[cave] == 0.0
    assert table.column("first_lines")[cave] == pytest.approx(2 / 4) and table.column("named_lines")[cave] == pytest.approx(3 / 4)
    assert table.column("to_whom")[cave] > 0 and table.column("names_missing")[row["snow:1:s1"]] == 2.0


def test_what_no_store_named_counts_as_the_least_that_was(scenes):
    cosines = np.full(len(scenes), np.nan, np.float32)
    cosines[:3] = (0.5, 0.4, 0.3)
    table = gather(Question(wanted("basil")), scenes, {"window": cosines, "clauses": np.stack([cosines, cosines])})
    assert table.column("window")[4] == pytest.approx(0.3) and table.column("clauses")[0] == pytest.approx(0.5)
    assert table.column("clauses_over")[0] == pytest.approx(0.5)


def test_weights_name_features_and_an_empty_scene_is_no_error():
    for model_id in ("all-MiniLM-L6-v2@1", "hashed-ngrams@1", ""):
        model = load_model(model_id)
        assert set(model.weights) <= set(FEATURES) and np.isfinite(model.vector).all() and model.vector.any()
    assert load_model("all-MiniLM-L6-v2@1").weights["window"] > 0 and "window" not in load_model("").weights
    assert isinstance(unpack(""), PackedScene) and len(unpack("").tokens) == 0


def test_a_fit_finds_the_feature_that_tells():
    dice = np.random.default_rng(3)
    lists = []
    for number in range(60):
        features = dice.normal(size=(20, 3)).astype(np.float32)
        lists.append(Listed(features, np.array([int(np.argmax(features[:, 1]))]), str(number)))
    weights = fit(lists)
    assert weights[1] > 10 * max(abs(weights[0]), abs(weights[2])) and math.isfinite(weights.sum())
    assert np.mean([each.rank(weights) == 1 for each in lists]) > 0.95


def test_the_score_is_the_sum_of_what_is_explained(archive):
    request = SearchRequest("missing basil in the kitchen")
    ranked, hits = archive.judged(request), archive.search(request).hits
    evidence = ranked.explained()
    for hit in hits[:3]:
        parts = evidence[hit.asset_id, hit.scene_id]
        assert hit.score == pytest.approx(sum(value * weight for value, weight in parts.values()), abs=1e-2)


def test_who_with_whom_and_when_is_an_answer_though_no_script_has_the_verb(archive):
    results = archive.search(SearchRequest("Grug negotiates with Eep at night"))
    assert (results.hits[0].asset_id, results.hits[0].scene_id) == ("orchard", "s1")
    assert not any("Nothing about" in message for message in results.relaxed)


def test_a_plot_that_says_then_is_looked_for_as_a_whole(archive):
    text = "The inspector aims her torch at the smiling man, then glass shatters while they shout about a ledger and six drowned men"
    results = archive.search(SearchRequest(text))
    assert (results.hits[0].asset_id, results.hits[0].scene_id) == ("harbour", "s1")
