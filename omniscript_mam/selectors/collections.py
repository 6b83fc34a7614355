"""Collections: how many films each has, who wrote their scripts, and who writes the next."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Subquery

from omniscript_mam.conf import conf
from omniscript_mam.errors import NotFoundError
from omniscript_mam.models import Collection
from omniscript_mam.viewer import Viewer

from .assets import get_asset
from .identifiers import parse_uuid
from .visible import visible_assets, visible_collections, visible_revisions


@dataclass(frozen=True)
class CollectionRow:
    """A collection as shown. ``writer`` "" means that the installation chooses."""

    id: str
    name: str
    description: str
    writer: str
    num_assets: int
    created_at: datetime
    options: dict[str, Any] = field(default_factory=dict)


def collections(viewer: Viewer) -> list[CollectionRow]:
    """All that they see, by name."""
    return [_row(collection) for collection in visible_collections(viewer).annotate(num_assets=Count("assets"))]


def collection(viewer: Viewer, collection_id: uuid.UUID | str) -> CollectionRow:
    """One collection.

    Raises:
        NotFoundError
    """
    return _row(get_collection(viewer, collection_id))


def get_collection(viewer: Viewer, collection_id: uuid.UUID | str) -> Any:
    """A collection's row with ``num_assets``.

    Raises:
        NotFoundError
    """
    identifier = parse_uuid(collection_id)
    collection = visible_collections(viewer).filter(id=identifier).annotate(num_assets=Count("assets")).first() if identifier else None
    if collection is None:
        raise NotFoundError(f"There is no collection {collection_id}.", remedy="Choose one from the list of collections.")
    return collection


def find_collection(viewer: Viewer, wanted: str) -> Collection:
    """A collection by its name or id.

    Raises:
        NotFoundError
    """
    return visible_collections(viewer).filter(name__iexact=wanted.strip()).first() or get_collection(viewer, wanted)


def script_writers(viewer: Viewer, collection_id: uuid.UUID | str) -> list[str]:
    """Per film of a collection the writer of its current script, with its version; "" where there is none."""
    newest = visible_revisions(viewer).filter(asset=OuterRef("pk")).order_by("-number")
    rows = (
        visible_assets(viewer)
        .filter(collection_id=collection_id)
        .annotate(by=Subquery(newest.values("writer")[:1]), version=Subquery(newest.values("writer_version")[:1]))
    )
    return [f"{by} {version}".strip() if by else "" for by, version in rows.values_list("by", "version")]


def writer_of(viewer: Viewer, asset_id: uuid.UUID | str) -> str:
    """The writer of an asset's next job: its own, else its collection's, else the installation's.

    Raises:
        NotFoundError
    """
    asset = get_asset(viewer, asset_id)
    return str(asset.options.get("writer") or (asset.collection.writer if asset.collection else "") or conf.writer)


def _row(collection: Any) -> CollectionRow:
    return CollectionRow(
        id=str(collection.id),
        name=collection.name,
        description=collection.description,
        writer=collection.writer,
        num_assets=collection.num_assets,
        created_at=collection.created_at,
        options=dict(collection.options),
    )
