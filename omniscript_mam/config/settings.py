"""Django's settings, read from ``OMNISCRIPT_*`` variables; without any, everything is embedded and local.

========================  =====================================================  ==========================================
variable                  meaning                                                default
========================  =====================================================  ==========================================
DATA_DIR                  essences, renditions, index, embedded databases        $XDG_DATA_HOME/omniscript
DATABASE_URL              sqlite:///…, postgres://…                              SQLite in the data folder
BROKER_URL                omniscript-db:///…, redis://…, amqp://…                leased queue in the data folder
QUEUE_PREFIX              keeps several installations on one broker apart        none
SECRET_KEY                signs cookies                                          made once, kept in the data folder (0600)
ALLOWED_HOSTS             names under which the page may be asked for            localhost, 127.0.0.1, [::1]
TRUSTED_ORIGINS           origins behind a proxy (https://mam.example.org)       none
DEBUG                     tracebacks in the browser; never in public             no
LANGUAGE, TIME_ZONE       of the page                                            en, UTC
MAX_UPLOAD_BYTES          largest file taken                                     100G
QUOTA_BYTES               most that essences and renditions may fill; 0 = all    0
MIN_FREE_BYTES            disk space always left free                            500M
WRITER, WRITERS           the writer of new jobs; more writers name=module:Class lite
EMBEDDER                  auto, hashed (no model), none (words only)             auto
SEGMENT_S                 longest segment that the planner may make, seconds     the writer's own
LEASE_S                   after how long a silent worker counts as dead          30
MAX_ATTEMPTS              after how many claims a job counts as poison           5
SECURE                    the page is served over HTTPS: cookies say so          no
========================  =====================================================  ==========================================
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import dj_database_url

from omniscript_mam.config import environment

PACKAGE_DIR = Path(__file__).resolve().parents[1]
_DATA_DIR = environment.make_data_dir(environment.data_dir())

SECRET_KEY = environment.secret_key(_DATA_DIR)
DEBUG = environment.flag("DEBUG")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = environment.words("TRUSTED_ORIGINS")

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
    "omniscript_mam.config.security.SecurityHeadersMiddleware",
    "omniscript_mam.config.security.SameOriginApiMiddleware",
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


def database(url: str) -> dict[str, Any]:
    """Django's settings of one database from its URL; SQLite gets write-ahead log, busy timeout and IMMEDIATE transactions."""
    found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    if found["ENGINE"] == "django.db.backends.sqlite3":
        found["OPTIONS"] = {**_SQLITE_OPTIONS, **found.get("OPTIONS", {})}
    return found


DATABASES = {"default": database(environment.text("DATABASE_URL", f"sqlite:///{quote(str(_DATA_DIR / 'omniscript.sqlite3'))}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LANGUAGE_CODE = environment.text("LANGUAGE", "en")
TIME_ZONE = environment.text("TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
WHITENOISE_USE_FINDERS = True  # no collectstatic: a light install serves its own few files
WHITENOISE_MAX_AGE = 300

FILE_UPLOAD_TEMP_DIR = str(_DATA_DIR / "incoming")
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 << 20
(_DATA_DIR / "incoming").mkdir(mode=0o700, exist_ok=True)

OMNISCRIPT = {
    "DATA_DIR": _DATA_DIR,
    "BROKER_URL": environment.text("BROKER_URL", f"omniscript-db:///{quote(str(_DATA_DIR / 'broker.sqlite3'))}"),
    "QUEUE_PREFIX": environment.text("QUEUE_PREFIX"),
    "MAX_UPLOAD_BYTES": environment.num_bytes("MAX_UPLOAD_BYTES", 100 << 30),
    "QUOTA_BYTES": environment.num_bytes("QUOTA_BYTES", 0),
    "MIN_FREE_BYTES": environment.num_bytes("MIN_FREE_BYTES", 500 << 20),
    "WRITER": environment.text("WRITER", "lite"),
    "WRITERS": tuple(environment.words("WRITERS")),
    "EMBEDDER": environment.text("EMBEDDER", "auto"),
    "SEGMENT_S": environment.number("SEGMENT_S", 0.0),
    "SEGMENT_WORKERS": int(environment.number("SEGMENT_WORKERS", 8.0, least=0)),
    "LEASE_S": environment.number("LEASE_S", 30.0, least=1.0),
    "MAX_ATTEMPTS": int(environment.number("MAX_ATTEMPTS", 5, least=1)),
}

X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = environment.flag("SECURE")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if environment.flag("SECURE") else None

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": [
        "rest_framework.parsers.JSONParser",
        "rest_framework.parsers.MultiPartParser",
        "rest_framework.parsers.FileUploadParser",
    ],
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.AllowAny"],
    "EXCEPTION_HANDLER": "omniscript_mam.api.errors.exception_handler",
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": environment.text("LOG_LEVEL", "INFO").upper()},
    "loggers": {"django.request": {"level": "ERROR"}},
}
