"""The library: assets with poster, duration, status and progress, a fixed number of queries per page."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, Max, OuterRef, Q, Subquery

from omniscript_mam.errors import ConflictError, NotFoundError
from omniscript_mam.models import Asset, Rendition, State
from omniscript_mam.script.folding import fold
from omniscript_mam.viewer import Viewer

from .addresses import media_url
from .identifiers import parse_uuid, uuid_range
from .jobs import JobRow, latest_jobs
from .pages import Page
from .visible import visible_assets, visible_jobs, visible_renditions, visible_revisions

SORTS: dict[str, tuple[str, ...]] = {
    "newest": ("-created_at",),
    "oldest": ("created_at",),
    "title": ("folded_title",),
    "longest": ("-duration_s",),
}
"""Ways to sort the library."""

STATE_GROUPS = {"ready": (State.DONE,), "working": (State.QUEUED, State.RUNNING), "failed": (State.FAILED, State.CANCELLED)}
"""What a person filters by → states of the newest job."""

NEW = "new"
JOB_STATES = (*State.values, NEW)
"""States of an asset, one by one: its newest job's, or that there was none."""

MIN_PREFIX = 4
"""Fewest digits of an id that stand for it; fewer are as likely meant as a title."""


@dataclass(frozen=True)
class AssetCard:
    """An asset in a list. ``has_script`` if there is something to read, ``scripted_at`` since when.

    ``state`` is its newest job's ("new" before the first), but "done" where there is a script and only the last run of its writer failed or
    was cancelled: ``is_last_run_lost`` then, and ``job`` says why.
    """

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
    scripted_at: datetime | None = None
    is_last_run_lost: bool = False

    @property
    def progress(self) -> float:
        return self.job.progress if self.job else 0.0


def library(
    viewer: Viewer,
    *,
    text: str = "",
    state: str = "",
    job_state: str = "",
    collection: str = "",
    sort: str = "newest",
    offset: int = 0,
    limit: int = 24,
) -> Page[AssetCard]:
    """Assets whose title or file name holds ``text`` and, if named, whose newest job is in one of the states of :data:`STATE_GROUPS`.

    Args:
        job_state: one of :data:`JOB_STATES`, the very state of the newest job; "" for all.
        collection: a collection's id, or ``none`` for assets that are in none; an unknown one holds nothing.
        sort: one of :data:`SORTS`; an unknown one means newest first.
    """
    chosen = visible_assets(viewer)
    if words := fold(text):
        chosen = chosen.filter(Q(folded_title__contains=words) | Q(essence__folded_name__contains=words))
    if state in STATE_GROUPS or job_state:
        newest_job = visible_jobs(viewer).filter(asset=OuterRef("pk")).order_by("-created_at").values("state")[:1]
        revisions = visible_revisions(viewer).filter(asset=OuterRef("pk"))
        chosen = chosen.annotate(newest_state=Subquery(newest_job), has_script=Exists(revisions))
        is_lost = Q(newest_state__in=STATE_GROUPS["failed"], has_script=True)  # a lost rerun: its film is shown as done
        if state in STATE_GROUPS:
            of_group = Q(newest_state__in=STATE_GROUPS[state])
            chosen = chosen.filter(of_group | is_lost if state == "ready" else of_group & ~is_lost)
        if job_state:
            of_state = Q(newest_state__isnull=True) if job_state == NEW else Q(newest_state=job_state)
            chosen = chosen.filter(of_state | is_lost if job_state == State.DONE else of_state & ~is_lost)
    if collection == "none":
        chosen = chosen.filter(collection=None)
    elif collection:
        identifier = parse_uuid(collection)
        chosen = chosen.filter(collection_id=identifier) if identifier else chosen.none()
    total = chosen.count()
    page = list(chosen.order_by(*SORTS.get(sort, SORTS["newest"]), "id")[offset : offset + limit])
    return Page(tuple(cards(viewer, page)), total, offset, limit)


def cards(viewer: Viewer, chosen: Iterable[Asset]) -> list[AssetCard]:
    """The cards of assets, in their order; those that the viewer does not see are left out."""
    order = [asset.id for asset in chosen]
    assets = {
        asset.id: asset
        for asset in visible_assets(viewer)
        .filter(id__in=order)
        .select_related("essence")
        .annotate(revision=Max("revisions__number"), scripted_at=Max("revisions__created_at"))
    }
    newest = latest_jobs(viewer, order)
    files: dict[tuple[uuid.UUID, str], Rendition] = {
        (rendition.asset_id, rendition.kind): rendition
        for rendition in visible_renditions(viewer).filter(asset_id__in=order, kind__in=[Rendition.Kind.POSTER, Rendition.Kind.PROXY])
    }
    return [_card(assets[asset_id], newest.get(asset_id), files) for asset_id in order if asset_id in assets]


def titles(viewer: Viewer, asset_ids: Iterable[str]) -> dict[str, str]:
    """Asset id → title, for those that they see."""
    wanted = [identifier for asset_id in asset_ids if (identifier := parse_uuid(asset_id))]
    return {str(asset_id): title for asset_id, title in visible_assets(viewer).filter(id__in=wanted).values_list("id", "title")}


def find_asset(viewer: Viewer, wanted: str) -> Asset:
    """An asset by id, the beginning of its id (four characters or more), its title (or a part of it), or its file name.

    Raises:
        NotFoundError: none. ConflictError: several.
    """
    words = wanted.strip()
    span = uuid_range(words) if len(words.replace("-", "")) >= MIN_PREFIX else None
    folded = fold(words)
    ways = [Q(title=words), Q(folded_title=folded)]
    if span:
        ways.append(Q(id__range=span))
    if folded:
        ways += [Q(folded_title__contains=folded), Q(essence__folded_name__startswith=folded)]
    for way in ways:
        candidates = list(visible_assets(viewer).filter(way)[:2])
        if len(candidates) > 1:
            raise ConflictError(f"Several assets match “{wanted}”.", remedy="Give the asset's id.")
        if candidates:
            return candidates[0]
    raise NotFoundError(f"There is no asset “{wanted}”.")


def _card(asset: Asset, job: JobRow | None, files: dict[tuple[uuid.UUID, str], Rendition]) -> AssetCard:
    essence = getattr(asset, "essence", None)
    has_script = bool(getattr(asset, "revision", None))
    is_last_run_lost = has_script and job is not None and job.state in STATE_GROUPS["failed"]
    return AssetCard(
        id=str(asset.id),
        title=asset.title,
        original_name=essence.original_name if essence else "",
        duration_s=asset.duration_s,
        num_bytes=essence.num_bytes if essence else 0,
        created_at=asset.created_at,
        poster_url=media_url(files.get((asset.id, Rendition.Kind.POSTER))),
        has_script=has_script,
        scripted_at=getattr(asset, "scripted_at", None),
        is_last_run_lost=is_last_run_lost,
        is_playable=(asset.id, Rendition.Kind.PROXY) in files,
        state=NEW if job is None else str(State.DONE) if is_last_run_lost else job.state,
        job=job,
        collection_id=str(asset.collection_id or ""),
    )
