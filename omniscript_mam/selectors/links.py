"""Which asset holds the film of a row of the site's own, and the other way round."""

from __future__ import annotations

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from omniscript_mam.models import Asset, Link
from omniscript_mam.viewer import Viewer

from .visible import visible_assets


def asset_of(viewer: Viewer, row: Model) -> Asset | None:
    """The asset that a row of the site's own is linked with, or ``None`` where there is none that they see."""
    kind = ContentType.objects.get_for_model(row, for_concrete_model=True)
    return visible_assets(viewer).filter(links__content_type=kind, links__object_id=str(row.pk)).first()


def objects_of(viewer: Viewer, asset: Asset) -> list[Model]:
    """The site's own rows that are linked with an asset, oldest link first; a row that the site deleted is left out."""
    links = (
        Link.objects.filter(asset__in=visible_assets(viewer).filter(pk=asset.pk))
        .select_related("content_type")
        .prefetch_related("object")
        .order_by("created_at", "id")
    )
    return [link.object for link in links if link.object is not None]
