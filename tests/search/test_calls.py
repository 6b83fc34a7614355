"""How often one query asks its stores: free in one process, a round trip each over a network."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from search import HashedEmbedder, Searcher, SearchRequest
from search.ports import SearchIndex
from search.stores.memory import memory_index
from tests.search.conftest import fill


class CountedStore:
    """A store that counts the calls of its methods."""

    def __init__(self, store: Any, name: str, calls: Counter[str]) -> None:
        self._store, self._name, self._calls = store, name, calls

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(self._store, attribute)
        if not callable(value):
            return value

        def counted(*arguments: Any, **options: Any) -> Any:
            self._calls[f"{self._name}.{attribute}"] += 1
            return value(*arguments, **options)

        return counted


@pytest.fixture(scope="module")
def counted():
    calls: Counter[str] = Counter()
    stores = memory_index(HashedEmbedder.model_id)
    counted_stores = {name: CountedStore(getattr(stores, name), name, calls) for name in ("words", "vectors", "records")}
    searcher = fill(Searcher(SearchIndex(**counted_stores), HashedEmbedder()))
    searcher.search(SearchRequest("warm"))  # the names of the index, read once per version of it
    return searcher, calls


@pytest.mark.parametrize(
    "text",
    [
        "scenes where Grug argues with Eep at night",
        "Grug shouts then Eep cries at night, then Gran laughs indoors",
        "tense sad night indoors",
        '"six men drowned" Victor by day',
        "wolg xylophone marmalade",
        "Comander Ade at mision control",
        "shattering glass without Victor",
        "你又在骗我",
        "to be or not to be",
    ],
)
def test_one_query_is_one_call_of_each_kind(counted, text):
    """But two where the second depends on the first: into which scenes the vector store is to look; which lines the page shows."""
    searcher, calls = counted
    calls.clear()
    searcher.search(SearchRequest(text))
    assert calls["words.terms"] <= 1 and calls["words.find"] == 1 and calls["vectors.find"] <= 2 and calls["records.records"] <= 2
    assert calls.keys() <= {"words.terms", "words.find", "words.count", "vectors.find", "records.records"}


def test_what_the_first_look_does_not_cover_costs_one_more(counted):
    """A word that no record has, with synonyms; ideographs, whose cuts are known only when they are understood."""
    searcher, calls = counted
    for text in ("blast Grug", "Grug 雷声 雨声 夜晚"):
        calls.clear()
        searcher.search(SearchRequest(text))
        assert calls["words.terms"] == 2 and calls["words.find"] == 1, text


def test_an_empty_query_finds_nothing_and_asks_nothing(counted):
    searcher, calls = counted
    calls.clear()
    searcher.search(SearchRequest("   "))
    assert not calls
