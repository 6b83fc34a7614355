"""The first step: look at the file and remember what it is."""

from __future__ import annotations

from django.utils import timezone

from omniscript_mam.models import Asset, Essence

from ..work import Work


def run(work: Work) -> None:
    """Store what the probe says of the file.

    Raises:
        MediaError: the file is refused or broken.
    """
    from inference.media import probe
    from inference.media.tracks import heard_in

    info = heard_in(probe(work.path), work.languages)
    with work.lease.guard():
        Essence.objects.filter(asset=work.asset).update(media_info=info.to_data())
        Asset.objects.filter(id=work.asset.id).update(duration_s=info.duration_s, updated_at=timezone.now())
    work.asset.essence.refresh_from_db()
