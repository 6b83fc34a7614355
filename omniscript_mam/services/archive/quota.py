"""How much room there is: free space of the disk, and the quota."""

from __future__ import annotations

import shutil

from django.db.models import Sum

from omniscript_mam import storage
from omniscript_mam.conf import conf
from omniscript_mam.errors import StorageFullError
from omniscript_mam.models import Essence, Rendition


def check_room(num_bytes: int, *, taken: int = 0) -> None:
    """Make sure that ``num_bytes`` more may be written, ``taken`` being on the disk but not yet in the catalogue.

    Raises:
        StorageFullError: the disk would have less than OMNISCRIPT_MIN_FREE_BYTES left, or the quota would be passed.
    """
    free = shutil.disk_usage(storage.folder("incoming")).free
    if free - num_bytes < conf.min_free_bytes:
        raise StorageFullError(f"There is no room for {num_bytes / 1e6:.1f} MB: {free / 1e6:.0f} MB are free on the disk.")
    quota = conf.quota_bytes
    if quota and used_bytes() + taken + num_bytes > quota:
        raise StorageFullError(f"There is no room for {(taken + num_bytes) / 1e6:.1f} MB: the quota of {quota / 1e6:.1f} MB is used up.")


def used_bytes() -> int:
    """Bytes of all essences and renditions."""
    essences = Essence.objects.aggregate(total=Sum("num_bytes"))["total"] or 0
    renditions = Rendition.objects.aggregate(total=Sum("num_bytes"))["total"] or 0
    return int(essences + renditions)
