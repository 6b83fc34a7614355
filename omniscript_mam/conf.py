"""The app's settings: one dictionary ``OMNISCRIPT`` of Django's settings over the defaults below, read here and nowhere else.

    OMNISCRIPT = {"DATA_DIR": "/srv/omniscript", "WRITER": "lite"}

A key is a field of :class:`Settings` in capitals. Values are read at each use, so that a test may override them.

Contents: :class:`Settings` (what there is, units in the names), :data:`conf` (what holds now).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import cast

from django.conf import settings

from omniscript_mam.errors import SettingError


@dataclass(frozen=True)
class Settings:
    """Every setting of the app with its default."""

    data_dir: Path = Path("omniscript-data")
    """Essences, renditions, spools and the embedded index."""
    broker_url: str = ""
    """Where messages to our own workers go; empty: through the site's own Celery application."""
    queue_prefix: str = ""
    """Keeps several installations on one broker apart."""
    max_upload_bytes: int = 100 << 30
    """Largest file that is taken in."""
    quota_bytes: int = 0
    """Most that essences and renditions may fill; 0: the whole disk."""
    min_free_bytes: int = 500 << 20
    """Disk space that is always left free."""
    writer: str = "lite"
    """Who writes where neither film nor collection says otherwise."""
    writers: tuple[str, ...] = ()
    """More writers, each ``name=module:Class``."""
    embedder: str = "auto"
    """What makes search vectors: ``auto`` (the pulled sentence model), ``hashed`` (no model), ``none`` (words only)."""
    segment_s: float = 0.0
    """Longest segment that the planner may make, in seconds; 0: the writer's own."""
    segment_workers: int = 8
    """How many idle workers are asked to help with one film's segments."""
    lease_s: float = 30.0
    """After how many silent seconds a worker counts as dead."""
    max_attempts: int = 5
    """After how many claims without progress a job counts as poison."""


KEYS = {field.name.upper(): field.name for field in fields(Settings)}
"""Key of the dictionary → field of :class:`Settings`."""


def current() -> Settings:
    """The settings as they are now.

    Raises:
        SettingError: ``OMNISCRIPT`` is no dictionary, or has a key that is none of ours.
    """
    given = getattr(settings, "OMNISCRIPT", {})
    if not isinstance(given, Mapping):
        raise SettingError("The setting OMNISCRIPT must be a dictionary.")
    if unknown := sorted(set(given) - set(KEYS)):
        raise SettingError(f"OMNISCRIPT[{unknown[0]!r}] is no setting.", remedy=f"There are: {', '.join(KEYS)}.")
    return Settings(**{KEYS[key]: value for key, value in given.items()})


class _Live:
    def __getattr__(self, name: str) -> object:
        return getattr(current(), name)


conf = cast(Settings, _Live())
"""``conf.lease_s`` is what ``OMNISCRIPT["LEASE_S"]`` says at this moment."""
