"""The Celery application of our own project, for ``celery -A omniscript_mam.config.celery`` and ``omniscript worker``."""

from __future__ import annotations

import os
from typing import Any

from celery.signals import setup_logging

from omniscript_mam.messaging.application import own_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omniscript_mam.config.settings")
app = own_application()
app.set_default()


@setup_logging.connect
def _keep_django_logging(**_: Any) -> None:
    """Connected so that Celery leaves the logging that Django configured alone."""
