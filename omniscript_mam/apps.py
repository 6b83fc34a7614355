"""The Django application."""

from django.apps import AppConfig


class OmniScriptConfig(AppConfig):
    """``omniscript_mam`` as a Django app; it can be added to another project's ``INSTALLED_APPS``."""

    name = "omniscript_mam"
    label = "omniscript_mam"
    verbose_name = "OmniScript MAM"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from omniscript_mam import tasks  # noqa: F401 - whichever Celery application runs here learns of our tasks
