"""The newsroom's settings. What OmniScript needs is marked with its name; the rest was there before."""

import os
from pathlib import Path

BASE_DIR = Path(os.environ.get("NEWSROOM_DIR", Path(__file__).resolve().parents[1]))
SECRET_KEY = os.environ.get("NEWSROOM_SECRET_KEY", "only for trying it out: a site of yours has a key that nobody knows")
DEBUG = os.environ.get("NEWSROOM_DEBUG", "yes") == "yes"
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "testserver"]
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_HSTS_SECONDS = 0 if DEBUG else 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "people",
    "clips",
    "search",
    "rest_framework",  # OmniScript: its API stands on it
    "omniscript_mam",  # OmniScript
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "newsroom.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).resolve().parents[1] / "templates"],
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
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": BASE_DIR / "newsroom.sqlite3",
        # OmniScript: several workers write at once; a site on PostgreSQL needs none of this.
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": "PRAGMA journal_mode=WAL;"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Journalist"
LOGIN_URL = "admin:login"
LANGUAGE_CODE, TIME_ZONE, USE_TZ = "de", "Europe/Vienna", True
STATIC_URL, STATIC_ROOT = "static/", BASE_DIR / "static"
MEDIA_URL, MEDIA_ROOT = "media/", BASE_DIR / "media"

# An API of the newsroom's own has other rules than OmniScript's, which keeps to its own.
REST_FRAMEWORK = {"DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"]}

CELERY_BROKER_URL = os.environ.get("NEWSROOM_BROKER_URL", "filesystem://")
CELERY_TASK_DEFAULT_QUEUE = "newsroom"
if CELERY_BROKER_URL == "filesystem://":
    _MESSAGES = BASE_DIR / "messages"
    CELERY_BROKER_TRANSPORT_OPTIONS = {name: str(_MESSAGES) for name in ("data_folder_in", "data_folder_out", "control_folder")}
    _MESSAGES.mkdir(parents=True, exist_ok=True)

# OmniScript: where films are kept, and the site's own page around its pages.
OMNISCRIPT = {
    "DATA_DIR": BASE_DIR / "omniscript-data",
    "BASE_TEMPLATE": "newsroom/base.html",
    "WRITER": os.environ.get("NEWSROOM_WRITER", "lite"),
    "WRITERS": ["still=clips.writer:StillWriter"],
    "EMBEDDER": os.environ.get("NEWSROOM_EMBEDDER", "auto"),
}
