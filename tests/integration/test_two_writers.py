"""No accepted change is lost when two write one script at once; OMNISCRIPT_TEST_ROUNDS plays more rounds than the suite's few."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from .processes import ROOT
from .test_servers import postgres as postgres

ROUNDS = os.environ.get("OMNISCRIPT_TEST_ROUNDS", "16")


def play(installation, **settings: str) -> dict[str, int]:
    found = installation(**settings)
    environment = {**found.environment, "DJANGO_SETTINGS_MODULE": "omniscript_mam.config.settings"}
    command = [sys.executable, "-m", "tests.integration.two_writers", ROUNDS]
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, timeout=1200, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    counts = json.loads(ended.stdout.splitlines()[-1])
    print(counts)
    return counts


def test_two_writers_on_sqlite_lose_nothing(installation):
    assert play(installation)["lost"] == 0


@pytest.mark.services
def test_two_writers_on_postgres_lose_nothing(installation, postgres):
    assert play(installation, DATABASE_URL=postgres)["lost"] == 0
