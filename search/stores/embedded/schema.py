"""Records in tantivy's terms: the schema, and a record as a document to which each store adds its part."""

from __future__ import annotations

import json
import re
from typing import Any

import tantivy

from search.fields import BAGS, STORED_FACETS, field_tokens
from search.types import TEXT_FIELDS, Record

NO_ROW = 2**40
"""Row number of a record without a vector."""

SCENE_SEPARATOR = "\t"

NO_COLLECTION = "\t"
"""Stands for the empty collection id: an empty term cannot be looked for."""


def library_name() -> str:
    """Tantivy's minor version and the format of its files: what an index on disk depends on."""
    version = re.search(r"v?(\d+\.\d+)\S*,\s*index_format v(\d+)", tantivy.__version__)
    return f"tantivy {version.group(1)} files v{version.group(2)}" if version else tantivy.__version__


def build_schema() -> Any:
    """One document per record, and one per asset (kind ``asset``) that says which revision is indexed."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("kind", tokenizer_name="raw", index_option="basic")
    builder.add_text_field("collection", tokenizer_name="raw", index_option="basic")
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


def scoped_document(record: Record) -> Any:
    """A document with what a scope filters by, which every store needs; the stores add the rest."""
    document = tantivy.Document()
    document.add_text("id", record.id)
    document.add_text("kind", record.kind)
    document.add_text("collection", record.collection or NO_COLLECTION)
    document.add_text("scene", f"{record.asset_id}{SCENE_SEPARATOR}{record.scene_id}")
    facets = {**record.facets, "asset": (record.asset_id,)}
    for facet in STORED_FACETS:
        for value in facets.get(facet, ()):
            document.add_text(f"f_{facet}", value)
    _add_bag(document, record, "own")
    return document


def add_words(document: Any, record: Record) -> None:
    """The word store's part: context and single fields (the record's own words are there already, for scopes)."""
    _add_bag(document, record, "context")
    for name in TEXT_FIELDS:
        if line_tokens := field_tokens(record, [name]):
            document.add_text(f"t_{name}", " ".join(line_tokens))


def add_row(document: Any, row: int) -> None:
    """The vector store's part: the row number of its vector, or :data:`NO_ROW`."""
    document.add_unsigned("row", row)


def add_body(document: Any, record: Record) -> None:
    """The record store's part: the whole record as JSON."""
    document.add_bytes("body", json.dumps(vars(record), ensure_ascii=False).encode())


def _add_bag(document: Any, record: Record, bag: str) -> None:
    if bag_tokens := field_tokens(record, BAGS[bag][0]):
        document.add_text(bag, " ".join(bag_tokens))


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
    fields = json.loads(body)
    fields["characters"] = tuple(fields["characters"])
    fields["facets"] = {name: tuple(values) for name, values in fields["facets"].items()}
    return Record(**fields)
