"""Collections on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict

from omniscript_mam.selectors.collections import CollectionRow


class CollectionWire(TypedDict):
    """One collection. ``writer`` "" means that the installation chooses; ``options`` are that writer's."""

    id: str
    name: str
    description: str
    writer: str
    num_assets: int
    created_at: datetime
    options: dict[str, Any]


class CollectionsWire(TypedDict):
    """All collections, by name."""

    results: list[CollectionWire]


def collection_wire(row: CollectionRow) -> CollectionWire:
    """One collection."""
    return CollectionWire(
        id=row.id,
        name=row.name,
        description=row.description,
        writer=row.writer,
        num_assets=row.num_assets,
        created_at=row.created_at,
        options=row.options,
    )


def collections_wire(rows: Iterable[CollectionRow]) -> CollectionsWire:
    """All collections, in the order given."""
    return CollectionsWire(results=[collection_wire(row) for row in rows])
