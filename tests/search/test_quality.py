"""Retrieval quality on the labelled archive: each channel alone, and fused. What the numbers must not fall below."""

from __future__ import annotations

import pytest

from search import EmbeddedIndexOptions, Searcher, SearchRequest, open_searcher
from search.finding.finder import Finder
from tests.search.archive import ANSWERABLE, MEANING, NOTHING, PLAIN_LINES, QUOTED
from tests.search.conftest import fill
from tests.search.metrics import Figures, measure


def channels(searcher: Searcher) -> dict[str, Finder]:
    """Finders on the same index: words alone, vectors alone, both."""
    assert searcher.embedder
    parts = (searcher.stores, searcher.query_vectors, searcher.embedder.floor, searcher.embedder.model_id)
    return {"lexical": Finder(*parts, use_vectors=False), "vector": Finder(*parts, use_words=False), "fused": Finder(*parts)}


def figures(searcher: Searcher, queries=ANSWERABLE) -> dict[str, Figures]:
    return {
        name: measure(queries, lambda text, finder=finder: finder.find(SearchRequest(text, limit=10)).hits)
        for name, finder in channels(searcher).items()
    }


def test_quoted_lines_come_first(archive):
    by_channel = figures(archive, [*QUOTED, *PLAIN_LINES])
    assert by_channel["fused"].recall_at_1 >= 0.98
    assert by_channel["fused"].recall_at_1 >= by_channel["lexical"].recall_at_1


def test_fused_is_at_least_the_best_channel(archive):
    by_channel = figures(archive)
    assert by_channel["fused"].ndcg >= max(by_channel["lexical"].ndcg, by_channel["vector"].ndcg)
    assert by_channel["fused"].ndcg >= 0.75


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_not_there_is_not_found(archive, text):
    assert archive.search(SearchRequest(text)).total == 0


@pytest.fixture(scope="module")
def meaning(sentence_embedder, tmp_path_factory):
    """The archive behind the sentence model."""
    searcher = fill(open_searcher(EmbeddedIndexOptions(tmp_path_factory.mktemp("meaning")), embedder=sentence_embedder))
    yield searcher
    searcher.close()


@pytest.mark.models
class TestWithSentenceModel:
    """The same with all-MiniLM-L6-v2."""

    def test_fused_beats_each_channel(self, meaning):
        by_channel = figures(meaning)
        assert by_channel["fused"].ndcg >= max(by_channel["lexical"].ndcg, by_channel["vector"].ndcg) + 0.03
        assert by_channel["fused"].ndcg >= 0.85

    def test_paraphrases_are_found(self, meaning):
        by_channel = figures(meaning, MEANING)
        assert by_channel["fused"].ndcg >= max(by_channel["lexical"].ndcg, by_channel["vector"].ndcg)
        assert by_channel["fused"].ndcg >= by_channel["lexical"].ndcg + 0.2

    def test_quoted_lines_come_first(self, meaning):
        assert figures(meaning, [*QUOTED, *PLAIN_LINES])["fused"].recall_at_1 >= 0.98

    @pytest.mark.parametrize("text", NOTHING)
    def test_what_is_not_there_is_not_found(self, meaning, text):
        assert meaning.search(SearchRequest(text)).total == 0
