"""Where rows that were read are served."""

from __future__ import annotations

from omniscript_mam.models import Rendition


def media_url(rendition: Rendition | None) -> str:
    """Address of a rendition ("" for none)."""
    return rendition.address if rendition else ""
