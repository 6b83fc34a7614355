"""Collections: make, change and dissolve them, and move films between them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction

from omniscript_mam.errors import CollectionError, ConflictError
from omniscript_mam.models import Asset, Collection, IndexEntry
from omniscript_mam.selectors.assets import get_asset
from omniscript_mam.selectors.collections import get_collection
from omniscript_mam.selectors.writers import writer_card
from omniscript_mam.viewer import Action, Viewer

from .. import publishing
from ..writers import writer_names

STRATEGIES = ("tsg", "lce", "auto")
"""How a long film is written: in planned segments, in one pass, or as its length asks (paper, section 5.3)."""

MAX_NAME = 200


def create_collection(
    viewer: Viewer, name: str, *, description: str = "", writer: str = "", options: dict[str, Any] | None = None
) -> Collection:
    """A new, empty collection.

    Raises:
        ForbiddenError. CollectionError: no name, an unknown writer or option. ConflictError: the name is taken.
    """
    viewer.require_everywhere(Action.ADMINISTER)
    return _save(viewer, Collection(), name, description, writer, options or {})


def update_collection(
    viewer: Viewer,
    collection_id: uuid.UUID | str,
    *,
    name: str | None = None,
    description: str | None = None,
    writer: str | None = None,
    options: dict[str, Any] | None = None,
) -> Collection:
    """Change what is given. Scripts that are there stay; the writer counts for jobs that are made from now on.

    Raises:
        NotFoundError, ForbiddenError, CollectionError, ConflictError
    """
    viewer.require(Action.ADMINISTER)
    collection = Collection.objects.get(id=get_collection(viewer, collection_id).id)
    return _save(
        viewer,
        collection,
        collection.name if name is None else name,
        collection.description if description is None else description,
        collection.writer if writer is None else writer,
        collection.options if options is None else options,
    )


def delete_collection(viewer: Viewer, collection_id: uuid.UUID | str) -> None:
    """Dissolve a collection; its films stay in the archive.

    Raises:
        NotFoundError, ForbiddenError
    """
    viewer.require(Action.ADMINISTER)
    collection = Collection.objects.get(id=get_collection(viewer, collection_id).id)
    with transaction.atomic():
        _index_again(list(Asset.objects.filter(collection=collection).values_list("id", flat=True)))
        collection.delete()


def move_assets(viewer: Viewer, asset_ids: Iterable[str], collection_id: uuid.UUID | str | None) -> int:
    """Put films into a collection (``None``: into none); returns how many. All of them or, if one is unknown, none.

    Raises:
        NotFoundError, ForbiddenError
    """
    target = get_collection(viewer, collection_id).id if collection_id else None
    viewer.require(Action.CORRECT, target)
    moved = [get_asset(viewer, asset_id).id for asset_id in asset_ids]
    with transaction.atomic():
        _index_again(moved)
        return Asset.objects.filter(id__in=moved).update(collection_id=target)


def _index_again(asset_ids: Iterable[uuid.UUID]) -> None:
    """Every record of a film carries its collection, which says who may find it: what the index holds is out of date."""
    if IndexEntry.objects.filter(asset_id__in=asset_ids).update(generation=""):
        publishing.wake_for_index()


def _save(viewer: Viewer, collection: Collection, name: str, description: str, writer: str, options: dict[str, Any]) -> Collection:
    collection.name, collection.description, collection.writer = name.strip(), description.strip(), writer.strip()
    collection.options = _checked(options)
    if not collection.name or len(collection.name) > MAX_NAME:
        raise CollectionError(f"A collection needs a name of 1 to {MAX_NAME} characters.", remedy="Give it a name.")
    if collection.writer and collection.writer not in writer_names():
        card = writer_card(viewer, collection.writer)
        if card is not None and card.problem:  # it is declared, but not well
            raise CollectionError(card.problem, remedy=card.remedy)
        known = ", ".join(writer_names())
        raise CollectionError(f"There is no writer “{collection.writer}”.", remedy=f"Use one of: {known}; or none for the archive's own.")
    taken = ConflictError(f"There is a collection “{collection.name}” already.", remedy="Give it another name.")
    others = Collection.objects.exclude(id=collection.id).values_list("name", flat=True)
    if collection.name.casefold() in {other.casefold() for other in others}:  # SQLite compares only A to Z without case
        raise taken
    try:
        with transaction.atomic():
            collection.save()
    except IntegrityError:
        raise taken from None
    return collection


def _checked(options: dict[str, Any]) -> dict[str, Any]:
    for name, value in options.items():
        fits = isinstance(value, bool) if name == "hints" else value in STRATEGIES if name == "strategy" else False
        if not fits:
            raise CollectionError(
                f"{name!r} cannot be {value!r} for a collection.",
                remedy=f"Options are hints (true or false) and strategy ({', '.join(STRATEGIES)}).",
            )
    return dict(options)
