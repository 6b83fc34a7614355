"""What the newsroom had before: clips, with a number of its own and a place on the shelf."""

from django.conf import settings
from django.db import models
from django.urls import reverse


class Clip(models.Model):
    """A clip as the newsroom knows it."""

    number = models.CharField(max_length=20, primary_key=True)
    slug_line = models.CharField(max_length=200)
    shelf = models.CharField(max_length=50, blank=True)
    file = models.FileField(upload_to="clips")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True)
    has_script = models.BooleanField(default=False)
    last_correction = models.CharField(max_length=200, blank=True)

    def __str__(self) -> str:
        return f"{self.number} {self.slug_line}"

    def get_absolute_url(self) -> str:
        """Its page."""
        return reverse("clip", args=[self.number])
