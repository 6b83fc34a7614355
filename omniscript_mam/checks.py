"""Django system checks: what a site lacks for the app to work, each with the remedy. ``manage.py check`` runs them, so does a start.

    omniscript.E001   OMNISCRIPT cannot be understood
    omniscript.E002   the data folder cannot be written
    omniscript.E003   an app that ours needs is not installed
    omniscript.E004   no template engine finds our templates
    omniscript.E005   the base template that OMNISCRIPT names lacks a block, or is not there
    omniscript.E006   the database router sends our tables to a database that our transactions do not know
    omniscript.W001   tasks may wait for ever: neither a Celery broker nor OMNISCRIPT["BROKER_URL"]
    omniscript.W002   our addresses are not included
    omniscript.W003   SQLite gives up too soon, or fails in the middle of a transaction
    omniscript.W004   no request in our templates: forms have no token, menus no mark
    omniscript.W005   a middleware that our pages need is missing

Errors stop a start; warnings are said. Each check looks at settings only: none opens a connection.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig, apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from omniscript_mam.conf import OWN_BASE_TEMPLATE, conf, current
from omniscript_mam.errors import SettingError

TAG = "omniscript"
NEEDED_APPS = (
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "rest_framework",
)
NEEDED_MIDDLEWARE = (
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
)
DJANGO_TEMPLATES = "django.template.backends.django.DjangoTemplates"
REQUEST_PROCESSOR = "django.template.context_processors.request"
BLOCKS = ("title", "head", "main")
"""Blocks of a base template that our pages fill."""

LEAST_SQLITE_TIMEOUT_S = 20.0
"""A worker's longest transaction on a slow disk, with room; SQLite's own 5 s are passed when several workers store at once."""


@register(TAG)
def settings_are_understood(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """E001, E002: the dictionary, and the folder that it names."""
    try:
        folder = current().data_dir
    except SettingError as error:
        return [Error(str(error), hint=error.remedy, id="omniscript.E001")]
    if _may_be_written(folder):
        return []
    return [
        Error(
            f"The data folder {folder} cannot be written.",
            hint=f'Let the site\'s user own it: mkdir -p {folder}; chown <user> {folder}; or name another in OMNISCRIPT["DATA_DIR"].',
            id="omniscript.E002",
        )
    ]


@register(TAG)
def apps_are_installed(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """E003: the apps that ours stands on."""
    return [
        Error(f"OmniScript needs the app {name}.", hint=f'Add "{name}" to INSTALLED_APPS.', id="omniscript.E003")
        for name in NEEDED_APPS
        if not apps.is_installed(name)
    ]


@register(TAG)
def templates_are_found(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """E004, E005, W004: a Django template engine that looks into apps, with the request; the base template's blocks."""
    from django.template import TemplateDoesNotExist, TemplateSyntaxError
    from django.template.loader import get_template

    hint = 'Give TEMPLATES an engine "django.template.backends.django.DjangoTemplates" with "APP_DIRS": True.'
    try:
        get_template("omniscript/page.html")
    except (TemplateDoesNotExist, TemplateSyntaxError) as error:
        return [Error(f"No template engine finds the pages of OmniScript ({error}).", hint=hint, id="omniscript.E004")]
    engine: dict[str, Any] = next((engine for engine in settings.TEMPLATES if engine["BACKEND"] == DJANGO_TEMPLATES), {})
    messages: list[CheckMessage] = []
    if REQUEST_PROCESSOR not in engine.get("OPTIONS", {}).get("context_processors", []):
        hint = f'Add "{REQUEST_PROCESSOR}" to the context_processors in TEMPLATES.'
        messages.append(Warning("OmniScript's templates do not see the request.", hint=hint, id="omniscript.W004"))
    return messages + _base_template()


@register(TAG)
def tasks_are_taken(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """W001: somebody has to take the messages that wake a worker."""
    if not _settings_hold() or conf.broker_url or _has_celery_broker():
        return []
    return [
        Warning(
            "The site has no Celery broker, so OmniScript's tasks wait in the data folder.",
            hint='Configure Celery\'s broker; or set OMNISCRIPT["BROKER_URL"] = "embedded", and run `manage.py omniscript worker`.',
            id="omniscript.W001",
        )
    ]


@register(TAG)
def addresses_are_included(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """W002: the namespace has to be there."""
    from django.urls import NoReverseMatch, reverse

    if not getattr(settings, "ROOT_URLCONF", ""):
        return []
    try:
        reverse("omniscript:library")
    except NoReverseMatch:
        hint = 'Add path("footage/", include("omniscript_mam.urls")) to the site\'s urlpatterns; any prefix will do.'
        return [Warning("OmniScript's pages have no address.", hint=hint, id="omniscript.W002")]
    return []


@register(TAG)
def tables_are_in_the_default_database(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """E006: transactions of ours are those of ``default``, and links point at its content types."""
    from django.db import DEFAULT_DB_ALIAS, router

    from omniscript_mam.models import Job

    alias = router.db_for_write(Job)
    if alias == DEFAULT_DB_ALIAS:
        return []
    hint = 'Let DATABASE_ROUTERS leave the app "omniscript_mam" in "default".'
    return [Error(f"OmniScript's tables would be in the database {alias!r}.", hint=hint, id="omniscript.E006")]


@register(TAG)
def sqlite_waits(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """W003: several workers write at once, which SQLite's defaults answer with "database is locked"."""
    database = settings.DATABASES.get("default", {})
    if database.get("ENGINE") != "django.db.backends.sqlite3":
        return []
    options = database.get("OPTIONS", {})
    missing = {
        '"transaction_mode": "IMMEDIATE"': str(options.get("transaction_mode", "")).upper() not in ("IMMEDIATE", "EXCLUSIVE"),
        '"timeout": 30': float(options.get("timeout", 5.0)) < LEAST_SQLITE_TIMEOUT_S,
        '"init_command": "PRAGMA journal_mode=WAL;"': "wal" not in str(options.get("init_command", "")).lower(),
    }
    if not any(missing.values()):
        return []
    wanted = ", ".join(option for option, is_missing in missing.items() if is_missing)
    return [
        Warning(
            "With these options SQLite may answer “database is locked” while several workers store what they wrote.",
            hint=f"Add to OPTIONS of the database: {{{wanted}}}; or use PostgreSQL.",
            id="omniscript.W003",
        )
    ]


@register(TAG)
def middleware_is_there(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """W005: forms of ours carry a token, which belongs to a session."""
    return [
        Warning(f"OmniScript's pages need the middleware {name}.", hint=f'Add "{name}" to MIDDLEWARE.', id="omniscript.W005")
        for name in NEEDED_MIDDLEWARE
        if name not in settings.MIDDLEWARE
    ]


def _settings_hold() -> bool:
    try:
        current()
    except SettingError:
        return False  # E001 tells it
    return True


def _base_template() -> list[CheckMessage]:
    from django.template import TemplateDoesNotExist, TemplateSyntaxError
    from django.template.loader import get_template
    from django.template.loader_tags import BlockNode

    if not _settings_hold() or conf.base_template == OWN_BASE_TEMPLATE:
        return []
    name, hint = conf.base_template, f"Our pages fill the blocks {', '.join(BLOCKS)}; docs/plugin.md shows such a template."
    try:
        template = get_template(name).template  # type: ignore[attr-defined]
    except (TemplateDoesNotExist, TemplateSyntaxError) as error:
        return [Error(f'OMNISCRIPT["BASE_TEMPLATE"] is {name!r}, which cannot be used ({error}).', hint=hint, id="omniscript.E005")]
    from django.template.loader_tags import ExtendsNode

    if template.nodelist.get_nodes_by_type(ExtendsNode):
        return []  # its blocks may stand further up
    blocks = {node.name for node in template.nodelist.get_nodes_by_type(BlockNode)}
    return [
        Error(f"The base template {name} has no block {block!r}.", hint=hint, id="omniscript.E005")
        for block in BLOCKS
        if block not in blocks
    ]


def _may_be_written(folder: Path) -> bool:
    """True if it is there and may be written, or can be made in the nearest folder that is there."""
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def _has_celery_broker() -> bool:
    """True if the site's own Celery application names a broker. Celery's default application, which nobody configured, does not count."""
    from celery import current_app

    return bool(current_app.conf.broker_url or current_app.conf.broker_write_url)
