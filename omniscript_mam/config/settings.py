"""Django's settings of our own project, read from ``OMNISCRIPT_*`` variables; without any, everything is embedded and local.

The app's variables are the fields of :class:`omniscript_mam.conf.Settings`, the project's those of :class:`.project.Project`;
``python -m omniscript_mam.config.reference`` prints both as a table.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import dj_database_url

from omniscript_mam.conf import EMBEDDED_BROKER, Settings
from omniscript_mam.config import environment
from omniscript_mam.config.project import Project
from omniscript_mam.errors import SettingError

PACKAGE_DIR = Path(__file__).resolve().parents[1]
_PROJECT = Project(**environment.given(Project))
_DATA_DIR = environment.make_data_dir(environment.data_dir())

SECRET_KEY = environment.secret_key(_DATA_DIR)
DEBUG = _PROJECT.debug
ALLOWED_HOSTS = list(_PROJECT.allowed_hosts)
TRUSTED_PROXY = _PROJECT.trusted_proxy
PREFIX = f"/{_PROJECT.prefix.strip('/')}" if _PROJECT.prefix.strip("/") else ""
CSRF_TRUSTED_ORIGINS = list(_PROJECT.trusted_origins)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "omniscript_mam",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "omniscript_mam.config.security.ConfineMiddleware",
    "omniscript_mam.config.security.KnownHostMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "omniscript_mam.config.urls"
WSGI_APPLICATION = "omniscript_mam.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

_SQLITE_OPTIONS: dict[str, Any] = {
    # IMMEDIATE takes the write lock at BEGIN, so that a transaction waits at its start and never fails in its middle.
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16000; PRAGMA mmap_size=134217728;",
}


_READ_ONLY_OPTIONS: dict[str, Any] = {"uri": True, "timeout": 30}
"""Of a database in a folder that cannot be written: no write-ahead log is begun, no write lock is taken."""


ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")
DATABASE_REMEDY = "Give sqlite:///PATH or postgres://USER:PASSWORD@HOST:PORT/NAME."


def database(url: str) -> dict[str, Any]:
    """Django's settings of one database from its URL; SQLite gets write-ahead log, busy timeout and IMMEDIATE transactions.

    Raises:
        SettingError: it is no URL of a database. The URL is not repeated: it may hold a password.
    """
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    except (ValueError, KeyError) as error:
        raise SettingError(f"OMNISCRIPT_DATABASE_URL cannot be understood ({type(error).__name__}).", remedy=DATABASE_REMEDY) from None
    if found.get("ENGINE") not in ENGINES:
        raise SettingError("OMNISCRIPT_DATABASE_URL names a database that is not supported.", remedy=DATABASE_REMEDY)
    if found["ENGINE"] == "django.db.backends.sqlite3":
        found["OPTIONS"] = {**_SQLITE_OPTIONS, **found.get("OPTIONS", {})}
    return found


def _read_only(database: dict[str, Any]) -> dict[str, Any]:
    """The same SQLite database for reading; one that was closed cleanly has no write-ahead log beside it, and needs no lock file."""
    path = Path(database["NAME"])
    is_closed = not path.with_name(f"{path.name}-wal").exists()
    name = f"file:{quote(str(path))}?mode=ro{'&immutable=1' if is_closed else ''}"
    return {**database, "NAME": name, "OPTIONS": dict(_READ_ONLY_OPTIONS)}


DATABASES = {"default": database(_PROJECT.database_url or f"sqlite:///{quote(str(_DATA_DIR / 'omniscript.sqlite3'))}")}
if environment.is_read_only(_DATA_DIR) and not _PROJECT.database_url:
    DATABASES["default"] = _read_only(DATABASES["default"])
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = _PROJECT.language
TIME_ZONE = _PROJECT.time_zone
USE_I18N = True
USE_TZ = True

STATIC_URL = f"{PREFIX}/static/"
WHITENOISE_STATIC_PREFIX = "/static/"  # as it arrives here, without the proxy's path
WHITENOISE_USE_FINDERS = True  # no collectstatic: a light install serves its own few files
WHITENOISE_MAX_AGE = 300

FILE_UPLOAD_TEMP_DIR = str(_DATA_DIR / "incoming")
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
(_DATA_DIR / "incoming").mkdir(mode=0o700, exist_ok=True)

OMNISCRIPT = {
    "BROKER_URL": EMBEDDED_BROKER,
    **{name.upper(): value for name, value in environment.given(Settings).items()},
    "DATA_DIR": _DATA_DIR,
}

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _PROJECT.secure
# With a trusted proxy the server itself reads what that one says of the visitor's scheme, and nobody else's word.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _PROJECT.secure and not TRUSTED_PROXY else None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": _PROJECT.log_level.upper()},
    "loggers": {"django.request": {"level": "ERROR"}},
}
