"""Nothing but ``django-admin startproject``, one line in INSTALLED_APPS, one address, ``migrate``: every page answers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from .conftest import ROOT
from .site import Environment, Site

URLS = """
from django.urls import include, path

urlpatterns = [path("footage/", include("omniscript_mam.urls"))]
"""
OPTIONS = """
LANGUAGE_CODE = "de"
OMNISCRIPT = {"WRITER": "still", "WRITERS": ["still=still_writer:StillWriter"], "EMBEDDER": "none", "BROKER_URL": "embedded"}
DATABASES["default"]["OPTIONS"] = {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": "PRAGMA journal_mode=WAL;"}
"""


@pytest.fixture
def site(environment: Environment, tmp_path: Path) -> Site:
    environment.run("-m", "django", "startproject", "site_", str(tmp_path), folder=tmp_path)
    with (tmp_path / "site_" / "settings.py").open("a") as settings:
        settings.write('\nINSTALLED_APPS += ["rest_framework", "omniscript_mam"]\n')
    (tmp_path / "site_" / "urls.py").write_text(URLS)
    (tmp_path / "search").mkdir()
    (tmp_path / "search" / "__init__.py").write_text('raise ImportError("somebody took the site\'s app `search` for a package of ours")\n')
    return Site(environment, tmp_path, {})


def test_with_no_setting_at_all(site: Site) -> None:
    site.manage("migrate", "--verbosity", "0")
    said = site.manage("check").stderr
    assert "omniscript.W001" in said  # no broker; the hint says what to do
    assert "omniscript.E" not in said
    page = "from django.test import Client; print(Client(headers={'host': 'localhost'}).get('/footage/').status_code)"
    assert site.manage("shell", "--verbosity", "0", "--command", page).stdout.strip().endswith("200")
    assert "ingest" in site.manage("omniscript", "--help").stdout
    assert site.manage("omniscript", "jobs", "--json").stdout.strip() == "[]"


def test_one_page_of_each_kind(site: Site, film: Path) -> None:
    with (site.folder / "site_" / "settings.py").open("a") as settings:
        settings.write(OPTIONS)
    shutil.copy(ROOT / "examples" / "host_site" / "clips" / "writer.py", site.folder / "still_writer.py")
    site.manage("migrate", "--verbosity", "0")
    assert "omniscript." not in site.manage("check", "--deploy").stderr
    shutil.copy(Path(__file__).with_name("pages.py"), site.folder / "pages.py")
    done = site.environment.run("pages.py", "/footage/", str(film), folder=site.folder)
    assert json.loads(done.stdout.strip().splitlines()[-1]) == []


def test_the_database_is_the_sites_to_migrate(site: Site) -> None:
    done = site.manage("omniscript", "jobs", code=1)
    assert "manage.py migrate" in done.stderr
