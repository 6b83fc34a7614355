"""One asset: what it is, its files to play, its script."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any

from omniscript_mam.errors import NotFoundError
from omniscript_mam.models import Asset, Rendition, ScriptRevision, State
from omniscript_mam.script import Script, from_data
from omniscript_mam.viewer import Viewer

from .addresses import media_url
from .library import AssetCard, cards
from .visible import visible_assets, visible_jobs, visible_revisions


@dataclass(frozen=True)
class RevisionRow:
    """One revision in the history."""

    number: int
    writer: str
    writer_version: str
    author: str
    note: str
    created_at: Any
    kind: str = ""
    restores: int = 0


@dataclass(frozen=True)
class SidecarRow:
    """A subtitle file of a film. ``is_read``: it was there when a writer last wrote the script."""

    id: int
    name: str
    num_bytes: int
    created_at: Any
    is_read: bool


@dataclass(frozen=True)
class AssetDetail:
    """Everything that an asset's page shows.

    Attributes:
        script: the current script, or ``None`` while none is written; ``revision`` its number (0 for none).
        media_info: what the probe found (plain JSON; empty before).
        proxy_url, poster_url, sprite_url, sprite_vtt_url, waveform_url: "" while not made.
        sprite: the sprite sheet's measures (columns, tile size, seconds between tiles …), as the media module gave them.
        sidecars: subtitle files that came with it.
    """

    card: AssetCard
    script: Script | None
    revision: int
    revisions: tuple[RevisionRow, ...]
    media_info: dict[str, Any]
    sha256: str
    proxy_url: str = ""
    proxy_mime_type: str = ""
    poster_url: str = ""
    sprite_url: str = ""
    sprite_vtt_url: str = ""
    waveform_url: str = ""
    sprite: dict[str, Any] = field(default_factory=dict)
    sidecars: tuple[SidecarRow, ...] = ()


def get_asset(viewer: Viewer, asset_id: uuid.UUID | str) -> Asset:
    """The asset's row.

    Raises:
        NotFoundError
    """
    try:
        asset = visible_assets(viewer).filter(id=uuid.UUID(str(asset_id))).select_related("essence", "collection").first()
    except ValueError:
        asset = None
    if asset is None:
        raise NotFoundError(f"There is no asset {asset_id}.")
    return asset


def asset_detail(viewer: Viewer, asset_id: uuid.UUID | str) -> AssetDetail:
    """One asset with its current script.

    Raises:
        NotFoundError
    """
    asset = get_asset(viewer, asset_id)
    files = {rendition.kind: rendition for rendition in asset.renditions.all()}
    rows = revision_rows(viewer, asset)
    proxy, sprite = files.get(Rendition.Kind.PROXY), files.get(Rendition.Kind.SPRITE)
    return AssetDetail(
        card=cards(viewer, [asset])[0],
        script=current_script(viewer, asset.id),
        revision=rows[0].number if rows else 0,
        revisions=rows,
        media_info=asset.essence.media_info,
        sha256=asset.essence.sha256,
        proxy_url=media_url(proxy),
        proxy_mime_type=proxy.mime_type if proxy else "",
        poster_url=media_url(files.get(Rendition.Kind.POSTER)),
        sprite_url=media_url(sprite),
        sprite_vtt_url=media_url(files.get(Rendition.Kind.SPRITE_VTT)),
        waveform_url=media_url(files.get(Rendition.Kind.WAVEFORM)),
        sprite=sprite.details if sprite else {},
        sidecars=sidecar_rows(viewer, asset),
    )


def sidecar_rows(viewer: Viewer, asset: Asset) -> tuple[SidecarRow, ...]:
    """The subtitle files of a film, by name."""
    written = visible_revisions(viewer).filter(asset=asset, kind=ScriptRevision.Kind.WRITTEN).order_by("-number")
    planned = visible_jobs(viewer).filter(asset=asset, state=State.DONE, steps__name="plan", steps__started_at__isnull=False)
    since = written.values_list("created_at", flat=True).first()
    began = planned.order_by("-steps__started_at").values_list("steps__started_at", flat=True).first()
    since = since and (began or since)  # the plan is what reads subtitles
    return tuple(
        SidecarRow(row.id, row.name, row.num_bytes, row.created_at, since is not None and row.created_at <= since)
        for row in asset.sidecars.order_by("name")
    )


@dataclass(frozen=True)
class Loss:
    """What goes with an asset when it is deleted."""

    title: str
    original_name: str
    num_bytes: int
    num_revisions: int
    num_corrections: int
    sidecars: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """In plain words, the worst first."""
        script = f"its script in {self.num_revisions} revision{'s' * (self.num_revisions != 1)}" if self.num_revisions else ""
        people = f", {self.num_corrections} of them corrections by people" if self.num_corrections else ""
        lines = (
            f"the original file “{self.original_name}” ({self.num_bytes / 1e6:.1f} MB)",
            script + people,
            f"its subtitle file{'s' * (len(self.sidecars) != 1)} {', '.join(self.sidecars)}" if self.sidecars else "",
            "its player copy and pictures",
        )
        return tuple(line for line in lines if line)


def loss_of(viewer: Viewer, asset_id: uuid.UUID | str) -> Loss:
    """What deleting an asset would take away.

    Raises:
        NotFoundError
    """
    asset = get_asset(viewer, asset_id)
    corrections = asset.revisions.filter(writer="person").count()
    essence, names = asset.essence, tuple(asset.sidecars.order_by("name").values_list("name", flat=True))
    return Loss(asset.title, essence.original_name, essence.num_bytes, asset.revisions.count(), corrections, names)


def revision_rows(viewer: Viewer, asset: Asset) -> tuple[RevisionRow, ...]:
    """The history of its script, newest first."""
    names = ("number", "writer", "writer_version", "author", "note", "created_at", "kind", "restores")
    return tuple(RevisionRow(*values) for values in visible_revisions(viewer).filter(asset=asset).order_by("-number").values_list(*names))


def current_revision(viewer: Viewer, asset_id: uuid.UUID | str) -> int:
    """The number of the asset's current revision; 0 if it has no script."""
    number = visible_revisions(viewer).filter(asset_id=asset_id).order_by("-number").values_list("number", flat=True).first()
    return number or 0


def current_script(viewer: Viewer, asset_id: uuid.UUID | str) -> Script | None:
    """The asset's current script, or ``None``."""
    revision = visible_revisions(viewer).filter(asset_id=asset_id).order_by("-number").first()
    return from_data(revision.document) if revision else None


def script_revision(viewer: Viewer, asset_id: uuid.UUID | str, number: int) -> Script:
    """One revision of the script.

    Raises:
        NotFoundError
    """
    revision = visible_revisions(viewer).filter(asset_id=asset_id, number=number).first()
    if revision is None:
        raise NotFoundError(f"There is no revision {number}.")
    return from_data(revision.document)
