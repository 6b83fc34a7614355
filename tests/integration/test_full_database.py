"""The disk under the database becomes full, really: answers in words, nothing stored is lost, and it goes on once there is room."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.small_disk import small_disk


def test_a_full_disk_under_the_database(tmp_path):
    with small_disk(tmp_path / "disk", 24 << 20) as disk:
        environment = {**os.environ, "OMNISCRIPT_DATA_DIR": str(disk), "OMNISCRIPT_MIN_FREE_BYTES": "0", "OMNISCRIPT_EMBEDDER": "none"}
        environment.pop("OMNISCRIPT_DATABASE_URL", None)
        environment.pop("DJANGO_SETTINGS_MODULE", None)
        root = Path(__file__).resolve().parents[2]
        done = subprocess.run(
            [sys.executable, "-m", "tests.integration.full_database"],
            cwd=root,
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout.splitlines()[-1])
    for what in ("patch", "upload"):
        assert told[what]["status"] == 507, told
        assert "no space left" in told[what]["error"]["message"].casefold() or "no room" in told[what]["error"]["message"], told
        assert told[what]["error"]["remedy"].startswith("Free some space"), told
    assert told["read"] == 200
    assert told["job_while_full"] in {"queued", "running"}, told
    assert told["job_waits"], told
    assert told["patch_afterwards"]["status"] == 200, told
    assert told["titles"] == ["Another " + "x" * 200], told
    assert told["integrity"] == "ok"
