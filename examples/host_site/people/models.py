"""The newsroom's own user model."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class Journalist(AbstractUser):
    """Somebody who works here."""

    desk = models.CharField(max_length=100, blank=True)
