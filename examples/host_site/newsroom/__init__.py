"""The newsroom's project. Its Celery application is loaded with it, as Celery's guide for Django says."""

from .celery import app as celery_app

__all__ = ["celery_app"]
