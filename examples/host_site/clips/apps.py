"""The newsroom's clips."""

from django.apps import AppConfig


class ClipsConfig(AppConfig):
    """Connects what the newsroom wants to hear of OmniScript."""

    name = "clips"

    def ready(self) -> None:
        """Connect the receivers."""
        from . import receivers  # noqa: F401
