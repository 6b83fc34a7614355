"""Current scripts of several assets at once, parsed once per revision and process: search results show parts of many scripts."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from functools import lru_cache

from django.db.models import Max

from omniscript_mam.models import ScriptRevision
from omniscript_mam.script import Script

from .assets import script_revision

NUM_KEPT = 32
"""Parsed scripts kept in memory; one of a 90-minute film takes a few megabytes."""


def current_revisions(asset_ids: Iterable[uuid.UUID | str]) -> dict[str, int]:
    """Asset id → number of its current revision, for those that have a script."""
    rows = ScriptRevision.objects.filter(asset_id__in=[str(asset_id) for asset_id in asset_ids]).order_by().values_list("asset_id")
    return {str(asset_id): number for asset_id, number in rows.annotate(number=Max("number"))}


def current_scripts(asset_ids: Iterable[uuid.UUID | str]) -> dict[str, Script]:
    """Asset id → its current script. The scripts are shared: whoever wants to change one copies it."""
    return {asset_id: _parsed(asset_id, number) for asset_id, number in current_revisions(asset_ids).items()}


@lru_cache(maxsize=NUM_KEPT)
def _parsed(asset_id: str, number: int) -> Script:
    return script_revision(asset_id, number)
