"""What a viewer sees: the rows that every selector and service starts from. No other module decides it."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet

from omniscript_mam.models import Asset, Collection, Job, PlanSummary, Rendition, SavedMoment, SavedSearch, ScriptRevision
from omniscript_mam.viewer import Action, Viewer, cli_viewer

Row = TypeVar("Row", bound=Model)


def visible_assets(viewer: Viewer) -> QuerySet[Asset]:
    """Assets of the collections that they see."""
    return _of_seen(viewer, Asset.objects.all(), "collection")


def visible_collections(viewer: Viewer) -> QuerySet[Collection]:
    """Collections that they see, empty ones included."""
    return _of_seen(viewer, Collection.objects.all(), "pk")


def visible_jobs(viewer: Viewer) -> QuerySet[Job]:
    """Jobs of visible assets."""
    return _of_seen(viewer, Job.objects.all(), "asset__collection")


def visible_renditions(viewer: Viewer) -> QuerySet[Rendition]:
    """Files of visible assets."""
    return _of_seen(viewer, Rendition.objects.all(), "asset__collection")


def visible_revisions(viewer: Viewer) -> QuerySet[ScriptRevision]:
    """Scripts of visible assets."""
    return _of_seen(viewer, ScriptRevision.objects.all(), "asset__collection")


def visible_plans(viewer: Viewer) -> QuerySet[PlanSummary]:
    """What was planned for visible assets."""
    return _of_seen(viewer, PlanSummary.objects.all(), "job__asset__collection")


def visible_saved_searches(viewer: Viewer) -> QuerySet[SavedSearch]:
    """Saved searches of theirs; whoever stands at the machine itself also keeps those of everybody without a name."""
    owners = {viewer.user_id} | ({""} if viewer.user_id == cli_viewer().user_id else set())
    return SavedSearch.objects.filter(owner__in=owners) if viewer.may(Action.VIEW) else SavedSearch.objects.none()


def visible_saved_moments(viewer: Viewer) -> QuerySet[SavedMoment]:
    """Moments of these, in visible assets."""
    return _of_seen(viewer, SavedMoment.objects.filter(search__in=visible_saved_searches(viewer)), "asset__collection")


def _of_seen(viewer: Viewer, rows: QuerySet[Row], collection: str) -> QuerySet[Row]:
    """``rows`` whose ``collection`` (a look-up's path) the viewer sees."""
    if not viewer.may(Action.VIEW):
        return rows.none()
    if viewer.collections is None:
        return rows
    seen: dict[str, Any] = {f"{collection}__in": viewer.collections - {""}}
    in_none: dict[str, Any] = {f"{collection}__isnull": True}
    return rows.filter(Q(**seen) | Q(**in_none) if "" in viewer.collections else Q(**seen))
