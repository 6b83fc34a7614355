"""The Celery application that carries our messages.

A site that runs Celery runs our tasks like its own. Where it has none, or names a broker for us in ``OMNISCRIPT["BROKER_URL"]``, an
application of ours does: with that broker or, without one, over a queue in the data folder. Ours never becomes the
process's default application, so that the site's own tasks stay where they belong.
"""

from __future__ import annotations

from functools import lru_cache

from celery import Celery, current_app

from omniscript_mam.conf import conf

from .transport import register


def application() -> Celery:
    """The application through which messages are sent in this process."""
    if conf.broker_url or not current_app.conf.broker_url:
        return own_application()
    site: Celery = current_app._get_current_object()
    return site


@lru_cache(maxsize=1)
def own_application() -> Celery:
    """Our own application. Its settings are read when it is first used."""
    register()
    app = Celery("omniscript", set_as_current=False)
    app.config_from_object("omniscript_mam.messaging.celery_settings")
    return app
