"""Current scripts of several assets at once, parsed once per revision and process: search results show parts of many scripts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import lru_cache

from django.db.models import Max

from omniscript_mam.errors import NotFoundError
from omniscript_mam.exporters import Deliverable
from omniscript_mam.script import Script
from omniscript_mam.viewer import SYSTEM, Action, Viewer

from .assets import current_script, get_asset, script_revision
from .visible import visible_revisions

NUM_KEPT = 32
"""Parsed scripts kept in memory; one of a 90-minute film takes a few megabytes."""


def current_revisions(viewer: Viewer, asset_ids: Iterable[uuid.UUID | str]) -> dict[str, int]:
    """Asset id → number of its current revision, for those that have a script."""
    rows = visible_revisions(viewer).filter(asset_id__in=[str(asset_id) for asset_id in asset_ids]).order_by().values_list("asset_id")
    return {str(asset_id): number for asset_id, number in rows.annotate(number=Max("number"))}


def current_scripts(viewer: Viewer, asset_ids: Iterable[uuid.UUID | str]) -> dict[str, Script]:
    """Asset id → its current script. The scripts are shared: whoever wants to change one copies it."""
    return {asset_id: _parsed(asset_id, number) for asset_id, number in current_revisions(viewer, asset_ids).items()}


def deliverable(viewer: Viewer, asset_id: uuid.UUID | str, number: int | None = None, *, action: Action = Action.EXPORT) -> Deliverable:
    """What exporters make a file of: an asset's script, the current one or the revision of a number.

    Args:
        action: what it is wanted for; ``VIEW`` where it is only shown.

    Raises:
        ForbiddenError: they may not. NotFoundError: no such asset or revision, or no script yet.
    """
    asset = get_asset(viewer, asset_id)
    viewer.require(action, asset.collection_id)
    script = current_script(viewer, asset.id) if number is None else script_revision(viewer, asset.id, number)
    if script is None:
        raise NotFoundError(f"“{asset.title}” has no script yet.", remedy="Look at its job.")
    return Deliverable.of(script, title=asset.title, source_name=asset.essence.original_name)


@lru_cache(maxsize=NUM_KEPT)
def _parsed(asset_id: str, number: int) -> Script:
    return script_revision(SYSTEM, asset_id, number)  # whoever asks was given the number by :func:`current_revisions`
