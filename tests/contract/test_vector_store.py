"""What a vector store must do, whatever it is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from search.ports import Match, Scope, VectorChannel, VectorStore
from search.stores.memory import MemoryVectorStore
from tests.contract.stores import (
    COLLECTIONS,
    EMBEDDER,
    KINDS,
    find_nearest,
    ids,
    of_another_asset,
    records_of,
    vector_store,
    vectors_of,
    worded,
)
from tests.search.archive import FILMS


def put(store: VectorStore, asset_id: str, revision: int = 1) -> None:
    records = records_of(asset_id, revision)
    store.replace(asset_id, revision, records, vectors_of(records))


def fill(store: VectorStore) -> VectorStore:
    for asset_id in FILMS:
        put(store, asset_id)
    return store


@pytest.fixture(params=KINDS)
def empty(request, tmp_path) -> Iterator[VectorStore]:
    store = vector_store(request.param, tmp_path / "index")
    yield store
    store.close()


@pytest.fixture(scope="module", params=KINDS)
def filled(request, tmp_path_factory) -> Iterator[VectorStore]:
    store = fill(vector_store(request.param, tmp_path_factory.mktemp("index")))
    yield store
    store.close()


def test_it_says_which_model_and_what_it_holds(filled):
    assert filled.model_id == EMBEDDER.model_id and EMBEDDER.model_id in filled.generation
    assert filled.contents() == {asset_id: (1, len(records_of(asset_id))) for asset_id in sorted(FILMS)}


def test_vectors_rank_by_cosine(filled):
    sentence = next(record.embedding_text for record in records_of("snow") if record.event_id == "e6")
    matches = find_nearest(filled, sentence, Scope(), 5)
    assert matches[0][0] == "snow:1:e6" and matches[0][1] == pytest.approx(1.0, abs=0.005)
    assert [match.score for match in matches] == sorted((match.score for match in matches), reverse=True)


def test_scope_filters(filled):
    scope = Scope(kinds=frozenset({"event"}), required=(("time", frozenset({"Night"})), ("character", frozenset({"Chef Rosa"}))))
    facets = {record.id: record.facets for record in records_of("kitchen") if record.kind == "event"}
    assert ids(find_nearest(filled, "Good night, Chef", scope, 500)) == {
        key for key, has in facets.items() if "Chef Rosa" in has.get("character", ()) and has.get("time") == ("Night",)
    }


def test_scope_by_asset_and_exclusion(filled):
    some = Scope(asset_ids=frozenset({"tea", "snow"}), excluded=(("asset", frozenset({"snow"})),))
    assert {key.split(":")[0] for key in ids(find_nearest(filled, "bread", some, 500))} == {"tea"}
    assert find_nearest(filled, "bread", Scope(asset_ids=frozenset()), 10) == []
    without = ids(find_nearest(filled, "basil", Scope(asset_ids=frozenset({"kitchen"}), excluded_tokens=("basil",)), 500))
    assert without < ids(find_nearest(filled, "basil", Scope(asset_ids=frozenset({"kitchen"})), 500))


def test_several_channels_are_answered_in_their_order(filled):
    texts = ("Good night, Tommy", "two gunshots", "Good night, Tommy")
    answers = filled.find([VectorChannel(EMBEDDER.embed([text])[0], Scope(), 7) for text in texts])
    assert answers == [find_nearest(filled, text, Scope(), 7) for text in texts] and answers[0] != answers[1]
    assert filled.find([]) == []


@pytest.mark.parametrize("collection", ["north", "south", ""])
def test_nothing_of_other_collections_is_found(filled, collection):
    mine = {asset_id for asset_id, known in COLLECTIONS.items() if known == collection}
    matches = find_nearest(filled, "Good night, Tommy", Scope(collections=frozenset({collection})), 1000)
    assert {key.split(":")[0] for key in ids(matches)} == mine
    assert find_nearest(filled, "Good night, Tommy", Scope(collections=frozenset()), 10) == []


def test_an_asset_that_moves_to_another_collection_is_seen_there_only(empty):
    for collection in ("north", "south"):
        records = of_another_asset(records_of("tea"), "film", collection)
        empty.replace("film", 1, records, vectors_of(records))
    assert find_nearest(empty, "茶", Scope(collections=frozenset({"north"})), 100) == []
    assert len(find_nearest(empty, "茶", Scope(collections=frozenset({"south"})), 100)) == len(worded(records_of("tea")))


def test_replacing_leaves_nothing_of_the_old(empty):
    new = records_of("tea", 2)[:3]
    put(empty, "tea")
    before = empty.version
    empty.replace("tea", 2, new, vectors_of(new))
    assert empty.version != before and empty.contents() == {"tea": (2, 3)}
    assert ids(find_nearest(empty, "茶", Scope(), 100)) == {record.id for record in new}


def test_removing(empty):
    for asset_id in ("tea", "snow"):
        put(empty, asset_id)
    assert empty.remove("tea") and not empty.remove("tea") and list(empty.contents()) == ["snow"]
    assert {key.split(":")[0] for key in ids(find_nearest(empty, "茶", Scope(), 500))} == {"snow"}
    put(empty, "tea")
    assert "tea" in {key.split(":")[0] for key in ids(find_nearest(empty, "茶", Scope(), 500))}


def test_what_is_written_together_is_seen_together_or_not_at_all(empty):
    with empty.writing():
        put(empty, "tea")
        put(empty, "snow")
        assert empty.contents() == {}
    with pytest.raises(RuntimeError), empty.writing():
        empty.remove("tea")
        raise RuntimeError("disk full")
    assert list(empty.contents()) == ["snow", "tea"]


def test_known_vectors_are_near_what_was_given(empty):
    records = records_of("orbit")
    given = vectors_of(records)
    empty.replace("orbit", 1, records, given)
    known = empty.known_vectors([*given, "never seen"])
    assert known.keys() == given.keys()
    assert all(float(known[text] @ given[text]) > 0.995 for text in given if text)


def test_records_without_vectors_are_held_and_not_found(empty):
    records = [replace(record, embedding_text="") for record in records_of("tea")]
    empty.replace("tea", 1, records, {})
    assert find_nearest(empty, "茶", Scope(), 10) == [] and empty.contents() == {"tea": (1, len(records))}


def test_every_kind_finds_the_same(tmp_path):
    """The embedded store against the reference: quantised vectors give the same order within a hundredth."""
    memory, embedded = fill(MemoryVectorStore(EMBEDDER.model_id)), fill(vector_store("embedded", tmp_path))
    for text in ("Good night, Tommy", "two gunshots", "你一定要写信给我"):
        expected, answer = find_nearest(memory, text, Scope(), 10), find_nearest(embedded, text, Scope(), 10)
        assert answer[0][0] == expected[0][0]
        assert [match.score for match in answer] == pytest.approx([match.score for match in expected], abs=0.01)
    embedded.close()


def per_scene(store: VectorStore, text: str, scope: Scope, limit: int = 10) -> list[Match]:
    return store.find([VectorChannel(EMBEDDER.embed([text])[0], scope, limit, per_scene=True)])[0]


def test_of_each_scene_the_nearest(filled):
    """Anywhere, and inside of given scenes: one match for a scene, the same that looking at all its records gives."""
    for kinds in (frozenset({"event", "scene"}), frozenset({"window"}), frozenset({"named window"})):
        every = find_nearest(filled, "Good night, Tommy", Scope(kinds=kinds), 10_000)
        nearest: dict[str, Match] = {}
        for match in every:
            nearest.setdefault(match.scene, match)
        anywhere = per_scene(filled, "Good night, Tommy", Scope(kinds=kinds), 10_000)
        assert {match.scene: match.score for match in anywhere} == pytest.approx(
            {key: match.score for key, match in nearest.items()}, abs=1e-4
        )
        wanted = frozenset({"kitchen:1:s3", "snow:1:s2", "tea:1:s1", "nowhere:1:s1"})
        inside = per_scene(filled, "Good night, Tommy", Scope(kinds=kinds, scenes=wanted), 10)
        assert {match.scene for match in inside} == wanted - {"nowhere:1:s1"}
        for match in inside:
            assert match.score == pytest.approx(nearest[match.scene].score, abs=1e-4) and match.record_id == nearest[match.scene].record_id
    assert len(per_scene(filled, "Good night, Tommy", Scope(), 3)) == 3


def test_scenes_are_looked_into_only_where_they_may_be_seen(filled):
    wanted = frozenset({"kitchen:1:s3", "snow:1:s2", "tea:1:s1"})
    mine = frozenset({COLLECTIONS["tea"]})
    seen = per_scene(filled, "Good night, Tommy", Scope(scenes=wanted, collections=mine), 10)
    assert {match.scene.partition(":")[0] for match in seen} == {
        asset for asset in ("kitchen", "snow", "tea") if COLLECTIONS[asset] in mine
    }
