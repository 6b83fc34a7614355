"""Script → records. Signature first."""

from __future__ import annotations

from omniscript_mam.script import Script

from .types import Record


def build_records(script: Script, asset_id: str, title: str, revision: int) -> list[Record]:
    """Project a script into its records: one per scene and one per event, in time order."""
    raise NotImplementedError
