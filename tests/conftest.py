"""What every test gets: a data folder of its own, a database in a file, no search model.

The database of the tests is a file, not memory: worker threads open connections of their own, and WAL with IMMEDIATE transactions is
what users run. Settings are read once per process, before this module; so the fixtures below change them afterwards.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests.chromium import browser  # noqa: F401 - one for the whole run, whichever folder asks first

# A busy machine may delay any one example; what must be quick has a test of its own that measures processor time.
hypothesis_settings.register_profile("suite", deadline=None)
hypothesis_settings.load_profile("suite")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Under ``CI=true`` a test of a server that is skipped is a failure: whoever promised to start the server did not."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true" and item.get_closest_marker("services"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome, report.longrepr = "failed", f"{item.nodeid}: under CI=true no test of a server may be skipped. {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which ffmpeg the product used: what is green with one may be red with another."""
    from omniscript_mam.programs import ffmpeg_version

    terminalreporter.write_line(ffmpeg_version())


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
