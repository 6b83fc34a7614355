"""The embedded word store: words, phrases, facets and the vocabulary, in tantivy."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import tantivy
from rapidfuzz import process
from rapidfuzz.distance import OSA

from search.fields import BAGS
from search.ports import MAX_EDIT_DISTANCE, Counts, Match, NearToken, Scope, TermStatistics, TextQuery, WordChannel
from search.stores.embedded.damage import honest
from search.stores.embedded.index import EmbeddedStore
from search.stores.embedded.opened import OpenIndex
from search.stores.embedded.queries import in_collections, scope_query, text_query
from search.stores.embedded.schema import add_words
from search.types import Record

RECORDS, SCENES = Scope().kinds, frozenset({"scene"})
"""Kinds of the records that have words; the scenes' alone."""

MAX_VALUES = 20_000
"""Values of one facet that are counted; rarer ones beyond that are left out."""


class EmbeddedWordStore(EmbeddedStore):
    """See :class:`search.ports.WordStore`."""

    def replace(self, asset_id: str, revision: int, records: Sequence[Record]) -> None:
        """See :class:`search.ports.WordStore`."""
        with self.index.writing() as changes:
            for document, record in zip(changes.documents(asset_id, revision, records), records, strict=True):
                add_words(document, record)

    @honest
    def find(self, channels: Sequence[WordChannel]) -> list[list[Match]]:
        """See :class:`search.ports.WordStore`."""
        opened = self.index.opened()
        return [_find(opened, channel) for channel in channels]

    @honest
    def count(self, query: TextQuery, scope: Scope, facets: Sequence[str]) -> Counts:
        """See :class:`search.ports.WordStore`; numbers of scenes are estimates from a few hundred on (tantivy's sketches)."""
        opened = self.index.opened()
        wanted = scope_query(opened.schema, scope, *text_query(opened.schema, query))
        scenes = {"n": {"cardinality": {"field": "scene"}}}
        parts = {f: {"terms": {"field": f"f_{f}", "size": MAX_VALUES}, "aggs": scenes} for f in facets}
        answer = opened.searcher.aggregate(wanted, {**parts, **scenes})
        counted = {f: {str(b["key"]): round(b["n"]["value"]) for b in answer[f]["buckets"]} for f in facets}
        return Counts(round(answer["n"]["value"]), counted)

    @honest
    def terms(
        self, tokens: Sequence[str], *, near_of: Collection[str] = (), num_near: int = 5, collections: frozenset[str] | None = None
    ) -> TermStatistics:
        """See :class:`search.ports.WordStore`."""
        opened = self.index.opened()
        frequencies = {token: _frequency(opened, token, collections) for token in tokens}
        near = {token: _near(opened, token, num_near, collections) for token in dict.fromkeys(near_of) if not frequencies[token]}
        of_scenes = {token: _frequency(opened, token, collections, SCENES) if count else 0 for token, count in frequencies.items()}
        return TermStatistics(_num_records(opened, collections), frequencies, near, _num_records(opened, collections, SCENES), of_scenes)

    @honest
    def values(self, facets: Sequence[str], *, collections: frozenset[str] | None = None) -> dict[str, dict[str, int]]:
        """See :class:`search.ports.WordStore`."""
        opened = self.index.opened()
        merged: dict[str, dict[str, int]] = {facet: {} for facet in facets}
        for kind in ("scene", "event"):
            wanted = scope_query(opened.schema, Scope(kinds=frozenset({kind}), collections=collections))
            answer = opened.searcher.aggregate(wanted, {facet: {"terms": {"field": f"f_{facet}", "size": MAX_VALUES}} for facet in facets})
            for facet in facets:
                merged[facet] |= {str(bucket["key"]): int(bucket["doc_count"]) for bucket in answer[facet]["buckets"]}
        return {facet: dict(sorted(values.items(), key=lambda item: (-item[1], item[0]))) for facet, values in merged.items()}


def _find(opened: OpenIndex, channel: WordChannel) -> list[Match]:
    parts = text_query(opened.schema, channel.query)
    order = {} if parts else {"order_by_field": "id", "order": tantivy.Order.Asc}
    answer = opened.searcher.search(scope_query(opened.schema, channel.scope, *parts), channel.limit, count=False, **order)
    matches = [opened.match(address, float(score) if parts else 0.0) for score, address in answer.hits]
    return sorted(matches, key=lambda match: (-round(match.score, 4), match.record_id))


def _num_records(opened: OpenIndex, collections: frozenset[str] | None, kinds: frozenset[str] = RECORDS) -> int:
    """Remembered: the number changes only with a commit, and counting 100,000 records takes a millisecond."""
    if (collections, kinds) not in opened.num_records:
        wanted = scope_query(opened.schema, Scope(kinds=kinds, collections=collections))
        opened.num_records[collections, kinds] = int(opened.searcher.search(wanted, 1).count)
    return opened.num_records[collections, kinds]


def _frequency(opened: OpenIndex, token: str, collections: frozenset[str] | None, kinds: frozenset[str] = RECORDS) -> int:
    query = tantivy.Query
    must = [query.boolean_query([(tantivy.Occur.Should, query.term_query(opened.schema, bag, token)) for bag in BAGS])]
    if collections is not None:
        must.append(in_collections(opened.schema, collections))
    if kinds != RECORDS:  # all that have words are of these
        must.append(query.term_set_query(opened.schema, "kind", sorted(kinds)))
    wanted = query.boolean_query([(tantivy.Occur.Must, part) for part in must]) if len(must) > 1 else must[0]
    return int(opened.searcher.search(wanted, 1).count)


def _near(opened: OpenIndex, token: str, limit: int, collections: frozenset[str] | None) -> tuple[NearToken, ...]:
    """Nearest first, then most frequent in the whole vocabulary; only tokens that a record in view has."""
    vocabulary = opened.vocabulary()
    spelled = process.extract(token, vocabulary.keys(), scorer=OSA.distance, score_cutoff=MAX_EDIT_DISTANCE, limit=None)
    near: list[NearToken] = []
    for distance, _, other in sorted((int(distance), -vocabulary[other], other) for other, distance, _ in spelled if distance > 0):
        if frequency := _frequency(opened, other, collections):
            near.append(NearToken(other, distance, frequency))
            if len(near) == limit:
                break
    return tuple(near)
