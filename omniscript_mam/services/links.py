"""Ways in for the site that we are added to: tie its own rows to our assets, and have the film of a row taken in.

    from omniscript_mam.services.links import asset_of, ingest_for
    from omniscript_mam.viewer import viewer_of

    viewer = viewer_of(request)                  # who asks; SYSTEM where nobody does, as in receivers of signals
    ingest_for(viewer, clip, clip.file)          # takes the file in, ties it to the row, asks for its script
    asset_of(viewer, clip).revisions.first()     # … which is there once `script_written` was sent

Contents: :func:`ingest_for`, :func:`link`, :func:`unlink`; :func:`asset_of` and :func:`objects_of` are selectors, named here for the site.
"""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from django.contrib.contenttypes.models import ContentType
from django.core.files import File
from django.db.models import Model

from omniscript_mam.errors import ConflictError
from omniscript_mam.models import Asset, Job, Link
from omniscript_mam.selectors.links import asset_of, objects_of
from omniscript_mam.viewer import Action, Viewer

from .archive.assets import register_upload
from .archive.sidecars import attach_beside
from .jobs.ingest import enqueue

__all__ = ["asset_of", "ingest_for", "link", "objects_of", "unlink"]


def link(viewer: Viewer, row: Model, asset: Asset) -> Link:
    """Tie a row of the site's own to an asset; a tie that it had goes.

    Raises:
        ForbiddenError. ConflictError: the row is not saved yet, so that it has no key.
    """
    viewer.require(Action.CORRECT, asset.collection_id)
    if row.pk is None:
        raise ConflictError("A row that is not saved cannot be linked.", remedy="Save it first.")
    kind = ContentType.objects.get_for_model(row, for_concrete_model=True)
    tied, _ = Link.objects.update_or_create(content_type=kind, object_id=str(row.pk), defaults={"asset": asset})
    return tied


def unlink(viewer: Viewer, row: Model) -> None:
    """Take the tie of a row away, if it has one; the asset stays. For the site's ``post_delete``.

    Raises:
        ForbiddenError
    """
    viewer.require(Action.CORRECT)
    kind = ContentType.objects.get_for_model(row, for_concrete_model=True)
    Link.objects.filter(content_type=kind, object_id=str(row.pk)).delete()


def ingest_for(
    viewer: Viewer, row: Model, source: Path | str | IO[bytes] | File[bytes], *, title: str = "", options: dict[str, Any] | None = None
) -> Job:
    """Take the film of a row in, tie it to the row, and ask for its script.

    Args:
        row: of the site's own, saved.
        source: a path, an open binary file, or the row's ``FileField``, in whatever storage it is: the bytes are copied to our data folder.
        title: in our catalogue; ``str(row)`` where empty.
        options: ingest settings (``writer``, ``languages`` …).

    Returns:
        The job; the last one where the same bytes are in the archive already.

    Raises:
        UploadError, StorageFullError: the file was not taken; nothing was kept.
        ForbiddenError. ConflictError: the row is not saved yet.
    """
    if row.pk is None:
        raise ConflictError("A row that is not saved cannot be linked.", remedy="Save it first.")
    source = Path(source) if isinstance(source, str) else source
    name = source.name if isinstance(source, Path) else str(getattr(source, "name", "") or "film")
    if isinstance(source, File):
        with source.open("rb") as stream:
            asset, _ = register_upload(viewer, stream, name, title=title or str(row), options=options)
    else:
        asset, _ = register_upload(viewer, source, name, title=title or str(row), options=options)
    if isinstance(source, Path):
        attach_beside(viewer, asset, source)
    link(viewer, row, asset)
    return enqueue(viewer, asset)
