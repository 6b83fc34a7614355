"""The Django application."""

from django.apps import AppConfig


class OmniScriptConfig(AppConfig):
    """``omniscript_mam`` as a Django app: a site adds it to ``INSTALLED_APPS`` and includes ``omniscript_mam.urls`` under any prefix."""

    name = "omniscript_mam"
    label = "omniscript_mam"
    verbose_name = "OmniScript MAM"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks and, with whichever Celery application runs here, the tasks."""
        from . import checks, tasks  # noqa: F401 - register by being imported
        from .sqlite import tell_read_only

        tell_read_only()
