"""Files that came with a film: its subtitles. Content-addressed like the film itself, so that a rerun reads them again."""

from __future__ import annotations

from django.db import models

from .catalogue import Asset


class Sidecar(models.Model):
    """A subtitle file of an asset; ``name`` is what its user calls it ("film.en.srt"). One of a name: a newer one takes its place."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="sidecars")
    name = models.CharField(max_length=255)
    path = models.CharField(max_length=1000)
    num_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["asset", "name"], name="one_sidecar_of_a_name")]

    def __str__(self) -> str:
        return self.name
