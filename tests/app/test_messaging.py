"""Who carries our messages: the site's own Celery where it has one, else our application over its own queue."""

from __future__ import annotations

import subprocess
import sys
import uuid

import pytest
from celery import Celery, current_app
from celery.signals import worker_ready, worker_shutting_down

from omniscript_mam.messaging import application as messaging
from omniscript_mam.models import Job
from omniscript_mam.services import publishing
from omniscript_mam.tasks import reaper


@pytest.fixture
def site():
    """A site's Celery application, current as in a site's own process; tasks run at once."""
    before = current_app._get_current_object()
    app = Celery("site", broker="memory://", set_as_current=False)
    app.conf.task_always_eager = True
    app.set_current()
    yield app
    before.set_current()


def without_broker(settings) -> None:
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "BROKER_URL": ""}


def test_a_broker_of_ours_is_served_by_our_application(settings, site):
    assert messaging.application() is messaging.own_application()
    assert messaging.own_application().main == "omniscript"


def test_a_site_with_celery_carries_our_messages(settings, site):
    without_broker(settings)
    assert messaging.application() is site
    assert {"omniscript.ingest", "omniscript.segments", "omniscript.index"} <= set(site.tasks)


def test_without_any_broker_the_queue_in_the_data_folder_is_used(settings, site):
    without_broker(settings)
    site.conf.broker_url = None
    assert messaging.application() is messaging.own_application()


@pytest.mark.django_db(transaction=True)
def test_a_message_reaches_the_task_by_the_site(settings, site, monkeypatch):
    from omniscript_mam.services.jobs import running

    without_broker(settings)
    done = []
    monkeypatch.setattr(running, "run", done.append)
    job_id = uuid.uuid4()
    publishing.wake_for_job(job_id)
    assert done == [str(job_id)]
    assert not Job.objects.exists()


def test_the_reaper_starts_and_stops_with_any_worker():
    for signal, receiver in ((worker_ready, reaper.start), (worker_shutting_down, reaper.stop)):
        assert receiver in signal._live_receivers(None)


def test_our_application_leaves_the_sites_alone():
    code = "import celery; site = celery.Celery('site', broker='memory://')\n"
    code += "import django; django.setup()\n"
    code += "from omniscript_mam.messaging.application import own_application\n"
    code += "assert own_application() is not site and celery.current_app._get_current_object() is site\n"
    code += "import sys; assert 'omniscript_mam.config.celery' not in sys.modules"
    environment = {**__import__("os").environ, "DJANGO_SETTINGS_MODULE": "omniscript_mam.config.settings"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment, timeout=60)
