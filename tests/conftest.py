"""What every test gets: a data folder of its own, a database in a file, no search model.

The database of the tests is a file, not memory: worker threads open connections of their own, and WAL with IMMEDIATE transactions is
what users run. Settings are read once per process, before this module; so the fixtures below change them afterwards.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from tests.chromium import browser  # noqa: F401 - one for the whole run, whichever folder asks first


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory) -> None:
    """Put the test database into a file of this run."""
    from django.db import connections

    settings = connections["default"].settings_dict
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path_factory) -> Path:
    """A fresh data folder for each test; nothing of the user's is read or written."""
    folder = Path(tempfile.mkdtemp(dir=tmp_path_factory.getbasetemp(), prefix="data-"))
    (folder / "incoming").mkdir()
    given = {"DATA_DIR": folder, "EMBEDDER": "none", "MIN_FREE_BYTES": 0, "BROKER_URL": f"omniscript-db:///{folder}/broker.sqlite3"}
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, **given}
    settings.FILE_UPLOAD_TEMP_DIR = str(folder / "incoming")
    return folder
