"""Records in tantivy's terms: the schema, and a record as a document to which each store adds its part."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import tantivy

from search.fields import BAGS, STORED_FACETS, field_tokens
from search.passages import EVENT_KIND, NAMED_KIND, SCENE_KIND, WINDOW_KIND
from search.types import TEXT_FIELDS, Record

NO_ROW = 2**40
"""Row number of a record without a vector."""

PART_KINDS = (EVENT_KIND, SCENE_KIND, WINDOW_KIND, NAMED_KIND)
"""Every kind of record, by its number in a scene's parts."""

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
    builder.add_text_field("scene", stored=True, fast=True, tokenizer_name="raw", index_option="basic")
    for facet in STORED_FACETS:
        builder.add_text_field(f"f_{facet}", fast=True, tokenizer_name="raw", index_option="basic")
    for bag in BAGS:
        builder.add_text_field(bag, tokenizer_name="whitespace", index_option="position")
    for name in TEXT_FIELDS:
        builder.add_text_field(f"t_{name}", tokenizer_name="whitespace", index_option="position")
    builder.add_unsigned_field("row", indexed=True, fast=True)
    builder.add_bytes_field("parts", stored=True)
    builder.add_bytes_field("body", stored=True)
    return builder.build()


def scoped_document(record: Record) -> Any:
    """A document with what a scope filters by, which every store needs; the stores add the rest."""
    document = tantivy.Document()
    document.add_text("id", record.id)
    document.add_text("kind", record.kind)
    document.add_text("collection", record.collection or NO_COLLECTION)
    document.add_text("scene", record.scene_record_id)
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


def add_parts(document: Any, parts: Sequence[tuple[Record, int]]) -> None:
    """The vector store's part of a scene's document: kind, row number and id of every record of the scene that has a vector.

    Packed: number of parts (uint32), a kind's number each (uint8), a row each (uint32, little-endian), the ids' ends, one a line.
    """
    kinds = bytes(PART_KINDS.index(record.kind) for record, _ in parts)
    rows = np.array([row for _, row in parts], "<u4")
    ids = "\n".join(record.id.removeprefix(f"{record.asset_id}:{record.revision}:") for record, _ in parts)
    document.add_bytes("parts", np.uint32(len(parts)).tobytes() + kinds + rows.tobytes() + ids.encode())


def read_parts(packed: bytes) -> tuple[np.ndarray, np.ndarray, bytes]:
    """Kinds (uint8) and rows (uint32) of a scene's parts, and their ids as they were joined."""
    num = int(np.frombuffer(packed, "<u4", 1)[0])
    return np.frombuffer(packed, np.uint8, num, 4), np.frombuffer(packed, "<u4", num, 4 + num), packed[4 + 5 * num :]


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
    fields["characters"], fields["event_ids"] = tuple(fields["characters"]), tuple(fields["event_ids"])
    fields["facets"] = {name: tuple(values) for name, values in fields["facets"].items()}
    return Record(**fields)
