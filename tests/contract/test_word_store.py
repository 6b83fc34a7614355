"""What a word store must do, whatever it is made of."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from search.analysis import analyse_query
from search.ports import Alternative, Phrase, Scope, TextQuery, WordChannel, WordGroup, WordStore
from search.stores.memory import MemoryWordStore
from tests.contract.stores import COLLECTIONS, KINDS, find_words, ids, of_another_asset, records_of, word_store, worded, words
from tests.search.archive import FILMS


def fill(store: WordStore) -> WordStore:
    for asset_id in FILMS:
        store.replace(asset_id, 1, records_of(asset_id))
    return store


@pytest.fixture(params=KINDS)
def empty(request, tmp_path) -> Iterator[WordStore]:
    store = word_store(request.param, tmp_path / "index")
    yield store
    store.close()


@pytest.fixture(scope="module", params=KINDS)
def filled(request, tmp_path_factory) -> Iterator[WordStore]:
    store = fill(word_store(request.param, tmp_path_factory.mktemp("index")))
    yield store
    store.close()


def test_contents_say_revision_and_number(filled):
    assert filled.contents() == {asset_id: (1, len(records_of(asset_id))) for asset_id in sorted(FILMS)}
    known = [record for asset_id in FILMS for record in worded(records_of(asset_id))]
    terms = filled.terms(["basil", "xylophone"])
    assert terms.num_records == len(known) and terms.num_scenes == sum(record.kind == "scene" for record in known)
    assert terms.frequencies["basil"] > terms.scene_frequencies["basil"] > terms.scene_frequencies["xylophone"] == 0


def test_words_are_found_stemmed_in_own_and_context_fields(filled):
    assert "harbour:1:e6" in ids(find_words(filled, words("shattering glass"), Scope(), 10))
    assert "snow:1:e7" in ids(find_words(filled, words("weeping hut"), Scope(), 10))  # own and context
    assert ids(find_words(filled, words("submarine"), Scope(), 10)) == set()


def test_minimum_and_boosts(filled):
    both = find_words(filled, words("basil cigarette"), Scope(kinds=frozenset({"event"})), 50)
    either = find_words(filled, replace(words("basil cigarette"), minimum=1), Scope(kinds=frozenset({"event"})), 50)
    assert ids(both) == set() and len(either) >= 4
    boosted = replace(words("basil"), boosts=words("dances").groups)
    assert ids(find_words(filled, boosted, Scope(), 50)) == ids(find_words(filled, words("basil"), Scope(), 50))
    assert find_words(filled, boosted, Scope(kinds=frozenset({"event"})), 1)[0][0] == "kitchen:1:e15"


def test_fields_limit_words(filled):
    assert "snow:1:e14" in ids(find_words(filled, words("bridge", ("on_screen_text",)), Scope(), 10))
    assert "snow:1:e11" not in ids(find_words(filled, words("bridge", ("on_screen_text",)), Scope(), 10))


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
    assert expected in ids(find_words(filled, TextQuery(phrases=(Phrase(tokens),)), Scope(), 50))


def test_no_phrase_reaches_over_a_line(filled):
    # e1 ends "… away from it.", e2 begins "You have no idea": one scene, two lines
    tokens = tuple(token.text for token in analyse_query("from it you have"))
    assert find_words(filled, TextQuery(phrases=(Phrase(tokens),)), Scope(), 10) == []


def test_a_single_character_is_found_as_a_prefix(filled):
    query = TextQuery((WordGroup((Alternative("骗", is_prefix=True),)),))
    assert "tea:1:e3" in ids(find_words(filled, query, Scope(), 10))


def test_hostile_tokens_are_only_tokens(filled):
    for token in (".*", "(", "a|b", "\\", "*", "own:x", "\u202e", "x" * 5000):
        for is_prefix in (False, True):
            query = TextQuery((WordGroup((Alternative(token, is_prefix=is_prefix),)),), minimum=1)
            assert find_words(filled, query, Scope(), 5) == []


def test_scope_filters(filled):
    scope = Scope(kinds=frozenset({"event"}), required=(("time", frozenset({"Night"})), ("character", frozenset({"Chef Rosa"}))))
    facets = {record.id: record.facets for record in records_of("kitchen") if record.kind == "event"}
    assert ids(find_words(filled, TextQuery(), scope, 500)) == {
        key for key, has in facets.items() if "Chef Rosa" in has.get("character", ()) and has.get("time") == ("Night",)
    }


def test_scope_by_asset_and_exclusion(filled):
    some = Scope(asset_ids=frozenset({"tea", "snow"}), excluded=(("asset", frozenset({"snow"})),))
    assert {key.split(":")[0] for key in ids(find_words(filled, TextQuery(), some, 500))} == {"tea"}
    assert find_words(filled, TextQuery(), Scope(asset_ids=frozenset()), 10) == []
    without = Scope(excluded_tokens=("basil",))
    assert ids(find_words(filled, words("chef"), without, 50)) < ids(find_words(filled, words("chef"), Scope(), 50))


def test_several_channels_are_answered_in_their_order(filled):
    channels = [WordChannel(words(text), Scope(), 20) for text in ("basil", "submarine", "bridge", "basil")]
    answers = filled.find(channels)
    assert answers == [find_words(filled, channel.query, channel.scope, channel.limit) for channel in channels]
    assert answers[0] == answers[3] != [] and answers[1] == []
    assert filled.find([]) == []


def test_counts_are_of_scenes(filled):
    counts = filled.count(TextQuery(), Scope(asset_ids=frozenset({"orchard"})), ["time", "character"])
    scenes = {record.scene_id for record in records_of("orchard")}
    assert counts.num_scenes == len(scenes)
    nights = {record.scene_id for record in records_of("orchard") if "Night" in record.facets.get("time", ())}
    assert counts.facets["time"]["Night"] == len(nights)
    assert set(counts.facets["character"]) >= {"Grug", "Eep", "Gran"}


def test_values_frequencies_and_near_tokens(filled):
    values = filled.values(["title", "alias"])
    assert set(values["title"]) == {title for title, *_ in FILMS.values()}
    assert "Inspector Voss\tMara" in values["alias"]
    terms = filled.terms(["basil", "submarin", "basli", "zzzzzzzz"], near_of=["basil", "basli", "zzzzzzzz"])
    assert terms.frequencies["basil"] > 0 and terms.frequencies["submarin"] == 0
    assert [(near.token, near.distance, near.frequency) for near in terms.near["basli"]] == [("basil", 1, terms.frequencies["basil"])]
    assert terms.near["zzzzzzzz"] == () and terms.near.keys() == {"basli", "zzzzzzzz"}
    assert filled.terms(["basli"]).near == {} and filled.terms([]).frequencies == {}
    assert [len(filled.terms(["nite"], near_of=["nite"], num_near=limit).near["nite"]) for limit in (1, 2)] == [1, 2]


@pytest.mark.parametrize("collection", ["north", "south", ""])
def test_nothing_of_other_collections_is_found_counted_or_suggested(filled, collection):
    mine = frozenset({collection})
    my_assets = {asset_id for asset_id, known in COLLECTIONS.items() if known == collection}
    my_records = [record for asset_id in my_assets for record in worded(records_of(asset_id))]
    assert ids(find_words(filled, TextQuery(), Scope(collections=mine), 1000)) == {record.id for record in my_records}
    counts = filled.count(TextQuery(), Scope(collections=mine), ["asset"])
    assert set(counts.facets["asset"]) == my_assets
    assert counts.num_scenes == len({(record.asset_id, record.scene_id) for record in my_records})
    assert set(filled.values(["title"], collections=mine)["title"]) == {FILMS[asset_id][0] for asset_id in my_assets}
    terms = filled.terms(["basil", "basli"], near_of=["basli"], collections=mine)
    assert terms.num_records == len(my_records)
    has_basil = "kitchen" in my_assets
    assert (terms.frequencies["basil"] > 0) is has_basil
    assert [near.token for near in terms.near["basli"]] == (["basil"] if has_basil else [])


def test_no_collection_is_a_collection_and_none_shows_nothing(filled):
    assert find_words(filled, TextQuery(), Scope(collections=frozenset()), 10) == []
    assert filled.terms(["basil"], collections=frozenset()).num_records == 0
    both = Scope(collections=frozenset({"north", ""}))
    shown = {key.split(":")[0] for key in ids(find_words(filled, TextQuery(), both, 1000))}
    assert shown == {asset_id for asset_id, known in COLLECTIONS.items() if known in ("north", "")}


def test_an_asset_that_moves_to_another_collection_is_seen_there_only(empty):
    empty.replace("film", 1, of_another_asset(records_of("tea"), "film", "north"))
    empty.replace("film", 1, of_another_asset(records_of("tea"), "film", "south"))
    assert find_words(empty, TextQuery(), Scope(collections=frozenset({"north"})), 100) == []
    assert len(find_words(empty, TextQuery(), Scope(collections=frozenset({"south"})), 100)) == len(worded(records_of("tea")))


def test_replacing_leaves_nothing_of_the_old(empty):
    old, new = records_of("tea", 1), records_of("tea", 2)[:3]
    empty.replace("tea", 1, old)
    empty.replace("tea", 1, old)
    assert empty.terms([]).num_records == len(worded(old))
    before = empty.version
    empty.replace("tea", 2, new)
    assert empty.version != before
    assert empty.contents() == {"tea": (2, 3)} and ids(find_words(empty, TextQuery(), Scope(), 100)) == {record.id for record in new}


def test_an_asset_without_records_is_still_known(empty):
    empty.replace("silent", 4, [])
    assert empty.contents() == {"silent": (4, 0)} and empty.terms([]).num_records == 0


def test_removing(empty):
    for asset_id in ("tea", "snow"):
        empty.replace(asset_id, 1, records_of(asset_id))
    before = empty.version
    assert empty.remove("tea") and empty.version != before and not empty.remove("tea")
    assert list(empty.contents()) == ["snow"]
    assert {key.split(":")[0] for key in ids(find_words(empty, TextQuery(), Scope(), 500))} == {"snow"}


def test_what_is_written_together_is_seen_together_or_not_at_all(empty):
    with empty.writing():
        empty.replace("tea", 1, records_of("tea"))
        with empty.writing():
            empty.replace("snow", 1, records_of("snow"))
        assert empty.contents() == {}
    assert list(empty.contents()) == ["snow", "tea"]
    with pytest.raises(RuntimeError), empty.writing():
        empty.remove("tea")
        empty.replace("orbit", 1, records_of("orbit"))
        raise RuntimeError("disk full")
    assert list(empty.contents()) == ["snow", "tea"]


def test_reading_while_writing_never_sees_half_an_asset(empty):
    records = records_of("snow")
    empty.replace("snow", 1, records)
    seen, stop = [], threading.Event()

    def read() -> None:
        while not stop.is_set():
            seen.append(len(find_words(empty, TextQuery(), Scope(), 1000)))

    reader = threading.Thread(target=read)
    reader.start()
    for _ in range(5):
        empty.replace("snow", 1, records)
    stop.set()
    reader.join()
    assert set(seen) == {len(worded(records))}


def test_every_kind_finds_the_same(tmp_path):
    """The embedded store against the reference: the same records for every query, in nearly the same order."""
    memory, embedded = fill(MemoryWordStore()), fill(word_store("embedded", tmp_path))
    queries = [words(text) for text in ("glass", "night", "basil chef", "bridge", "雷声", "Grug", "the")]
    queries += [TextQuery((WordGroup((Alternative("argu"), Alternative("shout", 0.7))),)), replace(words("cave tiger fire"), minimum=1)]
    scopes = [
        Scope(),
        Scope(kinds=frozenset({"event"})),
        Scope(required=(("time", frozenset({"Night"})),)),
        Scope(collections=frozenset({"north"})),
    ]
    for query in queries:
        for scope in scopes:
            expected, answer = find_words(memory, query, scope, 400), find_words(embedded, query, scope, 400)
            assert ids(answer) == ids(expected), query
            assert memory.count(query, scope, ["time"]) == embedded.count(query, scope, ["time"])
    for collections in (None, frozenset({"south", ""})):
        facets = ("time", "alias")
        assert memory.values(facets, collections=collections) == embedded.values(facets, collections=collections)
        tokens = ("basil", "harbour", "glas", "nigth")
        ours, reference = (store.terms(tokens, near_of=tokens, collections=collections) for store in (embedded, memory))
        assert (ours.num_records, ours.frequencies) == (reference.num_records, reference.frequencies)
        assert {token: set(near) for token, near in ours.near.items()} == {token: set(near) for token, near in reference.near.items()}
    embedded.close()
