"""What the system checks say of a site that lacks something, and that they name the remedy."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from omniscript_mam import checks


@pytest.fixture(autouse=True)
def data_folder(settings, tmp_path: Path) -> Path:
    """A site that has everything; each test takes something away."""
    settings.OMNISCRIPT = {"DATA_DIR": tmp_path / "data", "BROKER_URL": "embedded"}
    return tmp_path / "data"


def said(check) -> dict[str, str]:
    """Id → message and hint."""
    return {message.id: f"{message.msg} {message.hint}" for message in check(None)}


EVERY = (
    checks.settings_are_understood, checks.apps_are_installed, checks.templates_are_found, checks.tasks_are_taken,
    checks.addresses_are_included, checks.tables_are_in_the_default_database, checks.sqlite_waits, checks.middleware_is_there,
)  # fmt: skip


@pytest.mark.parametrize("check", EVERY, ids=lambda check: check.__name__)
def test_our_own_project_lacks_nothing(check):
    assert said(check) == {}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["WRITER", "lite"], "must be a dictionary"),
        ({"WRITTER": "lite"}, "WRITER"),
        ({"LEASE_S": "30"}, "LEASE_S"),
        ({"MAX_ATTEMPTS": True}, "MAX_ATTEMPTS"),
        ({"LEASE_S": 0.5}, "at least 1"),
        ({"WRITERS": "still=a:B"}, "a list of texts"),
        ({"DATA_DIR": 7}, "a path"),
    ],
)
def test_settings_that_cannot_be_meant(settings, given, words):
    settings.OMNISCRIPT = given
    assert words in said(checks.settings_are_understood)["omniscript.E001"]


def test_no_place_for_the_films(settings):
    settings.OMNISCRIPT = {}
    assert "DATA_DIR" in said(checks.settings_are_understood)["omniscript.E001"]
    settings.BASE_DIR = "/"
    from omniscript_mam.conf import conf

    assert conf.data_dir == Path("/omniscript-data")


def test_a_folder_that_cannot_be_written(settings, tmp_path):
    (tmp_path / "file").touch()
    settings.OMNISCRIPT = {"DATA_DIR": str(tmp_path / "file" / "data")}
    assert "OMNISCRIPT[" in said(checks.settings_are_understood)["omniscript.E002"]


def test_an_app_is_missing(monkeypatch):
    monkeypatch.setattr(checks, "NEEDED_APPS", (*checks.NEEDED_APPS, "not_there"))
    assert 'Add "not_there" to INSTALLED_APPS' in said(checks.apps_are_installed)["omniscript.E003"]


def test_templates_that_nobody_finds(settings):
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0] |= {"APP_DIRS": False}
    settings.TEMPLATES = templates
    assert "APP_DIRS" in said(checks.templates_are_found)["omniscript.E004"]


def test_templates_without_the_request(settings):
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["context_processors"].remove(checks.REQUEST_PROCESSOR)
    settings.TEMPLATES = templates
    assert checks.REQUEST_PROCESSOR in said(checks.templates_are_found)["omniscript.W004"]


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be used"), ("{% block main %}{% endblock %}", "no block")])
def test_a_base_template_that_does_not_serve(settings, tmp_path, content, words):
    if content is not None:
        (tmp_path / "theirs.html").write_text(content)
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [*templates[0]["DIRS"], tmp_path]
    settings.TEMPLATES = templates
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "BASE_TEMPLATE": "theirs.html"}
    assert words in said(checks.templates_are_found)["omniscript.E005"]


def test_nobody_takes_the_tasks(settings, monkeypatch):
    settings.OMNISCRIPT = {"DATA_DIR": settings.OMNISCRIPT["DATA_DIR"]}
    monkeypatch.setattr(checks, "_has_celery_broker", lambda: False)
    assert '"embedded"' in said(checks.tasks_are_taken)["omniscript.W001"]
    monkeypatch.setattr(checks, "_has_celery_broker", lambda: True)
    assert said(checks.tasks_are_taken) == {}


@pytest.mark.urls("django.contrib.auth.urls")
def test_addresses_that_are_not_included():
    assert 'include("omniscript_mam.urls")' in said(checks.addresses_are_included)["omniscript.W002"]


def test_sqlite_as_django_opens_it(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": "django.db.backends.sqlite3", "NAME": "x"})
    hint = said(checks.sqlite_waits)["omniscript.W003"]
    assert all(word in hint for word in ("IMMEDIATE", "timeout", "WAL"))
    monkeypatch.setitem(settings.DATABASES, "default", {"ENGINE": "django.db.backends.postgresql", "NAME": "x"})
    assert said(checks.sqlite_waits) == {}


def test_a_middleware_is_missing(settings):
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "csrf" not in name]
    assert "CsrfViewMiddleware" in said(checks.middleware_is_there)["omniscript.W005"]


class Elsewhere:
    """A router that sends everything to another database."""

    def db_for_write(self, model, **hints):
        return "elsewhere"


def test_a_router_that_sends_our_tables_elsewhere(settings):
    settings.DATABASE_ROUTERS = [Elsewhere()]
    assert "DATABASE_ROUTERS" in said(checks.tables_are_in_the_default_database)["omniscript.E006"]
