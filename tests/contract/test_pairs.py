"""Indexes of stores of one kind and of several: written together, they answer as one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from search import Searcher, SearchRequest
from search.ports import Scope, SearchIndex, TextQuery
from search.stores.memory import memory_index
from tests.contract.stores import (
    COLLECTIONS,
    EMBEDDER,
    PAIRS,
    find_nearest,
    find_words,
    ids,
    records_of,
    search_index,
    vectors_of,
)
from tests.search.archive import FILMS

QUESTIONS = (
    '"six men drowned"', "scenes where Grug argues with Eep at night", "sound of glass breaking", "basill delivery", "雷声",
    "Noor weeps then the Stranger warms his hands", "Chef without basil", "only at night", "quantum physics",
)  # fmt: skip


def put(index: SearchIndex, asset_id: str, revision: int = 1) -> None:
    records = records_of(asset_id, revision)
    index.replace(asset_id, revision, records, vectors_of(records))


def fill(index: SearchIndex) -> Searcher:
    for asset_id in FILMS:
        put(index, asset_id)
    return Searcher(index, EMBEDDER)


@pytest.fixture(params=PAIRS, ids="-".join)
def empty(request, tmp_path) -> Iterator[SearchIndex]:
    index = search_index(request.param, tmp_path / "index")
    yield index
    index.close()


@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def filled(request, tmp_path_factory) -> Iterator[Searcher]:
    searcher = fill(search_index(request.param, tmp_path_factory.mktemp("index")))
    yield searcher
    searcher.close()


@pytest.fixture(scope="module")
def reference() -> Searcher:
    return fill(memory_index(EMBEDDER.model_id))


def answer(searcher: Searcher, text: str, **options):
    results = searcher.search(SearchRequest(text, limit=50, **options))
    return [(hit.asset_id, hit.scene_id, hit.event_ids[:1]) for hit in results.hits], results


@pytest.mark.parametrize("text", QUESTIONS)
def test_every_pair_gives_the_same_answer(filled, reference, text):
    (ours, results), (expected, wanted) = answer(filled, text), answer(reference, text)
    assert ours[:1] == expected[:1] and set(ours) == set(expected)
    assert (results.total, results.relaxed, results.chips, results.suggestions) == (
        wanted.total, wanted.relaxed, wanted.chips, wanted.suggestions,
    )  # fmt: skip


@pytest.mark.parametrize("collection", ["north", "south", ""])
def test_nothing_of_other_collections_shows(filled, collection):
    """Not in hits, totals, facets, chips, suggestions: a name from elsewhere is a word like any other."""
    mine = {asset_id for asset_id, known in COLLECTIONS.items() if known == collection}
    for text in (*QUESTIONS, "night", "Grug", "basli", "harbour"):
        hits, results = answer(filled, text, collections=frozenset({collection}))
        assert {asset_id for asset_id, *_ in hits} <= mine
        assert {value for value, _ in results.facets.get("asset", ())} <= mine
    _, results = answer(filled, "Gurg rides", collections=frozenset({collection}))
    is_known = "orchard" in mine
    assert any(chip.value == "Grug" for chip in results.chips) is is_known
    assert any("Grug" in suggestion for suggestion in results.suggestions) is False or is_known
    assert answer(filled, "night", collections=frozenset())[1].total == 0


def test_replacing_leaves_nothing_of_the_old(empty):
    put(empty, "tea")
    put(empty, "tea")
    new = records_of("tea", 2)[:3]
    before = empty.version
    empty.replace("tea", 2, new, vectors_of(new))
    assert empty.version != before and empty.contents() == {"tea": (2, 3)}
    wanted = {record.id for record in new}
    assert ids(find_words(empty.words, TextQuery(), Scope(), 100)) == ids(find_nearest(empty.vectors, "茶", Scope(), 100)) == wanted
    assert empty.records.records(sorted(wanted)).keys() == wanted


def test_an_asset_without_records_is_still_known(empty):
    empty.replace("silent", 4, [], {})
    assert empty.contents() == {"silent": (4, 0)} and empty.differing() == ()


def test_removing(empty):
    for asset_id in ("tea", "snow"):
        put(empty, asset_id)
    assert empty.remove("tea") and not empty.remove("tea")
    assert list(empty.contents()) == ["snow"] and empty.differing() == ()


def test_a_write_that_fails_changes_nothing(empty):
    put(empty, "tea")
    with pytest.raises(RuntimeError), empty.writing():
        empty.words.remove("tea")
        empty.records.replace("snow", 1, records_of("snow"))
        raise RuntimeError("disk full")
    assert list(empty.contents()) == ["tea"] and empty.differing() == ()


def test_generation_and_version_are_of_all_stores(empty):
    parts = empty.generation.split(" + ")
    assert len(set(parts)) == len(parts) and any(EMBEDDER.model_id in part for part in parts)
    put(empty, "tea")
    before = empty.version
    empty.remove("tea")
    assert empty.version != before


@pytest.mark.parametrize("kinds", [pair for pair in PAIRS if len(set(pair)) > 1], ids="-".join)
def test_what_a_crash_left_apart_is_seen_and_mended(kinds, tmp_path):
    """One store was written and the others were not: such an asset is not held, until it is repaired from its records."""
    index = search_index(kinds, tmp_path)
    searcher = Searcher(index, EMBEDDER)
    for asset_id in ("tea", "snow"):
        searcher.index(asset_id, records_of(asset_id))
    alone = next(store for store, kind in zip(index.stores, kinds, strict=True) if kinds.count(kind) == 1)
    alone.remove("tea")
    assert index.differing() == ("tea",) and list(searcher.contents()) == ["snow"]
    assert searcher.repair() == ("tea",) and index.differing() == () and searcher.repair() == ()
    is_kept = alone is not index.records
    assert list(searcher.contents()) == (["snow", "tea"] if is_kept else ["snow"])
    assert (searcher.search(SearchRequest('"你又在骗我"')).total == 1) is is_kept
    searcher.close()
