"""One suite over every indexer: what each must do, whatever it is made of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from search import HashedEmbedder, Record, build_records
from search.analysis import analyse_query, stem
from search.ports import Alternative, Indexer, Phrase, Scope, TextQuery, WordGroup
from search.stores.embedded.index import EmbeddedIndexer
from search.stores.memory import MemoryIndexer
from tests.search.archive import FILMS, script_of

EMBEDDER = HashedEmbedder()


def records_of(asset_id: str, revision: int = 1) -> list[Record]:
    return build_records(script_of(asset_id), asset_id, FILMS[asset_id][0], revision)


def vectors_of(records: list[Record]) -> dict[str, np.ndarray]:
    texts = [record.embedding_text for record in records]
    return dict(zip(texts, EMBEDDER.embed(texts), strict=True))


def fill(indexer: Indexer) -> Indexer:
    for asset_id in FILMS:
        records = records_of(asset_id)
        indexer.replace(asset_id, 1, records, vectors_of(records))
    return indexer


def make(kind: str, folder) -> Indexer:
    return MemoryIndexer() if kind == "memory" else EmbeddedIndexer(folder, EMBEDDER.model_id, EMBEDDER.num_dims)


@pytest.fixture(params=["memory", "embedded"])
def empty(request, tmp_path) -> Iterator[Indexer]:
    indexer = make(request.param, tmp_path / "index")
    yield indexer
    indexer.close()


@pytest.fixture(scope="module", params=["memory", "embedded"])
def filled(request, tmp_path_factory) -> Iterator[Indexer]:
    indexer = fill(make(request.param, tmp_path_factory.mktemp("index")))
    yield indexer
    indexer.close()


def words(text: str, fields: tuple[str, ...] = ()) -> TextQuery:
    groups = tuple(WordGroup((Alternative(stem(word)),), fields) for word in text.split())
    return TextQuery(groups, minimum=len(groups))


def ids(found: list[tuple[str, float]], kind: str = "") -> set[str]:
    return {key for key, _ in found if not kind or (":s" in key) == (kind == "scene")}


def test_contents_say_revision_and_number(filled):
    assert filled.contents() == {asset_id: (1, len(records_of(asset_id))) for asset_id in sorted(FILMS)}
    assert filled.num_records() == sum(len(records_of(asset_id)) for asset_id in FILMS)


def test_words_are_found_stemmed_in_own_and_context_fields(filled):
    assert "harbour:1:e6" in ids(filled.find_words(words("shattering glass"), Scope(), 10))
    assert "snow:1:e7" in ids(filled.find_words(words("weeping hut"), Scope(), 10))  # own and context
    assert ids(filled.find_words(words("submarine"), Scope(), 10)) == set()


def test_minimum_and_boosts(filled):
    both = filled.find_words(words("basil cigarette"), Scope(kinds=frozenset({"event"})), 50)
    either = filled.find_words(replace(words("basil cigarette"), minimum=1), Scope(kinds=frozenset({"event"})), 50)
    assert ids(both) == set() and len(either) >= 4
    boosted = replace(words("basil"), boosts=words("dances").groups)
    assert ids(filled.find_words(boosted, Scope(), 50)) == ids(filled.find_words(words("basil"), Scope(), 50))
    assert filled.find_words(boosted, Scope(kinds=frozenset({"event"})), 1)[0][0] == "kitchen:1:e15"


def test_fields_limit_words(filled):
    assert "snow:1:e14" in ids(filled.find_words(words("bridge", ("on_screen_text",)), Scope(), 10))
    assert "snow:1:e11" not in ids(filled.find_words(words("bridge", ("on_screen_text",)), Scope(), 10))


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("never not be afraid", "orchard:1:e3"),
        ("你又在骗我", "tea:1:e3"),
        ("不看", "tea:1:e2"),
        ("oxygen 11", "orbit:1:e5"),
        ("then", "harbour:1:e5"),
    ],
)
def test_phrases(filled, phrase, expected):
    tokens = tuple(token.text for token in analyse_query(phrase))
    assert expected in ids(filled.find_words(TextQuery(phrases=(Phrase(tokens),)), Scope(), 50))


def test_no_phrase_reaches_over_a_line(filled):
    # e1 ends "… away from it.", e2 begins "You have no idea": one scene, two lines
    tokens = tuple(token.text for token in analyse_query("from it you have"))
    assert filled.find_words(TextQuery(phrases=(Phrase(tokens),)), Scope(), 10) == []


def test_a_single_character_is_found_as_a_prefix(filled):
    query = TextQuery((WordGroup((Alternative("骗", is_prefix=True),)),))
    assert "tea:1:e3" in ids(filled.find_words(query, Scope(), 10))


def test_hostile_tokens_are_only_tokens(filled):
    for token in (".*", "(", "a|b", "\\", "*", "own:x", "\u202e", "x" * 5000):
        for is_prefix in (False, True):
            query = TextQuery((WordGroup((Alternative(token, is_prefix=is_prefix),)),), minimum=1)
            assert filled.find_words(query, Scope(), 5) == []


def test_scope_filters_words_and_vectors_alike(filled):
    vector = EMBEDDER.embed(["Good night, Chef"])[0]
    scope = Scope(kinds=frozenset({"event"}), required=(("time", frozenset({"Night"})), ("character", frozenset({"Chef Rosa"}))))
    by_words, by_vector = filled.find_words(TextQuery(), scope, 500), filled.find_nearest(vector, scope, 500)
    assert ids(by_words) == ids(by_vector) != set()
    facets = {record.id: record.facets for record in records_of("kitchen") if record.kind == "event"}
    assert ids(by_words) == {
        key for key, has in facets.items() if "Chef Rosa" in has.get("character", ()) and has.get("time") == ("Night",)
    }


def test_scope_by_asset_and_exclusion(filled):
    some = Scope(asset_ids=frozenset({"tea", "snow"}), excluded=(("asset", frozenset({"snow"})),))
    assert {key.split(":")[0] for key in ids(filled.find_words(TextQuery(), some, 500))} == {"tea"}
    assert filled.find_words(TextQuery(), Scope(asset_ids=frozenset()), 10) == []
    assert filled.find_nearest(EMBEDDER.embed(["bread"])[0], Scope(asset_ids=frozenset()), 10) == []
    without = Scope(excluded_tokens=("basil",))
    assert ids(filled.find_words(words("chef"), without, 50)) < ids(filled.find_words(words("chef"), Scope(), 50))


def test_vectors_rank_by_cosine(filled):
    sentence = next(record.embedding_text for record in records_of("snow") if record.event_id == "e6")
    found = filled.find_nearest(EMBEDDER.embed([sentence])[0], Scope(), 5)
    assert found[0][0] == "snow:1:e6" and found[0][1] == pytest.approx(1.0, abs=0.005)
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)


def test_counts_are_of_scenes(filled):
    counts = filled.count(TextQuery(), Scope(asset_ids=frozenset({"orchard"})), ["time", "character"])
    scenes = {record.scene_id for record in records_of("orchard")}
    assert counts.num_scenes == len(scenes)
    nights = {record.scene_id for record in records_of("orchard") if "Night" in record.facets.get("time", ())}
    assert counts.facets["time"]["Night"] == len(nights)
    assert set(counts.facets["character"]) >= {"Grug", "Eep", "Gran"}


def test_values_frequencies_and_near_tokens(filled):
    assert set(filled.values("title")) == {title for title, *_ in FILMS.values()}
    assert "Inspector Voss\tMara" in filled.values("alias")
    assert filled.frequency("basil") > 0 and filled.frequency("submarin") == 0
    assert filled.near_tokens("basli", 1, 5) == ["basil"]
    assert filled.near_tokens("zzzzzzzz", 2, 5) == []


def test_records_come_back_whole(filled):
    record = records_of("tea")[1]
    assert filled.records([record.id, "nobody:1:e1"]) == {record.id: record}


def test_replacing_leaves_nothing_of_the_old(empty):
    old, new = records_of("tea", 1), records_of("tea", 2)[:3]
    empty.replace("tea", 1, old, vectors_of(old))
    empty.replace("tea", 1, old, vectors_of(old))
    assert empty.num_records() == len(old)
    before = empty.version
    empty.replace("tea", 2, new, vectors_of(new))
    assert empty.version != before
    assert empty.contents() == {"tea": (2, 3)} and ids(empty.find_words(TextQuery(), Scope(), 100)) == {record.id for record in new}
    assert ids(empty.find_nearest(EMBEDDER.embed(["茶"])[0], Scope(), 100)) == {record.id for record in new}


def test_an_asset_without_records_is_still_known(empty):
    empty.replace("silent", 4, [], {})
    assert empty.contents() == {"silent": (4, 0)} and empty.num_records() == 0


def test_removing_and_clearing(empty):
    for asset_id in ("tea", "snow"):
        empty.replace(asset_id, 1, records_of(asset_id), vectors_of(records_of(asset_id)))
    assert empty.remove("tea") and not empty.remove("tea")
    assert list(empty.contents()) == ["snow"]
    empty.clear()
    assert empty.contents() == {} and empty.find_words(TextQuery(), Scope(), 5) == []
    assert empty.known_vectors([records_of("snow")[0].embedding_text]) == {}
    empty.replace("snow", 1, records_of("snow"), vectors_of(records_of("snow")))
    assert empty.find_nearest(EMBEDDER.embed(["bread"])[0], Scope(), 3) != []


def test_known_vectors_are_near_what_was_given(empty):
    records = records_of("orbit")
    given = vectors_of(records)
    empty.replace("orbit", 1, records, given)
    known = empty.known_vectors([*given, "never seen"])
    assert known.keys() == given.keys()
    assert all(float(known[text] @ given[text]) > 0.995 for text in given if text)


def test_records_without_vectors_are_found_by_words_only(empty):
    records = [replace(record, embedding_text="") for record in records_of("tea")]
    empty.replace("tea", 1, records, {})
    assert empty.find_nearest(EMBEDDER.embed(["茶"])[0], Scope(), 10) == []
    assert len(empty.find_words(TextQuery(), Scope(), 100)) == len(records)


def test_reading_while_writing_never_sees_half_an_asset(empty):
    records = records_of("snow")
    vectors = vectors_of(records)
    empty.replace("snow", 1, records, vectors)
    seen, stop = [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(len(empty.find_words(TextQuery(), Scope(), 1000)))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(5):
        empty.replace("snow", 1, records, vectors)
    stop.set()
    reader.join()
    assert set(seen) == {len(records)}


def test_both_find_the_same(tmp_path):
    """The embedded indexer against the reference: the same records for every query, in nearly the same order."""
    memory, embedded = fill(MemoryIndexer()), fill(make("embedded", tmp_path))
    queries = [words(text) for text in ("glass", "night", "basil chef", "bridge", "雷声", "Grug", "the")]
    queries += [TextQuery((WordGroup((Alternative("argu"), Alternative("shout", 0.7))),)), replace(words("cave tiger fire"), minimum=1)]
    scopes = [Scope(), Scope(kinds=frozenset({"event"})), Scope(required=(("time", frozenset({"Night"})),))]
    for query in queries:
        for scope in scopes:
            expected, found = memory.find_words(query, scope, 400), embedded.find_words(query, scope, 400)
            assert ids(found) == ids(expected), query
            assert memory.count(query, scope, ["time"]) == embedded.count(query, scope, ["time"])
    for text in ("Good night, Tommy", "two gunshots", "你一定要写信给我"):
        vector = EMBEDDER.embed([text])[0]
        expected, found = memory.find_nearest(vector, Scope(), 10), embedded.find_nearest(vector, Scope(), 10)
        assert found[0][0] == expected[0][0]
        assert [score for _, score in found] == pytest.approx([score for _, score in expected], abs=0.01)
    assert {facet: memory.values(facet) for facet in ("time", "alias")} == {facet: embedded.values(facet) for facet in ("time", "alias")}
    embedded.close()
