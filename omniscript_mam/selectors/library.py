"""The library: assets with poster, duration, status and progress, a fixed number of queries per page."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, OuterRef, Q, Subquery
from django.db.models.functions import Lower

from omniscript_mam.errors import ConflictError, NotFoundError
from omniscript_mam.models import Asset, Job, Rendition, State

from .jobs import JobRow, latest_jobs, parse_uuid
from .media import media_url
from .pages import Page

SORTS: dict[str, tuple[str | Lower, ...]] = {
    "newest": ("-created_at",),
    "oldest": ("created_at",),
    "title": (Lower("title"),),
    "longest": ("-duration_s",),
}
"""Ways to sort the library."""

STATE_GROUPS = {"ready": (State.DONE,), "working": (State.QUEUED, State.RUNNING), "failed": (State.FAILED, State.CANCELLED)}
"""What a person filters by → states of the newest job."""


@dataclass(frozen=True)
class AssetCard:
    """An asset in a list. ``state`` is its newest job's ("new" before the first); ``has_script`` if there is something to read."""

    id: str
    title: str
    original_name: str
    duration_s: float
    num_bytes: int
    created_at: datetime
    poster_url: str
    has_script: bool
    is_playable: bool
    state: str
    job: JobRow | None
    collection_id: str = ""

    @property
    def progress(self) -> float:
        return self.job.progress if self.job else 0.0


def library(
    *, text: str = "", state: str = "", collection: str = "", sort: str = "newest", offset: int = 0, limit: int = 24
) -> Page[AssetCard]:
    """Assets whose title or file name holds ``text`` and, if named, whose newest job is in one of the states of :data:`STATE_GROUPS`.

    Args:
        collection: a collection's id, or ``none`` for assets that are in none; an unknown one holds nothing.
        sort: one of :data:`SORTS`; an unknown one means newest first.
    """
    found = Asset.objects.all()
    if text.strip():
        found = found.filter(Q(title__icontains=text.strip()) | Q(essence__original_name__icontains=text.strip()))
    if state in STATE_GROUPS:
        newest_job = Job.objects.filter(asset=OuterRef("pk")).order_by("-created_at").values("state")[:1]
        found = found.annotate(newest_state=Subquery(newest_job)).filter(newest_state__in=STATE_GROUPS[state])
    if collection == "none":
        found = found.filter(collection=None)
    elif collection:
        identifier = parse_uuid(collection)
        found = found.filter(collection_id=identifier) if identifier else found.none()
    total = found.count()
    page = list(found.order_by(*SORTS.get(sort, SORTS["newest"]), "id")[offset : offset + limit])
    return Page(tuple(cards(page)), total, offset, limit)


def cards(found: Iterable[Asset]) -> list[AssetCard]:
    """The cards of assets, in their order."""
    order = [asset.id for asset in found]
    assets = {
        asset.id: asset
        for asset in Asset.objects.filter(id__in=order).select_related("essence").annotate(revision=Max("revisions__number"))
    }
    newest = latest_jobs(order)
    files: dict[tuple[uuid.UUID, str], Rendition] = {
        (rendition.asset_id, rendition.kind): rendition
        for rendition in Rendition.objects.filter(asset_id__in=order, kind__in=[Rendition.Kind.POSTER, Rendition.Kind.PROXY])
    }
    return [_card(assets[asset_id], newest.get(asset_id), files) for asset_id in order if asset_id in assets]


def find_asset(wanted: str) -> Asset:
    """An asset by id, the beginning of its id (four characters or more), its title (or a part of it), or its file name.

    Raises:
        NotFoundError: none. ConflictError: several.
    """
    by_title = list(Asset.objects.filter(title__iexact=wanted.strip())[:2])
    prefix = wanted.lower().replace("-", "").strip()
    by_id = [asset for asset in Asset.objects.only("id") if asset.id.hex.startswith(prefix)] if len(prefix) >= 4 else []
    by_part = list(Asset.objects.filter(title__icontains=wanted.strip())[:2]) if wanted.strip() else []
    by_file = list(Asset.objects.filter(essence__original_name__istartswith=wanted.strip())[:2]) if wanted.strip() else []
    for found in (by_title, by_id, by_part, by_file):
        if len(found) == 1:
            return Asset.objects.get(id=found[0].id)
        if found:
            raise ConflictError(f"Several assets match “{wanted}”.", remedy="Give the asset's id.")
    raise NotFoundError(f"There is no asset “{wanted}”.")


def _card(asset: Asset, job: JobRow | None, files: dict[tuple[uuid.UUID, str], Rendition]) -> AssetCard:
    essence = getattr(asset, "essence", None)
    return AssetCard(
        id=str(asset.id),
        title=asset.title,
        original_name=essence.original_name if essence else "",
        duration_s=asset.duration_s,
        num_bytes=essence.num_bytes if essence else 0,
        created_at=asset.created_at,
        poster_url=media_url(files.get((asset.id, Rendition.Kind.POSTER))),
        has_script=bool(getattr(asset, "revision", None)),
        is_playable=(asset.id, Rendition.Kind.PROXY) in files,
        state=job.state if job else "new",
        job=job,
        collection_id=str(asset.collection_id or ""),
    )
