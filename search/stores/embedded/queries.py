"""Our queries in tantivy's terms: scopes, words, phrases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import tantivy

from search.fields import BAGS
from search.ports import Phrase, Scope, TextQuery, WordGroup
from search.stores.embedded.schema import NO_COLLECTION

MAX_PREFIX_CHARS = 65
"""Longer than any token (:data:`search.analysis.MAX_TOKEN_CHARS`), so that what is longer finds nothing."""


def scope_query(schema: Any, scope: Scope, *extra: Any) -> Any:
    """Records in scope, without a score; ``extra`` are tantivy queries that must match as well and do score."""
    query = tantivy.Query
    must = [_any_of(schema, "kind", scope.kinds)]
    if scope.collections is not None:
        must.append(in_collections(schema, scope.collections))
    if scope.asset_ids is not None:
        must.append(_any_of(schema, "f_asset", scope.asset_ids))
    if scope.scenes is not None:
        must.append(_any_of(schema, "scene", scope.scenes))
    must += [_any_of(schema, f"f_{facet}", values) for facet, values in scope.required]
    clauses = [(tantivy.Occur.Must, query.const_score_query(part, 0.0)) for part in must]
    clauses += [(tantivy.Occur.MustNot, _any_of(schema, f"f_{facet}", values)) for facet, values in scope.excluded]
    clauses += [(tantivy.Occur.MustNot, query.term_query(schema, "own", token)) for token in scope.excluded_tokens]
    clauses += [(tantivy.Occur.MustNot, _phrase(schema, phrase)) for phrase in scope.excluded_phrases]
    clauses += [(tantivy.Occur.Must, part) for part in extra]
    return query.boolean_query(clauses)


def in_collections(schema: Any, collections: Iterable[str]) -> Any:
    """Records of these collections, without a useful score."""
    return _any_of(schema, "collection", [collection or NO_COLLECTION for collection in collections])


def text_query(schema: Any, text: TextQuery) -> list[Any]:
    """The tantivy queries that must match (and score) for a text query; empty if it asks for nothing."""
    parts = [_phrase(schema, phrase) for phrase in text.phrases]
    if text.groups:
        parts.append(_at_least(min(text.minimum, len(text.groups)), [_group(schema, group) for group in text.groups]))
    if text.boosts:
        parts.append(_at_least(0, [_group(schema, group) for group in text.boosts]))
    return parts


def _at_least(minimum: int, queries: list[Any]) -> Any:
    """At least so many of the queries, the more the better."""
    clauses = [(tantivy.Occur.Should, query) for query in queries]
    if minimum <= 0:  # tantivy wants one clause to match: give it one that always does, for nothing
        clauses.append((tantivy.Occur.Should, tantivy.Query.const_score_query(tantivy.Query.all_query(), 0.0)))
    return tantivy.Query.boolean_query(clauses, minimum_number_should_match=max(1, minimum))


def _any_of(schema: Any, field: str, values: Iterable[str]) -> Any:
    listed = sorted(values)
    return tantivy.Query.term_set_query(schema, field, listed) if listed else tantivy.Query.empty_query()


def _group(schema: Any, group: WordGroup) -> Any:
    places = {f"t_{name}": 1.0 for name in group.fields} or {bag: weight for bag, (_, weight) in BAGS.items()}
    queries = []
    for place, place_weight in places.items():
        for alternative in group.alternatives:
            if alternative.is_prefix:
                token = alternative.token[:MAX_PREFIX_CHARS]
                matching = tantivy.Query.fuzzy_term_query(schema, place, token, distance=0, prefix=True)
            else:
                matching = tantivy.Query.term_query(schema, place, alternative.token)
            queries.append(tantivy.Query.boost_query(matching, place_weight * alternative.weight))
    return tantivy.Query.disjunction_max_query(queries)


def _phrase(schema: Any, phrase: Phrase) -> Any:
    places = [f"t_{name}" for name in phrase.fields] or ["own"]
    if len(phrase.tokens) == 1:  # tantivy refuses a phrase of one
        by_place = [tantivy.Query.term_query(schema, place, phrase.tokens[0]) for place in places]
    else:
        by_place = [tantivy.Query.phrase_query(schema, place, list(phrase.tokens)) for place in places]
    return by_place[0] if len(by_place) == 1 else tantivy.Query.disjunction_max_query(by_place)
