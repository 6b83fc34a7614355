"""What a site answers while the disk under its SQLite database is full, and what is in it afterwards; prints JSON.

python -m tests.integration.full_database     (OMNISCRIPT_DATA_DIR on a small disk)
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sqlite3
from pathlib import Path
from typing import Any

import django


def fill(folder: Path) -> Path:
    """Take every byte of the disk, the half blocks too."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(folder).free)
        try:
            while file.write(bytes(512)):
                pass
        except OSError:
            return ballast
    return ballast


def answer(response: Any) -> dict[str, Any]:
    """Status and error of an answer."""
    return {"status": response.status_code, "error": json.loads(response.content).get("error", {}) if response.content else {}}


def main() -> None:
    """Fill the disk, ask, make room, ask again."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omniscript_mam.config.settings")
    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client

    from omniscript_mam.models import Asset, Job, State
    from omniscript_mam.services.archive import assets
    from omniscript_mam.services.jobs import ingest, running
    from omniscript_mam.viewer import EVERYBODY
    from tests.essences import essence

    call_command("migrate", verbosity=0)
    folder = Path(os.environ["OMNISCRIPT_DATA_DIR"])
    kept, _ = assets.register_upload(EVERYBODY, io.BytesIO(essence(b"kept")), "kept.mp4")
    job = ingest.enqueue(EVERYBODY, kept)
    client = Client(HTTP_HOST="localhost")
    asked = {"data": json.dumps({"title": "Another " + "x" * 200}), "content_type": "application/json"}
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ballast = fill(folder)
    told = {"patch": answer(client.patch(f"/api/v1/assets/{kept.id}", **asked))}
    told["upload"] = answer(client.post("/api/v1/assets", {"file": io.BytesIO(essence(b"new")), "title": "New"}))
    told["read"] = client.get(f"/api/v1/assets/{kept.id}").status_code
    try:
        told["job"] = running.run(job.id)
    except Exception as error:  # noqa: BLE001 (which it is is what is looked at)
        told["job"] = f"{type(error).__name__}: {error}"
    told["job_while_full"] = Job.objects.get(id=job.id).state
    ballast.unlink()
    told["patch_afterwards"] = answer(client.patch(f"/api/v1/assets/{kept.id}", **asked))
    told["titles"] = sorted(Asset.objects.values_list("title", flat=True))
    told["job_waits"] = Job.objects.filter(id=job.id, state__in=(State.QUEUED, State.RUNNING)).exists()
    with sqlite3.connect(folder / "omniscript.sqlite3") as database:
        told["integrity"] = database.execute("PRAGMA integrity_check").fetchone()[0]
    print(json.dumps(told))


if __name__ == "__main__":
    main()
