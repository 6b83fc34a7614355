"""Assets on the wire."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, TypedDict

from omniscript_mam.selectors.assets import AssetDetail, RevisionRow, SidecarRow
from omniscript_mam.selectors.jobs import JobRow
from omniscript_mam.selectors.library import AssetCard

from .jobs import JobWire, job_wire


class AssetWire(TypedDict):
    """An asset in a list.

    Attributes:
        state: that of its newest job; ``new`` before the first; ``done`` where there is a script and only the last run failed.
        has_script, is_playable: there is a script, a proxy.
        poster_url: address on this site, "" while there is none.
        collection_id: "" where it is in none.
        job: the newest one.
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
    job: JobWire | None
    collection_id: str


class RevisionWire(TypedDict):
    """One revision of a script. ``writer`` is ``person`` for a correction, whose ``author`` made it."""

    number: int
    writer: str
    writer_version: str
    author: str
    note: str
    created_at: datetime


class FilesWire(TypedDict):
    """Addresses of what is derived from the essence; "" while it is not made."""

    proxy: str
    poster: str
    sprite: str
    sprite_vtt: str
    waveform: str


class AssetDetailWire(AssetWire):
    """An asset by itself, without its script. ``revision`` is the current one's number, 0 for none; ``revisions`` are newest first."""

    media_info: dict[str, Any]
    sha256: str
    revision: int
    revisions: list[RevisionWire]
    files: FilesWire


class SubtitleWire(TypedDict):
    """A subtitle file. ``is_read``: it was there when the script was last written."""

    id: int
    name: str
    num_bytes: int
    created_at: datetime
    is_read: bool


class SubtitlesWire(TypedDict):
    """The subtitle files of an asset, by name."""

    results: list[SubtitleWire]


class UploadWire(TypedDict):
    """What an upload answers. ``created`` is false for a file that is in the archive already; ``asset`` is that one then, and ``note``
    tells both names."""

    asset: AssetWire
    created: bool
    note: str
    job: JobWire


def asset_wire(card: AssetCard) -> AssetWire:
    """An asset in a list."""
    return AssetWire(
        id=card.id,
        title=card.title,
        original_name=card.original_name,
        duration_s=card.duration_s,
        num_bytes=card.num_bytes,
        created_at=card.created_at,
        poster_url=card.poster_url,
        has_script=card.has_script,
        is_playable=card.is_playable,
        state=card.state,
        job=job_wire(card.job) if card.job else None,
        collection_id=card.collection_id,
    )


def asset_detail_wire(detail: AssetDetail) -> AssetDetailWire:
    """An asset by itself."""
    return AssetDetailWire(
        **asset_wire(detail.card),
        media_info=detail.media_info,
        sha256=detail.sha256,
        revision=detail.revision,
        revisions=[revision_wire(row) for row in detail.revisions],
        files=FilesWire(
            proxy=detail.proxy_url,
            poster=detail.poster_url,
            sprite=detail.sprite_url,
            sprite_vtt=detail.sprite_vtt_url,
            waveform=detail.waveform_url,
        ),
    )


def revision_wire(row: RevisionRow) -> RevisionWire:
    """One revision of a script."""
    return RevisionWire(
        number=row.number,
        writer=row.writer,
        writer_version=row.writer_version,
        author=row.author,
        note=row.note,
        created_at=row.created_at,
    )


def upload_wire(card: AssetCard, job: JobRow, *, created: bool, note: str = "") -> UploadWire:
    """What an upload answers."""
    return UploadWire(asset=asset_wire(card), created=created, note=note, job=job_wire(job))


def subtitles_wire(rows: Iterable[SidecarRow]) -> SubtitlesWire:
    """The subtitle files of an asset."""
    results = [
        SubtitleWire(id=row.id, name=row.name, num_bytes=row.num_bytes, created_at=row.created_at, is_read=row.is_read) for row in rows
    ]
    return SubtitlesWire(results=results)
