"""Records and queries in tantivy's terms: the schema, a record as a document, our queries as tantivy's."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import tantivy

from search.ports import CONTEXT_FIELDS, CONTEXT_WEIGHT, OWN_FIELDS, STORED_FACETS, Phrase, Scope, TextQuery, WordGroup, field_tokens
from search.types import TEXT_FIELDS, Record

NO_ROW = 2**40
"""Row number of a record without a vector."""

BAGS = {"own": (OWN_FIELDS, 1.0), "context": (CONTEXT_FIELDS, CONTEXT_WEIGHT)}
MAX_PREFIX_CHARS = 65
"""Longer than any token (:data:`search.analysis.MAX_TOKEN_CHARS`), so that what is longer finds nothing."""

SCENE_SEPARATOR = "\t"


def engine_name() -> str:
    """The engine's minor version and the format of its files: what an index on disk depends on."""
    found = re.search(r"v?(\d+\.\d+)\S*,\s*index_format v(\d+)", tantivy.__version__)
    return f"tantivy {found.group(1)} files v{found.group(2)}" if found else tantivy.__version__


def build_schema() -> Any:
    """One document per record, and one per asset (kind ``asset``) that says which revision is indexed."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("scene", fast=True, tokenizer_name="raw", index_option="basic")
    for facet in STORED_FACETS:
        builder.add_text_field(f"f_{facet}", fast=True, tokenizer_name="raw", index_option="basic")
    for bag in BAGS:
        builder.add_text_field(bag, tokenizer_name="whitespace", index_option="position")
    for name in TEXT_FIELDS:
        builder.add_text_field(f"t_{name}", tokenizer_name="whitespace", index_option="position")
    builder.add_unsigned_field("row", indexed=True, fast=True)
    builder.add_bytes_field("body", stored=True)
    return builder.build()


def record_document(record: Record, row: int) -> Any:
    """A record as a document; ``row`` is its vector's row number, or :data:`NO_ROW`."""
    document = tantivy.Document()
    document.add_text("id", record.id)
    document.add_text("kind", record.kind)
    document.add_text("scene", f"{record.asset_id}{SCENE_SEPARATOR}{record.scene_id}")
    facets = {**record.facets, "asset": (record.asset_id,)}
    for facet in STORED_FACETS:
        for value in facets.get(facet, ()):
            document.add_text(f"f_{facet}", value)
    for bag, (fields, _) in BAGS.items():
        if found := field_tokens(record, fields):
            document.add_text(bag, " ".join(found))
    for name in TEXT_FIELDS:
        if found := field_tokens(record, [name]):
            document.add_text(f"t_{name}", " ".join(found))
    document.add_unsigned("row", row)
    document.add_bytes("body", json.dumps(vars(record), ensure_ascii=False).encode())
    return document


def asset_document(asset_id: str, revision: int, num_records: int) -> Any:
    """The note of an asset: what the index holds of it, even when that is nothing."""
    document = tantivy.Document()
    document.add_text("id", asset_id)
    document.add_text("kind", "asset")
    document.add_text("f_asset", asset_id)
    document.add_unsigned("row", NO_ROW)
    document.add_bytes("body", json.dumps([asset_id, revision, num_records]).encode())
    return document


def read_record(body: bytes) -> Record:
    """A record from the body of its document."""
    data = json.loads(body)
    data["characters"] = tuple(data["characters"])
    data["facets"] = {name: tuple(values) for name, values in data["facets"].items()}
    return Record(**data)


def scope_query(schema: Any, scope: Scope, *extra: Any) -> Any:
    """Records in scope, without a score; ``extra`` are tantivy queries that must match as well and do score."""
    query = tantivy.Query
    must = [_any_of(schema, "kind", scope.kinds)]
    if scope.asset_ids is not None:
        must.append(_any_of(schema, "f_asset", scope.asset_ids))
    must += [_any_of(schema, f"f_{facet}", values) for facet, values in scope.required]
    clauses = [(tantivy.Occur.Must, query.const_score_query(part, 0.0)) for part in must]
    clauses += [(tantivy.Occur.MustNot, _any_of(schema, f"f_{facet}", values)) for facet, values in scope.excluded]
    clauses += [(tantivy.Occur.MustNot, query.term_query(schema, "own", token)) for token in scope.excluded_tokens]
    clauses += [(tantivy.Occur.Must, part) for part in extra]
    return query.boolean_query(clauses)


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
                found = tantivy.Query.fuzzy_term_query(schema, place, token, distance=0, prefix=True)
            else:
                found = tantivy.Query.term_query(schema, place, alternative.token)
            queries.append(tantivy.Query.boost_query(found, place_weight * alternative.weight))
    return tantivy.Query.disjunction_max_query(queries)


def _phrase(schema: Any, phrase: Phrase) -> Any:
    places = [f"t_{name}" for name in phrase.fields] or ["own"]
    if len(phrase.tokens) == 1:  # tantivy refuses a phrase of one
        found = [tantivy.Query.term_query(schema, place, phrase.tokens[0]) for place in places]
    else:
        found = [tantivy.Query.phrase_query(schema, place, list(phrase.tokens)) for place in places]
    return found[0] if len(found) == 1 else tantivy.Query.disjunction_max_query(found)
