"""The WSGI application, for waitress (``omniscript serve``) or any other server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "omniscript_mam.config.settings")
application = get_wsgi_application()
